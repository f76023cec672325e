package quota

import (
	"errors"
	"fmt"
)

// Proof shows that no panel is possible. It splits the panels into those that give a type At seats at
// most and those that give it more, until multipliers of the rows refute each part. It does not matter
// how it was found: [Conflict.Check] checks it in whole numbers.
//
// Multipliers y refute a part in which type t has lower[t] to upper[t] seats when
//
//	sum over t of min(g[t]*lower[t], g[t]*upper[t]) > sum over r of max(y[r]*Min[r], y[r]*Max[r])
//
// with g[t] the sum of y over the rows of t: the left side is the least that the seats can add up to,
// weighted by y, the right side the most that the rows allow.
type Proof struct {
	Multipliers []int64 `json:"multipliers,omitempty"` // of a part refuted: one per row
	Type        int     `json:"type,omitempty"`        // of a split
	At          int64   `json:"at,omitempty"`
	AtMost      *Proof  `json:"at_most,omitempty"`
	More        *Proof  `json:"more,omitempty"`
}

// Leaves is the number of parts.
func (q *Proof) Leaves() int64 {
	if q.AtMost == nil || q.More == nil {
		return 1
	}
	return q.AtMost.Leaves() + q.More.Leaves()
}

// each calls f with the multipliers of every part.
func (q *Proof) each(f func(y []int64)) {
	if q.AtMost == nil || q.More == nil {
		f(q.Multipliers)
		return
	}
	q.AtMost.each(f)
	q.More.each(f)
}

var errProof = errors.New("the proof does not hold")

// check changes the box of s on its way and leaves it as it was.
func (q *Proof) check(s *system) error {
	switch {
	case q == nil:
		return fmt.Errorf("%w: a part is missing", errProof)
	case q.AtMost == nil && q.More == nil && s.refutes(q.Multipliers):
		return nil
	case q.AtMost == nil && q.More == nil:
		return fmt.Errorf("%w: multipliers %v refute nothing", errProof, q.Multipliers)
	case q.Type < 0 || q.Type >= len(s.upper):
		return fmt.Errorf("%w: there is no type %d", errProof, q.Type)
	case q.At < s.lower[q.Type] || q.At >= s.upper[q.Type]:
		return fmt.Errorf("%w: type %d has %d to %d seats, %d does not split them", errProof, q.Type, s.lower[q.Type], s.upper[q.Type], q.At)
	}
	lower, upper := s.lower[q.Type], s.upper[q.Type]
	s.upper[q.Type] = q.At
	err := q.AtMost.check(s)
	if err == nil {
		s.lower[q.Type], s.upper[q.Type] = q.At+1, upper
		err = q.More.check(s)
	}
	s.lower[q.Type], s.upper[q.Type] = lower, upper
	return err
}
