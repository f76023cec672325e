package verify

import (
	"errors"
	"fmt"

	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// roundReplay applies the records of a round in their order. The first that the round refuses stops it:
// what comes later would be judged on a round that never was.
type roundReplay struct {
	round   *grants.Round // nil without a manifest or its roll
	pending []grants.Record
	faults  map[int]error // by check, the first of each
	stopped int           // the check whose record stopped the replay, 0 while it goes on
	unread  map[int]bool  // checks of which a record was not replayed

	moves, refunds int64
	topups         []grants.Topup
	weights        []grants.Weights
	reviewers      map[string]bool
	closed         *grants.Close
	void           *grants.Void
	versions       []version
	payouts        []grants.Payout
	beaconPath     string // of the beacon that opened the gifts
}

func newRoundReplay() roundReplay {
	return roundReplay{faults: map[int]error{}, unread: map[int]bool{}, reviewers: map[string]bool{}}
}

// version is a result that was computed again and is the same.
type version struct {
	record grants.ResultRecord
	file   grants.ResultFile
}

// ofCheck says to which check a record of a round belongs.
func ofCheck(kind audit.Kind) int {
	switch kind {
	case audit.KindRoundOpen:
		return checkRoundOpen
	case audit.KindProjectMove:
		return checkProjects
	case audit.KindGiftAdd, audit.KindGiftRefund:
		return checkGifts
	case audit.KindRoundTopup:
		return checkPool
	case audit.KindRoundWeights:
		return checkWeights
	case audit.KindPayoutDone:
		return checkPayouts
	}
	return checkMatching
}

func (p *roundReplay) fault(no int, err error) {
	if err != nil && p.faults[no] == nil {
		p.faults[no] = err
	}
}

// takeRound reads the round's own subject.
func (e *roundEvidence) takeRound(lines []line) error {
	for i := range lines {
		if err := e.takeRecord(&lines[i]); err != nil {
			return err
		}
	}
	return first(e.flush(), e.ctx.Err())
}

func (e *roundEvidence) takeRecord(l *line) error {
	p, r := &e.replay, l.record
	if r.N == 1 {
		if r.Seen != nil {
			e.openSeen = e.seen.at(r.Seen)
		}
		return nil // peek has read it
	}
	e.name(l.body)
	if p.round == nil {
		return nil
	}
	p.fault(ofCheck(r.Kind), e.inTime(r))
	if r.Kind == audit.KindGiftAdd && p.stopped == 0 {
		p.pending = append(p.pending, grants.Record{N: r.N, Body: r.Body})
		return nil
	}
	if err := e.flush(); err != nil {
		return err
	}
	if p.stopped != 0 {
		p.pass(l)
		return nil
	}
	err := l.bad
	if err == nil {
		err = e.apply(l)
	}
	return p.stop(l, err)
}

// flush applies the gifts that came one after the other, on all cores.
func (e *roundEvidence) flush() error {
	p := &e.replay
	list := p.pending
	p.pending = p.pending[:0]
	if len(list) == 0 {
		return nil
	}
	n, err := p.round.ApplyGifts(e.ctx, list)
	if e.ctx.Err() != nil {
		return e.ctx.Err()
	}
	if err != nil {
		return p.stop(&line{record: audit.Record{N: list[n].N, Kind: audit.KindGiftAdd}}, err)
	}
	return nil
}

// stop ends the replay at a record that does not hold. An error of reading ends all.
func (p *roundReplay) stop(l *line, err error) error {
	if err == nil || onlyUnreadable(err) != nil {
		return onlyUnreadable(err)
	}
	rule := ""
	var refused *grants.Refusal
	if errors.As(err, &refused) {
		rule = refused.Rule
	}
	p.stopped = ofRefused(l.record.Kind, rule)
	p.pass(l)
	if rule != "" {
		err = fmt.Errorf("%s: %w", rule, err)
	}
	p.fault(p.stopped, fmt.Errorf("record %d, %s: %w", l.record.N, l.record.Kind, err))
	return nil
}

// ofRefused tells the faults of a result apart: what its corrections say, and what was paid already.
func ofRefused(kind audit.Kind, rule string) int {
	if kind == audit.KindRoundResult {
		switch rule {
		case grants.RuleChanges:
			return checkCorrections
		case grants.RulePayout:
			return checkPayouts
		}
	}
	return ofCheck(kind)
}

// pass notes a record that is not replayed.
func (p *roundReplay) pass(l *line) {
	p.unread[ofCheck(l.record.Kind)] = true
	if b, ok := l.body.(audit.RoundResult); ok && b.Version > 1 {
		p.unread[checkCorrections] = true
	}
}

// inTime holds what could know the sealed gifts to the rounds that were known when it was recorded.
func (e *roundEvidence) inTime(r audit.Record) error {
	switch r.Kind {
	case audit.KindProjectMove, audit.KindGiftAdd, audit.KindGiftRefund, audit.KindRoundWeights:
		if s := r.Seen; s != nil && e.due > 0 && e.seen.at(s) >= e.due {
			return fmt.Errorf("record %d, %s: the log had seen the round that opens the gifts, of %s, or a later one", r.N, r.Kind, at(e.due))
		}
	}
	return nil
}

// name notes the files that a record names, and holds the texts of projects to what it says of them.
func (e *roundEvidence) name(body any) {
	switch b := body.(type) {
	case audit.ProjectMove:
		if b.Text != nil {
			e.named[b.Text.SHA256] = true
		}
	case audit.RoundWeights:
		e.named[b.File.SHA256] = true
	case audit.RoundResult:
		e.named[b.File.SHA256] = true
	}
}
