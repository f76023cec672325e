package seating

import "kleroterion/service/identity"

// Apply takes the next move. An error is a *Refusal, and the jury is then as before.
func (j *Jury) Apply(m Move) error {
	if err := m.Check(); err != nil {
		return err
	}
	if m.Seat > int64(len(j.seats)) {
		return refuse(RuleSeat, "there is no seat %d, the last is %d", m.Seat, len(j.seats))
	}
	if m.At < j.last {
		return refuse(RuleTime, "seat %d: %s at %d is before the record before, at %d", m.Seat, m.Act, m.At, j.last)
	}
	s := &j.seats[m.Seat-1]
	if err := j.permits(s, m); err != nil {
		return err
	}
	s.take(m)
	if m.Act == Invite {
		j.strata[s.stratum].offers++
	}
	if s.state == Vacant {
		j.filled = false
	}
	j.last = m.At
	return nil
}

// from is the one state in which an act is possible.
func from(a Act) State {
	switch a {
	case Invite, Exhaust:
		return Vacant
	case GiveKey, Withdraw, Recuse, Complete:
		return Serving
	}
	return Invited
}

func (j *Jury) permits(s *seat, m Move) error {
	if want := from(m.Act); s.state != want {
		return refuse(RuleState, "seat %d is %s: %s needs %s", m.Seat, s.state, m.Act, want)
	}
	switch s.state {
	case Vacant:
		return j.permitsVacant(s, m)
	case Invited:
		return j.permitsInvited(s, m)
	}
	return j.permitsServing(s, m)
}

func (j *Jury) permitsVacant(s *seat, m Move) error {
	if m.At >= j.open.Ends {
		return refuse(RuleTerm, "seat %d: %s at %d, but the term ended at %d", m.Seat, m.Act, m.At, j.open.Ends)
	}
	if err := j.permitsOffer(&j.strata[s.stratum], m); err != nil {
		return err
	}
	if want := j.open.deadline(m.At); m.Act == Invite && m.Deadline != want {
		return refuse(RuleDeadline, "seat %d: deadline is %d, by the rule it is %d", m.Seat, m.Deadline, want)
	}
	return nil
}

// permitsOffer says whether it is the seat's turn.
func (j *Jury) permitsOffer(of *stratum, m Move) error {
	if j.pool != nil {
		return j.permitsNext(of, m)
	}
	if m.Act == Exhaust {
		if n := of.left(); n > 0 {
			return refuse(RuleOutOfOrder, "seat %d: stratum %q has %d people left to invite", m.Seat, of.name, n)
		}
		return nil
	}
	index, id, ok := j.next(of)
	if !ok {
		return refuse(RuleOutOfOrder, "seat %d: stratum %q has nobody left to invite", m.Seat, of.name)
	}
	if int64(index+1) != m.Seat || id != m.ID {
		return refuse(RuleOutOfOrder, "seat %d to %.64s is not the next offer of stratum %q: that is seat %d to %s", m.Seat, m.ID, of.name, index+1, id)
	}
	return nil
}

func (j *Jury) permitsInvited(s *seat, m Move) error {
	switch {
	case m.ID != s.holder:
		return refuse(RuleWrongPerson, "seat %d: %s by %.64s, but it is offered to %s", m.Seat, m.Act, m.ID, s.holder)
	case m.Act == Expire && m.At < s.deadline:
		return refuse(RuleDeadline, "seat %d: expire at %d is before the deadline %d", m.Seat, m.At, s.deadline)
	case m.Act != Expire && m.At >= s.deadline:
		return refuse(RuleDeadline, "seat %d: %s at %d is too late: the deadline was %d", m.Seat, m.Act, m.At, s.deadline)
	case m.Act == Defer && !j.open.Deferral:
		return refuse(RuleDeferral, "seat %d: the seats of this draw cannot be deferred: accept or decline", m.Seat)
	}
	return nil
}

func (j *Jury) permitsServing(s *seat, m Move) error {
	over := m.At >= j.open.Ends
	switch {
	case m.ID != s.holder:
		return refuse(RuleWrongPerson, "seat %d: %s by %.64s, but it is held by %s", m.Seat, m.Act, m.ID, s.holder)
	case m.Act == Complete && !over:
		return refuse(RuleTerm, "seat %d: complete at %d is before the term's end %d", m.Seat, m.At, j.open.Ends)
	case m.Act != Complete && over:
		return refuse(RuleTerm, "seat %d: %s at %d, but the term ended at %d", m.Seat, m.Act, m.At, j.open.Ends)
	case m.Act == Recuse && s.recused(m.Poll):
		return refuse(RuleRecusedTwice, "seat %d is recused for %s already", m.Seat, m.Poll)
	}
	return nil
}

// take does what permits has allowed. It cannot fail.
func (s *seat) take(m Move) {
	switch m.Act {
	case Invite:
		s.state, s.holder, s.deadline = Invited, m.ID, m.Deadline
		s.history = append(s.history, Offer{ID: m.ID, At: m.At, Deadline: m.Deadline})
	case Accept:
		s.state, s.deadline, s.key = Serving, 0, cloneKey(m.Key)
		o := s.offer()
		o.Accepted, o.Assisted = m.At, m.Assisted
	case GiveKey:
		s.key = cloneKey(m.Key)
	case Recuse:
		o := s.offer()
		o.Recusals = append(o.Recusals, Recusal{Ground: m.Ground, Poll: m.Poll})
	case Exhaust:
		s.state = Empty
	case Complete:
		s.end(m, Completed)
	default:
		s.end(m, Vacant)
	}
}

// end closes the offer that the seat's person has.
func (s *seat) end(m Move, state State) {
	o := s.offer()
	o.End, o.EndedAt, o.Ground = m.Act, m.At, m.Ground
	o.Assisted = o.Assisted || m.Assisted
	s.state, s.holder, s.deadline, s.key = state, "", 0, nil
}

func (s *seat) offer() *Offer { return &s.history[len(s.history)-1] }

func cloneKey(k *identity.Key) *identity.Key {
	if k == nil {
		return nil
	}
	c := *k
	c.Public = append([]byte{}, k.Public...)
	return &c
}
