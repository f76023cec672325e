package verify

import (
	"errors"
	"fmt"

	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// pollEnding is what the poll's subject says about close, result and void.
type pollEnding struct {
	closed *poll.Close
	result *poll.Result
	void   *poll.Void
	leaf   audit.Hash  // of the result's record
	seen   *audit.Seen // of the close
	fault  error
}

// take keeps what a record says even where it breaks the order, for beacon and transcript are checked on
// their own.
func (p *pollEnding) take(l *line, err error) {
	p.fault = first(p.fault, err)
	switch b := l.body.(type) {
	case audit.PollClose:
		p.closed, p.seen = &b.Close, l.record.Seen
	case audit.PollResult:
		if p.result == nil { // of a second, which is a fault, nothing more is said
			p.result, p.leaf = &b.Result, l.leaf
		}
	case audit.PollVoid:
		p.void = &b.Void
	}
}

// oneOutcome is check 12.
func (e *pollEvidence) oneOutcome() (string, error) {
	if err := e.opened(); err != nil {
		return "", err
	}
	p := e.ending
	switch {
	case p.fault != nil:
		return "", p.fault
	case p.void != nil:
		return e.voided(p.void)
	case p.closed == nil:
		return "", errors.New("the poll is neither closed nor void in this bundle")
	}
	if err := e.closedInTime(); err != nil {
		return "", err
	}
	if p.result == nil {
		return "", fmt.Errorf("the poll is closed and has no result in this bundle; round %d of %s was due %s", e.manifest.Beacon.Round, e.chainName(), at(e.due))
	}
	given, err := e.blob("transcript", p.result.Transcript)
	if err != nil {
		return "", notChecked(11)
	}
	t, err := poll.ParseTranscript(given)
	if err != nil {
		return "", notChecked(11)
	}
	if err := sameOutcome(p.result.Outcome, t.Count.Outcome); err != nil {
		return "", err
	}
	adopted, err := e.adoptedRightly(t)
	return e.mark(fmt.Sprintf("closed %s with %s, one result: %s%s", at(p.closed.At), plural(p.closed.Ballots, "ballot", "ballots"),
		outcomeText(p.result.Outcome), adopted)), err
}

// closedInTime keeps the service from ending a poll early, or late enough to have read the ballots.
func (e *pollEvidence) closedInTime() error {
	if c := e.ending.closed; c.At < e.manifest.Closes {
		return fmt.Errorf("closed at %s, before its time %s", at(c.At), at(e.manifest.Closes))
	}
	if s := e.ending.seen; s != nil && e.due > 0 && e.seen.at(s) >= e.due {
		return fmt.Errorf("when it was closed the log had seen the round that opens the ballots, of %s, or a later one", at(e.due))
	}
	return nil
}

// voided judges a void by the rounds that the log had seen.
func (e *pollEvidence) voided(v *poll.Void) (string, error) {
	seen := e.box.seen
	switch {
	case v.Late || e.due > 0 && seen >= e.due:
		return "", fmt.Errorf("VOIDED LATE: its round was due %s, so the ballots could be read; the reason given: %q", at(e.due), v.Reason)
	case e.ending.closed != nil || seen >= e.manifest.Closes:
		return "", fmt.Errorf("voided after it had closed, at %s; the reason given: %q", at(e.manifest.Closes), v.Reason)
	}
	return e.mark(fmt.Sprintf("voided before its close, no result: %q", v.Reason)), nil
}

func sameOutcome(record, transcript voting.Outcome) error {
	r, rErr := canonical.Marshal(record)
	t, tErr := canonical.Marshal(transcript)
	if err := first(rErr, tErr); err != nil {
		return err
	}
	if string(r) != string(t) {
		return fmt.Errorf("the record of the result says %s, the transcript %s", r, t)
	}
	return nil
}

// adoptedRightly looks at a charter that names this poll as the one that adopted it.
func (e *pollEvidence) adoptedRightly(t poll.Transcript) (string, error) {
	for _, a := range e.polity.adopted {
		if a.body.Poll == nil || a.body.Poll.Hash != e.hash {
			continue
		}
		m, passed := e.manifest, t.Count.Outcome.Passed
		switch {
		case m.Proposes == nil || a.body.Hash != *m.Proposes:
			return "", fmt.Errorf("%s was adopted in its name, which is not what it was about", short(a.body.Hash))
		case passed == nil || !*passed:
			return "", fmt.Errorf("charter %s was adopted in its name, and it did not pass", short(a.body.Hash))
		case a.body.Poll.Record != e.ending.leaf:
			return "", fmt.Errorf("the adoption of charter %s names another record than this result", short(a.body.Hash))
		case a.body.At < m.Closes:
			return "", fmt.Errorf("charter %s was adopted at %s, before the poll had closed", short(a.body.Hash), at(a.body.At))
		}
		return fmt.Sprintf("; charter %s was adopted by it", short(a.body.Hash)), nil
	}
	return "", nil
}
