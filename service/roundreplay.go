package service

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// retold is a round as it is told again before money is shared: a sealed one by its records, from the log and the
// files alone, an open one by its rows (recount).
type retold struct {
	*grants.Round
	svc   *Service
	row   Round
	facts facts
	job   *lease // told of progress; nil: nobody is
	size  int    // of a page
	batch []grants.Record
}

// replayRound applies all records of a closed round, results and payouts too. Sealed gifts are opened, and what is
// in them was never examined: that is done on their records.
func (s *Service) replayRound(ctx context.Context, r Round, f facts, job *lease) (*retold, error) {
	p, err := s.untold(ctx, r, f)
	if err != nil {
		return nil, err
	}
	p.job = job
	if r.Beacon != 0 {
		return p, p.all(ctx)
	}
	return p, p.recount(ctx)
}

// untold is a round before its first record.
func (s *Service) untold(ctx context.Context, r Round, f facts) (*retold, error) {
	m, err := grants.ParseManifest(r.Manifest)
	if err != nil {
		return nil, err
	}
	roll, err := s.Blob(ctx, m.Roll.File.SHA256)
	if err != nil {
		return nil, err
	}
	p := &retold{svc: s, row: r, facts: f, size: readBatch}
	if r.Beacon != 0 {
		p.Round, err = grants.New(r.Manifest, roll)
	} else {
		p.size = giftPage
		p.Round, err = grants.NewRecorded(r.Manifest, roll, r.Gifts)
	}
	return p, err
}

func (p *retold) all(ctx context.Context) error {
	for n, more := int64(0), true; more; {
		var err error
		if n, more, err = p.page(ctx, n); err != nil {
			return fmt.Errorf("replaying round %s: %w", p.row.ID, err)
		}
	}
	return nil
}

// page applies the records after number n and says whether there are more.
func (p *retold) page(ctx context.Context, n int64) (last int64, more bool, err error) {
	var entries []LogEntry
	err = p.svc.Store.Read(ctx, func(tx Tx) (err error) {
		entries, err = tx.EntriesAfter(p.row.Subject, n, p.size)
		return err
	})
	if err != nil || len(entries) == 0 {
		return n, false, err
	}
	records, err := decodeAll(entries)
	if err != nil {
		return n, false, err
	}
	for _, rec := range records {
		if rec.Kind == audit.KindGiftAdd {
			p.batch = append(p.batch, grants.Record{N: rec.N, Body: rec.Body})
			continue
		}
		if err := p.flush(ctx); err != nil {
			return n, false, err
		}
		if err := p.apply(ctx, rec); err != nil {
			return n, false, fmt.Errorf("record %d, %s: %w", rec.N, rec.Kind, err)
		}
	}
	if err := p.flush(ctx); err != nil {
		return n, false, err
	}
	return records[len(records)-1].N, len(records) == p.size, p.tell(ctx, "reading", p.Gifts(), p.row.Gifts)
}

func (p *retold) tell(ctx context.Context, step string, done, total int64) error {
	if p.job == nil {
		return nil
	}
	return p.job.tell(ctx, step, done, total)
}

// flush applies the gifts that were read, on all cores.
func (p *retold) flush(ctx context.Context) error {
	if len(p.batch) == 0 {
		return nil
	}
	at, err := p.ApplyGifts(ctx, p.batch)
	if err != nil {
		return fmt.Errorf("gift %d: %w", p.batch[min(at, len(p.batch)-1)].N, err)
	}
	p.batch = p.batch[:0]
	return nil
}

// apply takes one record that is no gift.
func (p *retold) apply(ctx context.Context, rec audit.Record) error {
	body, err := rec.Decoded()
	if err != nil {
		return err
	}
	switch b := body.(type) {
	case audit.RoundOpen:
		return nil // the round was made from it
	case audit.RoundTopup:
		return p.ApplyTopup(b.Topup)
	case audit.ProjectMove:
		return p.ApplyMove(b.Move)
	case audit.GiftRefund:
		return p.ApplyRefund(b.Refund)
	case audit.RoundWeights:
		file, err := p.svc.Blob(ctx, b.File.SHA256)
		if err != nil {
			return err
		}
		return p.ApplyWeights(b.Weights, file)
	case audit.RoundClose:
		if err := p.ApplyClose(b.Close); err != nil {
			return err
		}
		return p.learn(ctx)
	case audit.RoundResult:
		v, err := p.match(ctx, b.Changes)
		if err != nil {
			return err
		}
		return p.ApplyResult(b.ResultRecord, v)
	case audit.PayoutDone:
		return p.ApplyPayout(b.Payout)
	}
	return fmt.Errorf("no record of a closed round")
}

// learn opens sealed gifts and says what the jury's poll is worth.
func (p *retold) learn(ctx context.Context) error {
	if p.facts.beacon != nil {
		var told error
		err := p.Open(ctx, p.facts.chain, *p.facts.beacon, func(done, total int64) {
			told = firstOf(told, p.tell(ctx, "opening", done, total))
		})
		if err := firstOf(err, told); err != nil {
			return err
		}
	}
	if p.facts.jury != nil && p.CheckJury(p.facts.jury) != nil {
		p.facts.none = grants.JuryForm
	}
	if p.facts.none == "" {
		return nil
	}
	p.facts.jury = nil
	return p.WithoutJury(p.facts.none)
}

// next computes the version that follows and holds it against all rules, payouts too.
func (p *retold) next(ctx context.Context, changes []grants.Correction, reason string) (*grants.Version, error) {
	v, err := p.match(ctx, changes)
	if err != nil {
		return nil, err
	}
	return v, p.ApplyResult(v.Record(p.Last(), reason), v)
}

// match computes the next version. The engine does not say how far it is, so a ticker keeps the lease: a worker
// that would lose it each time would never come to an end.
func (p *retold) match(ctx context.Context, changes []grants.Correction) (*grants.Version, error) {
	n := int64(len(p.Versions()))
	if err := p.tell(ctx, "matching", n, p.row.Versions+1); err != nil {
		return nil, err
	}
	var group sync.WaitGroup
	done := make(chan struct{})
	var lost error
	group.Go(func() {
		tick := time.NewTicker(leaseFor * time.Second / 4)
		defer tick.Stop()
		for lost == nil {
			select {
			case <-done:
				return
			case <-tick.C:
				lost = p.tell(ctx, "matching", n, p.row.Versions+1)
			}
		}
	})
	v, err := p.Compute(changes, p.facts.jury)
	close(done)
	group.Wait()
	return v, firstOf(err, lost)
}

// decodeAll reads records on all cores.
func decodeAll(entries []LogEntry) ([]audit.Record, error) {
	records, workers := make([]audit.Record, len(entries)), runtime.GOMAXPROCS(0)
	failed := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := len(entries) * w / workers; i < len(entries)*(w+1)/workers && failed[w] == nil; i++ {
				records[i], failed[w] = decode(entries[i])
			}
		})
	}
	group.Wait()
	return records, firstOf(failed...)
}

// decode reads one record. Of a gift it only takes the body, which is read strictly when it is applied: a
// record is canonical, so its body stands first and kind, number and the record before behind it.
func decode(e LogEntry) (audit.Record, error) {
	if e.Kind != audit.KindGiftAdd {
		return audit.Decode(e.Record)
	}
	rest, first := bytes.CutPrefix(e.Record, []byte(`{"body":`))
	body, _, found := bytes.Cut(rest, fmt.Appendf(nil, `,"kind":"gift.add","n":%d,"prev":"`, e.N))
	if !first || !found {
		return audit.Record{}, fmt.Errorf("record %d of %s is not the gift that its row says", e.N, e.Subject)
	}
	return audit.Record{Body: body, Kind: e.Kind, N: e.N, Subject: e.Subject}, nil
}
