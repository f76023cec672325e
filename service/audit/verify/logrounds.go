package verify

import (
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// roundState is one funding round on its way through the log.
type roundState struct {
	opened   bool
	hash     audit.Hash
	end      int64 // of its gifts, Unix seconds
	last     int64 // time of its newest record
	gifts    int64
	closed   bool
	versions int64
	void     bool

	chain *beacon.Chain // of a sealed round, once the opening holds
	round uint64
	due   int64 // Unix seconds of its beacon
}

// takeFunding checks the order of a funding round's records and what the whole log had seen by then.
// Projects, gifts, matching and payouts are for the round's bundle.
func (s *scan) takeFunding(index int64, r audit.Record, body any) error {
	f := s.fundings[r.Subject]
	if f == nil {
		f = &roundState{}
		s.fundings[r.Subject] = f
	}
	if err := first(f.permits(r), f.inTime(r.Kind, body, s.seen)); err != nil {
		return fmt.Errorf("record %d, %s: %w", r.N, r.Kind, err)
	}
	var err error
	switch b := body.(type) {
	case audit.RoundOpen:
		err = s.takeRoundOpen(r.Subject, f, b)
	case audit.GiftAdd:
		f.gifts++
	case audit.RoundClose:
		err = f.takeClose(b.Close)
	case audit.RoundResult:
		err = s.takeVersion(index, f, b.ResultRecord)
	case audit.PayoutDone:
		if b.Version != f.versions {
			err = fmt.Errorf("paid by version %d, the newest is %d", b.Version, f.versions)
		}
	case audit.RoundVoid:
		f.void = true
	}
	if err != nil {
		return fmt.Errorf("record %d, %s: %w", r.N, r.Kind, err)
	}
	return nil
}

// permits holds the order: one opening, what people do, one close, and then results and payouts, or a
// void.
func (f *roundState) permits(r audit.Record) error {
	if opens := r.Kind == audit.KindRoundOpen; opens == f.opened {
		return errors.New("a round is opened once, and first")
	}
	f.opened = true
	switch r.Kind {
	case audit.KindRoundOpen:
	case audit.KindRoundVoid:
		if f.void || f.versions > 0 {
			return errors.New("the round has a result, or is void")
		}
	case audit.KindRoundResult:
		if !f.closed || f.void {
			return errors.New("the round is not closed, or is void")
		}
	case audit.KindPayoutDone:
		if f.versions == 0 || f.void {
			return errors.New("the round has no result")
		}
	default:
		if f.closed || f.void {
			return errors.New("the round is closed, or void")
		}
	}
	return nil
}

// inTime holds a record's time to that of the record before and of the rounds seen, and what could know
// sealed gifts to before their beacon.
func (f *roundState) inTime(kind audit.Kind, body any, seen int64) error {
	l := line{body: body}
	if at, ok := l.time(); ok {
		if at < f.last {
			return fmt.Errorf("at %d is before the record before, at %d", at, f.last)
		}
		f.last = at
	}
	switch kind {
	case audit.KindProjectMove, audit.KindGiftAdd, audit.KindGiftRefund, audit.KindRoundWeights:
		if f.due > 0 && seen >= f.due {
			return fmt.Errorf("the log had seen the round that opens the gifts, of %s, or a later one", at(f.due))
		}
	}
	return nil
}

func (s *scan) takeRoundOpen(subject string, f *roundState, b audit.RoundOpen) error {
	m, err := grants.ParseManifest(b.Manifest)
	if err != nil {
		return err
	}
	if m.Round != subject {
		return fmt.Errorf("the manifest is for %s", m.Round)
	}
	f.hash, f.end = b.Hash, m.GiftsEnd
	if m.Beacon == nil {
		return nil
	}
	c, err := s.rounds.chain(m.Beacon.Chain)
	if err != nil {
		return err
	}
	if f.due, err = c.TimeOf(m.Beacon.Round); err != nil {
		return err
	}
	f.chain, f.round = c, m.Beacon.Round
	return nil
}

func (f *roundState) takeClose(c grants.Close) error {
	f.closed = true
	switch {
	case c.Gifts != f.gifts:
		return fmt.Errorf("it counts %s, there are %s", plural(c.Gifts, "gift", "gifts"), count(f.gifts))
	case c.At < f.end:
		return fmt.Errorf("at %s, before the end of gifts %s", at(c.At), at(f.end))
	}
	return nil
}

func (s *scan) takeVersion(index int64, f *roundState, b grants.ResultRecord) error {
	f.versions++
	switch sealed := f.chain != nil; {
	case b.Version != f.versions:
		return fmt.Errorf("version %d, the next is %d", b.Version, f.versions)
	case b.Hash != f.hash:
		return fmt.Errorf("it names round %s, this is %s", short(b.Hash), short(f.hash))
	case sealed != (b.Beacon != nil):
		return errors.New("a result names its beacon in a sealed round, and only there")
	case sealed && (b.Beacon.Chain != f.chain.Hash || b.Beacon.Round != f.round):
		return fmt.Errorf("its beacon is round %d of chain %s, the manifest's is round %d of chain %s", b.Beacon.Round, short(b.Beacon.Chain), f.round, short(f.chain.Hash))
	case sealed:
		s.rounds.add(f.chain.Hash, b.Beacon.Beacon, claim{checkDraws, index, "beacon of the round's result"})
	}
	return nil
}

// allFunding counts the funding rounds and their gifts, for the evidence of check 5.
func (s *scan) allFunding() string {
	if len(s.fundings) == 0 {
		return ""
	}
	var gifts, results, voids int64
	for _, f := range s.fundings {
		gifts += f.gifts
		switch {
		case f.versions > 0:
			results++
		case f.void:
			voids++
		}
	}
	n := int64(len(s.fundings))
	return fmt.Sprintf("; %s with %s: %s with a result, %s void, %s open", plural(n, "funding round", "funding rounds"), plural(gifts, "gift", "gifts"),
		count(results), count(voids), count(n-results-voids))
}
