package verify

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// apply gives a record to the round. A gift.add comes with its neighbours, by flush.
func (e *roundEvidence) apply(l *line) error {
	p := &e.replay
	switch b := l.body.(type) {
	case audit.RoundOpen:
		return errors.New("a round is opened once, and first")
	case audit.ProjectMove:
		return e.applyMove(b.Move)
	case audit.GiftRefund:
		p.refunds++
		return p.round.ApplyRefund(b.Refund)
	case audit.RoundTopup:
		p.topups = append(p.topups, b.Topup)
		return p.round.ApplyTopup(b.Topup)
	case audit.RoundWeights:
		return e.applyWeights(b.Weights)
	case audit.RoundClose:
		p.closed = &b.Close
		return p.round.ApplyClose(b.Close)
	case audit.RoundResult:
		return e.applyResult(b.ResultRecord)
	case audit.PayoutDone:
		p.payouts = append(p.payouts, b.Payout)
		return p.round.ApplyPayout(b.Payout)
	case audit.RoundVoid:
		p.void = &b.Void
		return p.round.ApplyVoid(b.Void)
	}
	return fmt.Errorf("a %s does not belong on a round's subject", l.record.Kind)
}

const maxText = 65_536

func (e *roundEvidence) applyMove(mv grants.Move) error {
	p := &e.replay
	if err := p.round.ApplyMove(mv); err != nil {
		return err
	}
	p.moves++
	if mv.Reviewer != "" {
		p.reviewers[mv.Reviewer] = true
	}
	if mv.Text == nil {
		return nil
	}
	err := e.readable(mv)
	if onlyUnreadable(err) != nil {
		return err
	}
	p.fault(checkProjects, err) // the round goes on: the text moves nothing
	return nil
}

// readable holds the text of a move to its form.
func (e *roundEvidence) readable(mv grants.Move) error {
	what := fmt.Sprintf("text of project %s, %s at %s,", mv.Project, mv.Act, at(mv.At))
	text, err := e.file(what, *mv.Text)
	if err == nil && (len(text) == 0 || len(text) > maxText || !utf8.Valid(text)) {
		return fmt.Errorf("the %s has %d bytes, want 1 to %d of UTF-8", what, len(text), maxText)
	}
	return err
}

func (e *roundEvidence) applyWeights(w grants.Weights) error {
	file, err := e.file(fmt.Sprintf("file of weights, version %d,", w.Version), w.File)
	if err != nil {
		return err
	}
	e.replay.weights = append(e.replay.weights, w)
	return e.replay.round.ApplyWeights(w, file)
}

// sealedOpened opens what is sealed, with the beacon of the first result.
func (e *roundEvidence) sealedOpened(b *beacon.File) error {
	p, m := &e.replay, e.manifest
	if m.Mode != poll.ModeSealed || len(p.versions) > 0 {
		return nil
	}
	if b == nil {
		return errors.New("the result names no beacon, and the gifts are sealed")
	}
	path, err := e.closingBeacon(e.chain, *m.Beacon, *b)
	if err != nil {
		return err
	}
	p.beaconPath = path
	return p.round.Open(e.ctx, e.chain, b.Beacon, func(done, total int64) { e.opts.progress("gifts", done, total) })
}
