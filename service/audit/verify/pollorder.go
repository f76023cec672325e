package verify

import (
	"fmt"

	"kleroterion/service/audit"
)

// pollOrder follows the records of one poll: one opening, ballots, one close, one result or void.
type pollOrder struct {
	hash    audit.Hash
	records int64
	ballots int64
	opened  bool
	closed  bool
	ended   audit.Kind // poll.result or poll.void
}

// take takes the next record. body is nil for a ballot that somebody else reads. The record that breaks
// the order is not taken.
func (o *pollOrder) take(kind audit.Kind, body any) error {
	o.records++
	if err := o.permits(kind); err != nil {
		return err
	}
	switch b := body.(type) {
	case audit.PollOpen:
		o.opened, o.hash = true, b.Hash
	case audit.PollClose:
		if b.Ballots != o.ballots {
			return fmt.Errorf("the close counts %s, there are %s", plural(b.Ballots, "ballot", "ballots"), count(o.ballots))
		}
		o.closed = true
		return o.isFor(b.Hash)
	case audit.PollResult:
		o.ended = kind
		return o.isFor(b.Hash)
	case audit.PollVoid:
		o.ended = kind
		return o.isFor(b.Hash)
	}
	if kind == audit.KindBallotCast {
		o.ballots++
	}
	return nil
}

func (o *pollOrder) permits(kind audit.Kind) error {
	first := kind == audit.KindPollOpen
	switch {
	case o.ended != "":
		return fmt.Errorf("a %s after the %s", kind, o.ended)
	case first == o.opened:
		return fmt.Errorf("a %s as record %d: a poll is opened once, and first", kind, o.records)
	}
	switch kind {
	case audit.KindPollOpen, audit.KindPollVoid:
		return nil
	case audit.KindBallotCast, audit.KindPollClose:
		if o.closed {
			return fmt.Errorf("a %s after the poll was closed", kind)
		}
		return nil
	case audit.KindPollResult:
		if !o.closed {
			return fmt.Errorf("a result of a poll that was not closed")
		}
		return nil
	}
	return fmt.Errorf("a %s does not belong on a poll's subject", kind)
}

func (o *pollOrder) isFor(hash audit.Hash) error {
	if hash != o.hash {
		return fmt.Errorf("it names poll %s, this is %s", short(hash), short(o.hash))
	}
	return nil
}
