package service

import (
	"context"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// facts are what the result of a round follows from beside its own records. They never change.
type facts struct {
	chain  *beacon.Chain
	beacon *beacon.Beacon // of a sealed round
	jury   *voting.Result // where the manifest names a poll and it has votes
	none   grants.NoJury  // where it has none
}

// waiting says what is not there yet: the poll, or without one the beacon.
type waiting struct {
	poll *Poll
	why  error
}

func (w *waiting) Error() string {
	if w.poll != nil {
		return fmt.Sprintf("poll %s of the jury is %s", w.poll.Subject, w.poll.State)
	}
	return fmt.Sprintf("the beacon that opens the gifts is not there: %v", w.why)
}

// facts returns them for a round that is closed, or a *waiting.
func (s *Service) facts(ctx context.Context, r Round) (facts, error) {
	m, err := grants.ParseManifest(r.Manifest)
	if err != nil {
		return facts{}, err
	}
	var f facts
	if r.Beacon != 0 {
		chain, ok := s.Chains.Lookup(r.Chain)
		if !ok {
			return facts{}, Refuse(KindUnavailable, "chain_unknown", "this instance does not know chain %s", r.Chain)
		}
		b, err := s.round(ctx, chain, r.Beacon)
		if err != nil {
			return facts{}, &waiting{why: err}
		}
		f.chain, f.beacon = chain, &b
	}
	if m.Jury == nil {
		return f, nil
	}
	err = s.Store.Read(ctx, func(tx Tx) error { return juryOf(tx, r, m, &f) })
	return f, err
}

// juryOf finds the poll that the manifest names, by the rule of round.md "The jury's part".
func juryOf(tx Tx, r Round, m *grants.Manifest, f *facts) error {
	p, err := pollOn(tx, m.Jury.Poll)
	switch {
	case errors.Is(err, ErrNotFound):
		f.none = grants.JuryAbsent
		return nil
	case err != nil:
		return err
	case p.Opens >= r.GiftsEnd:
		f.none = grants.JuryAbsent
	case p.State == PollVoid:
		f.none = grants.JuryVoid
	case p.State != PollCounted:
		return &waiting{poll: &p}
	default:
		text, err := tx.Blob(p.Transcript)
		if err != nil {
			return err
		}
		t, err := poll.ParseTranscript(text)
		f.jury = &t.Count
		return err
	}
	return nil
}

// pollOn returns the poll of a subject: the first record there opened it.
func pollOn(tx Tx, subject string) (Poll, error) {
	list, err := tx.EntriesAfter(subject, 0, 1)
	if err != nil {
		return Poll{}, err
	}
	if len(list) == 0 {
		return Poll{}, ErrNotFound
	}
	rec, err := audit.Decode(list[0].Record)
	if err != nil {
		return Poll{}, err
	}
	body, err := rec.Decoded()
	if err != nil {
		return Poll{}, err
	}
	open, ok := body.(audit.PollOpen)
	if !ok {
		return Poll{}, fmt.Errorf("the first record of %s is a %s", subject, rec.Kind)
	}
	return tx.PollByHash(open.Hash)
}
