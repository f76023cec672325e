package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// performRound closes a funding round at its time, waits for the beacon of a sealed one and for its
// jury's poll, and matches. The records fix the result, so it does not matter how often or in how many
// processes this runs: the last transaction of each step commits once.
func (s *Service) performRound(ctx context.Context, job *lease) error {
	r, err := s.fundingRound(ctx, job.Target)
	if err != nil {
		return err
	}
	switch r.State {
	case RoundOpen:
		return s.closeRound(ctx, job)
	case RoundFinal, RoundVoid:
		return s.Store.Write(ctx, func(tx Tx) error { return job.finish(tx, s.now(), nil) })
	}
	f, err := s.facts(ctx, r)
	var wait *waiting
	switch {
	case errors.As(err, &wait) && wait.poll != nil:
		return s.awaitJury(ctx, job, *wait.poll)
	case errors.As(err, &wait):
		return s.missingBeacon(ctx, job, r, wait.why)
	case err != nil:
		return err
	}
	replay, err := s.replayRound(ctx, r, f, job)
	if err != nil {
		return err
	}
	v, err := replay.next(ctx, nil, "")
	if err != nil {
		return fmt.Errorf("result of round %s: %w", r.ID, err)
	}
	return s.concludeRound(ctx, job, r, version{Version: v})
}

func (s *Service) fundingRound(ctx context.Context, id string) (r Round, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { r, err = tx.Round(id); return err })
	return r, absent(err, "funding round")
}

// closeRound ends the gifts. A gift's transaction and this one exclude each other through the round's row,
// so every gift is recorded before the close or refused.
func (s *Service) closeRound(ctx context.Context, job *lease) error {
	return s.Store.Write(ctx, func(tx Tx) error {
		r, err := tx.Round(job.Target)
		if err != nil {
			return err
		}
		if s.now() < r.GiftsEnd || r.State != RoundOpen {
			return job.postpone(tx, max(r.GiftsEnd, s.now()+1))
		}
		if err := s.endGifts(tx, r); err != nil {
			return err
		}
		job.Step = "closed"
		return job.postpone(tx, max(r.DueAt, s.now()))
	})
}

func (s *Service) endGifts(tx Tx, r Round) error {
	r.LastAt = max(r.LastAt, r.GiftsEnd)
	at, err := s.tick(tx, &r)
	if err != nil {
		return err
	}
	if _, err := s.act(tx, &r, audit.KindRoundClose, audit.RoundClose{Close: grants.Close{At: at, Gifts: r.Gifts}}); err != nil {
		return err
	}
	r.State = RoundClosed
	return tx.UpdateRound(r)
}

// closeRoundsBefore does for sealed rounds what closeBefore does for polls. A round may run for years: none
// is passed over for its age.
func (s *Service) closeRoundsBefore(tx Tx, at int64) error {
	for after := ""; ; {
		page, err := tx.Rounds("", after, listPage)
		if err != nil {
			return err
		}
		for _, r := range page {
			after = r.ID
			if r.State != RoundOpen || r.Beacon == 0 || r.GiftsEnd > at {
				continue
			}
			if err := s.endGifts(tx, r); err != nil {
				return err
			}
		}
		if len(page) < listPage {
			return nil
		}
	}
}

// awaitJury looks again once the poll can be counted, more slowly the longer it is not.
func (s *Service) awaitJury(ctx context.Context, job *lease, p Poll) error {
	delay := min(max((s.now()-p.DueAt)/4, 1), 30)
	return s.Store.Write(ctx, func(tx Tx) error {
		job.Step = "waiting for the jury"
		return job.postpone(tx, max(p.DueAt, s.now())+delay)
	})
}

// missingBeacon tries again, and voids the round when its beacon has been missing for too long, as polls are.
func (s *Service) missingBeacon(ctx context.Context, job *lease, r Round, why error) error {
	after := int64(missingAfter)
	if r.Rehearsal {
		after = missingAfterDev
	}
	if s.now() < r.DueAt+after {
		return s.wait(ctx, job, Draw{ID: r.ID, Chain: r.Chain, Round: r.Beacon, DueAt: r.DueAt}, why)
	}
	err := s.Store.Write(ctx, func(tx Tx) error {
		r, err := tx.Round(r.ID)
		if err != nil {
			return err
		}
		if r.State != RoundClosed {
			return job.finish(tx, s.now(), nil)
		}
		if _, err := s.voidRound(tx, r, fmt.Sprintf("round %d of chain %s has been missing for %d seconds", r.Beacon, r.Chain, after)); err != nil {
			return err
		}
		return job.finish(tx, s.now(), nil)
	})
	return s.settled(ctx, err)
}

// version is a computed result on its way into the log.
type version struct {
	*grants.Version
	reason string
}

// errRoundMoved means that a round got a result or a payout while another result was computed.
var errRoundMoved = errors.New("the round got another record meanwhile")

// concludeRound writes result, record, round and job in one transaction, if the round is still the one that
// was replayed.
func (s *Service) concludeRound(ctx context.Context, job *lease, seen Round, v version) error {
	report, err := json.Marshal(map[string]any{"digest": v.Digest, "version": v.File.Version})
	if err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(tx Tx) error {
		r, err := tx.Round(job.Target)
		if err != nil {
			return err
		}
		if r.Version != seen.Version {
			return errRoundMoved // who tries again finds it final, or replays what came
		}
		if _, err := tx.AddBlob(v.Bytes); err != nil {
			return err
		}
		at, err := s.tick(tx, &r)
		if err != nil {
			return err
		}
		if _, err := s.act(tx, &r, audit.KindRoundResult, audit.RoundResult{ResultRecord: v.Record(at, v.reason)}); err != nil {
			return err
		}
		if r.State == RoundClosed {
			r.State, r.EndedAt = RoundFinal, s.now()
		}
		r.Versions, r.Result, r.Digest = v.File.Version, poll.FileOf(v.Bytes).SHA256, v.Digest
		if err := tx.UpdateRound(r); err != nil {
			return err
		}
		return job.finish(tx, s.now(), report)
	})
	return s.settled(ctx, err)
}
