package seating

// Due returns the moves that follow by rule at a time, in their order: expire what is past its
// deadline, complete what serves after the term, then offer or exhaust what is vacant. Applying them
// all leaves nothing due at that time. There is nothing due before the newest record.
func (j *Jury) Due(at int64) []Move {
	if at < j.last {
		return nil
	}
	var out []Move
	vacant := make([]bool, len(j.seats))
	for i := range j.seats {
		s := &j.seats[i]
		vacant[i] = s.state == Vacant
		if s.state == Invited && at >= s.deadline {
			vacant[i] = true
			out = append(out, Move{Act: Expire, At: at, ID: s.holder, Seat: int64(i + 1)})
		}
	}
	expired := len(out) > 0
	if at < j.open.Ends {
		for i := range j.strata {
			s := j.strata[i]
			s.alternates = j.queue(&s, vacant, expired)
			out = s.fill(out, vacant, Move{At: at, Deadline: j.open.deadline(at)})
		}
		return out
	}
	for i, s := range j.seats {
		if s.state == Serving {
			out = append(out, Move{Act: Complete, At: at, ID: s.holder, Seat: int64(i + 1)})
		}
	}
	return out
}

// fill appends the offers of one stratum: seats that nobody was offered yet to the people drawn for
// them, then the other vacant seats to the alternates while there are any.
func (s *stratum) fill(out []Move, vacant []bool, invite Move) []Move {
	offers := s.offers
	for ; offers < len(s.drawn); offers++ {
		m := invite
		m.Act, m.Seat, m.ID = Invite, int64(s.first+offers+1), s.drawn[offers]
		out = append(out, m)
	}
	for i := range min(s.offers, len(s.drawn)) {
		m := Move{Act: Exhaust, At: invite.At, Seat: int64(s.first + i + 1)}
		if !vacant[s.first+i] {
			continue
		}
		if n := offers - len(s.drawn); n < len(s.alternates) {
			m.Act, m.ID, m.Deadline = Invite, s.alternates[n], invite.Deadline
			offers++
		}
		out = append(out, m)
	}
	return out
}

// NextDue returns the earliest time, not before the newest record, at which Due has something; ok is
// false when nothing will ever follow by rule. A vacancy that nobody filled before the term's end is
// due at a time in the past for good, while Due at the present is empty: ask Due, then wait.
func (j *Jury) NextDue() (at int64, ok bool) {
	for _, s := range j.seats {
		var t int64
		switch {
		case s.state == Vacant && j.last < j.open.Ends:
			t = j.last
		case s.state == Invited:
			t = max(s.deadline, j.last)
		case s.state == Serving:
			t = max(j.open.Ends, j.last)
		default:
			continue
		}
		if !ok || t < at {
			at, ok = t, true
		}
	}
	return at, ok
}
