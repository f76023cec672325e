package verify

import (
	"fmt"

	"kleroterion/service/audit"
	"kleroterion/service/poll"
)

// ballotBox takes the ballots of the poll's subject as they come.
type ballotBox struct {
	box      *poll.Box // nil when there is no manifest or a roll cannot be read
	noBox    error     // why not, reported by check 8
	order    pollOrder
	openSeen int64 // the time of the round that the opening had seen
	seen     int64 // the latest that any record so far had seen
	fault    error // check 9
	pending  []poll.Record
}

func (b *ballotBox) prepare(e *pollEvidence) {
	if e.manifest == nil {
		return
	}
	roll, err := e.readRolls()
	if err != nil {
		b.noBox = err
		return
	}
	b.box = poll.NewBox(e.manifest, e.hash, roll)
}

// takePoll reads the poll's own subject.
func (e *pollEvidence) takePoll(lines []line) error {
	b := &e.box
	b.pending = b.pending[:0]
	for i := range lines {
		e.takePollRecord(&lines[i])
	}
	if b.fault != nil || b.box == nil {
		return nil
	}
	b.fault = b.box.Add(e.ctx, b.pending)
	return e.ctx.Err()
}

// takePollRecord gives each fault to the check that it belongs to.
func (e *pollEvidence) takePollRecord(l *line) {
	b, r := &e.box, l.record
	if s := r.Seen; s != nil {
		b.seen = max(b.seen, e.seen.at(s))
	}
	if r.N == 1 {
		b.openSeen = b.seen
	}
	err := l.bad
	if err == nil {
		err = b.order.take(r.Kind, l.body)
	}
	switch {
	case r.Kind == audit.KindPollOpen && r.N > 1:
		e.openFault = first(e.openFault, inPoll(r, err))
	case r.Kind == audit.KindPollOpen: // peek has read it
	case r.Kind == audit.KindBallotCast:
		b.fault = first(b.fault, inPoll(r, first(err, e.inTime(r))))
		b.pending = append(b.pending, poll.Record{N: r.N, Body: r.Body})
	default:
		e.ending.take(l, inPoll(r, err))
	}
}

// inTime holds a ballot to the rounds that were known when it was recorded.
func (e *pollEvidence) inTime(r audit.Record) error {
	if s := r.Seen; s != nil && e.due > 0 && e.seen.at(s) >= e.due {
		return fmt.Errorf("the log had seen the round that opens the ballots, of %s, or a later one", at(e.due))
	}
	return nil
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// inPoll says where a record stands in the poll's subject.
func inPoll(r audit.Record, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("record %d: %w", r.N, err)
}

// ballotsOwn is check 9.
func (e *pollEvidence) ballotsOwn() (string, error) {
	if err := e.opened(); err != nil {
		return "", err
	}
	if e.box.noBox != nil {
		return "", notChecked(8)
	}
	if e.box.fault != nil {
		return "", e.box.fault
	}
	n := e.box.box.Records()
	return fmt.Sprintf("%s, each by an elector and signed with the key on the roll, at most %d of one voter, none after the close",
		plural(n, "ballot", "ballots"), poll.MaxCasts), nil
}
