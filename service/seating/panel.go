package seating

import (
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
)

// Panel is who was drawn in a draw of method panels, and the pool from which vacant seats are filled.
type Panel struct {
	Line []string         // people of the drawn panel, ids ascending: panelfile.Lottery.Panel of the result's panel
	Pool *alternates.Pool // candidates of the draw, in the order of its seed's tickets
}

// NewOfPanel returns the jury of a draw of method panels, as [New] does of the others: seat n is first
// offered to the n-th person of the line, in one stratum named "". Vacant seats are filled together by
// [alternates.Pool.Fill], anew after each record that makes a seat vacant. It refuses (result) besides a
// line that does not ascend, or that the pool has not. That p is the panel which r names, the caller knows.
func NewOfPanel(subject string, r sortition.Result, resultSHA [32]byte, o Open, rehearsal bool, p Panel) (*Jury, error) {
	j, err := begin(subject, r, resultSHA, o, rehearsal)
	if err != nil {
		return nil, err
	}
	if r.Panel == nil {
		return nil, refuse(RuleResult, "the result names no panel: its strata have the seats")
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := j.place([]sortition.Places{{Seats: p.Line}}); err != nil {
		return nil, err
	}
	j.pool = p.Pool
	return j, nil
}

func (p Panel) check() error {
	if p.Pool == nil || len(p.Line) == 0 {
		return refuse(RuleResult, "a panel needs the people drawn, here %d, and the pool of its draw", len(p.Line))
	}
	for i := range p.Line[1:] {
		if p.Line[i] >= p.Line[i+1] {
			return refuse(RuleResult, "line of the panel: id %.70q does not come before %.70q", p.Line[i], p.Line[i+1])
		}
	}
	if _, err := p.Pool.Fill(alternates.State{Holding: p.Line}); err != nil {
		return refuse(RuleResult, "line of the panel: %v", err)
	}
	return nil
}

// permitsNext takes an offer of a panel's seat as the first of what is due alone. An expiry that is due
// goes before it: otherwise seats that fall vacant together could be filled apart, with other people.
func (j *Jury) permitsNext(s *stratum, m Move) error {
	j.refill(s)
	next := j.Due(m.At)[0] // a seat is vacant, and the term is not over
	if m.Act != next.Act || m.Seat != next.Seat || m.ID != next.ID {
		return refuse(RuleOutOfOrder, "seat %d: %s %.64s is not the next move by rule: that is %s %s of seat %d",
			m.Seat, m.Act, m.ID, next.Act, next.ID, next.Seat)
	}
	return nil
}

// refill makes the filling of the newest record that made a seat vacant, once, when the turn comes to it.
func (j *Jury) refill(s *stratum) {
	if j.filled {
		return
	}
	vacant := make([]bool, len(j.seats))
	for i := range j.seats {
		vacant[i] = j.seats[i].state == Vacant
	}
	s.alternates, j.filled = j.queue(s, vacant, false), true
}

// queue returns the alternates of a stratum when these seats are vacant; newly says that some of them
// become so by moves not applied yet. Of a panel they are those asked so far and then the filling.
func (j *Jury) queue(s *stratum, vacant []bool, newly bool) []string {
	if j.pool == nil || j.filled && !newly {
		return s.alternates
	}
	asked := s.alternates[:max(0, s.offers-len(s.drawn))]
	return append(asked[:len(asked):len(asked)], j.filling(s.drawn, vacant)...)
}

// filling says who is offered the vacant seats that had been offered before, by ticket.
func (j *Jury) filling(line []string, vacant []bool) []string {
	var state alternates.State
	for i := range j.seats {
		s := &j.seats[i]
		past := s.history
		switch {
		case len(past) == 0: // kept for the person of the line
			state.Holding = append(state.Holding, line[i])
		case vacant[i]:
			state.Open++
		case s.holder != "":
			state.Holding = append(state.Holding, s.holder)
			past = past[:len(past)-1]
		}
		for _, o := range past {
			state.Asked = append(state.Asked, o.ID)
		}
	}
	if state.Open == 0 {
		return nil
	}
	next, err := j.pool.Fill(state)
	if err != nil {
		panic("filling of a panel that was checked: " + err.Error()) // only the pool's people ever had a seat, each once
	}
	return next
}

// unasked counts the people to whom no seat was offered yet: of the stratum's list, or of a panel's pool.
func (j *Jury) unasked(s *stratum) int {
	if j.pool != nil {
		return j.pool.People() - s.offers
	}
	return s.left()
}
