package verify

import (
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/poll"
)

// pollState is one poll on its way through the log.
type pollState struct {
	order pollOrder
	chain *beacon.Chain // nil until the opening holds
	round uint64
	due   int64 // Unix seconds of the closing round
	close int64 // Unix seconds at which it closes
}

// takePoll checks the order of a poll's records and what the whole log had seen by then. Charter, rolls
// and tally are for the poll's bundle.
func (s *scan) takePoll(index int64, r audit.Record, body any) error {
	p := s.polls[r.Subject]
	if p == nil {
		p = &pollState{}
		s.polls[r.Subject] = p
	}
	if err := p.order.take(r.Kind, body); err != nil {
		return fmt.Errorf("record %d: %w", r.N, err)
	}
	switch b := body.(type) {
	case audit.PollOpen:
		return s.takePollOpen(r.Subject, p, b)
	case audit.BallotCast, audit.PollClose:
		if p.chain != nil && s.seen >= p.due {
			return fmt.Errorf("record %d, %s: the log had seen the round that opens the ballots, of %s, or a later one", r.N, r.Kind, at(p.due))
		}
	case audit.PollResult:
		return s.takePollResult(index, p, b)
	case audit.PollVoid:
		return s.takePollVoid(p, b)
	}
	return nil
}

func (s *scan) takePollOpen(subject string, p *pollState, b audit.PollOpen) error {
	m, err := poll.ParseManifest(b.Manifest)
	if err != nil {
		return err
	}
	if m.Poll != subject {
		return fmt.Errorf("the manifest is for %s", m.Poll)
	}
	c, err := s.rounds.chain(m.Beacon.Chain)
	if err != nil {
		return err
	}
	if p.due, err = c.TimeOf(m.Beacon.Round); err != nil {
		return err
	}
	p.chain, p.round, p.close = c, m.Beacon.Round, m.Closes
	return nil
}

func (s *scan) takePollResult(index int64, p *pollState, b audit.PollResult) error {
	if p.chain == nil {
		return fmt.Errorf("a result for a poll whose opening does not hold")
	}
	if b.Beacon.Chain != p.chain.Hash || b.Beacon.Round != p.round {
		return fmt.Errorf("the result's beacon is round %d of chain %s, the manifest's is round %d of chain %s", b.Beacon.Round, short(b.Beacon.Chain), p.round, short(p.chain.Hash))
	}
	s.rounds.add(p.chain.Hash, b.Beacon.Beacon, claim{checkDraws, index, "beacon of the poll's result"})
	return nil
}

func (s *scan) takePollVoid(p *pollState, b audit.PollVoid) error {
	switch {
	case b.Late || p.chain != nil && s.seen >= p.due:
		return fmt.Errorf("VOIDED LATE: its round was due %s, so the ballots could be read; the reason given: %q", at(p.due), b.Reason)
	case p.order.closed || s.seen >= p.close:
		return fmt.Errorf("voided after it had closed; the reason given: %q", b.Reason)
	}
	return nil
}

// allPolls counts the polls and their ballots, for the evidence of check 5.
func (s *scan) allPolls() string {
	if len(s.polls) == 0 {
		return ""
	}
	var ballots, results, voids int64
	for _, p := range s.polls {
		ballots += p.order.ballots
		switch p.order.ended {
		case audit.KindPollResult:
			results++
		case audit.KindPollVoid:
			voids++
		}
	}
	n := int64(len(s.polls))
	return fmt.Sprintf("; %s with %s: %s with a result, %s void, %s open", plural(n, "poll", "polls"), plural(ballots, "ballot", "ballots"),
		count(results), count(voids), count(n-results-voids))
}
