package quota

import (
	"errors"
	"fmt"
)

// Proof shows that no panel is possible: a tree of cases in preorder. A case is split in two, or closed
// by multipliers of rows whose sum no panel of the case can meet. It does not matter how a proof was
// found: [Conflict.Check] checks it in whole numbers.
//
// Multipliers y close a case in which type t has low[t] to high[t] seats when
//
//	sum over t of min(g[t]*low[t], g[t]*high[t]) > sum over r of max(y[r]*Min[r], y[r]*Max[r])
//
// with g[t] the sum of y over the rows of t: the left side is the least that the seats can add up to,
// weighted by y, the right side the most that the rows allow.
type Proof []Case

// Case is one node of a Proof: a split, or a closed case.
type Case struct {
	Split       *Split       `json:"split,omitempty"`
	Multipliers []Multiplier `json:"multipliers,omitempty"`
}

// Split parts a case in two: first the panels with at most AtMost seats for Type, then those with more.
type Split struct {
	Type   int   `json:"type"`
	AtMost int64 `json:"at_most"`
}

// Multiplier says how often a row counts. In a case the rows ascend.
type Multiplier struct {
	Row   int   `json:"row"`
	Times int64 `json:"times"`
}

var errProof = errors.New("the proof does not hold")

// check reads a proof that the box of s has no point. It changes the box on its way and leaves it as it
// was.
func (q Proof) check(s *system) error {
	rest, err := q.checkCase(s)
	if err == nil && len(rest) > 0 {
		return fmt.Errorf("%w: %d cases are left over", errProof, len(rest))
	}
	return err
}

// checkCase reads one case and returns what comes behind it.
func (q Proof) checkCase(s *system) (rest Proof, err error) {
	if len(q) == 0 {
		return nil, fmt.Errorf("%w: a case is missing", errProof)
	}
	c := q[0]
	if c.Split == nil {
		if y := s.dense(c.Multipliers); y == nil || !s.refutes(y) {
			return nil, fmt.Errorf("%w: the multipliers %v close no case", errProof, c.Multipliers)
		}
		return q[1:], nil
	}
	t, at := c.Split.Type, c.Split.AtMost
	if t < 0 || t >= len(s.upper) || at < s.lower[t] || at >= s.upper[t] || len(c.Multipliers) > 0 {
		return nil, fmt.Errorf("%w: type %d is not split at %d", errProof, t, at)
	}
	lower, upper := s.lower[t], s.upper[t]
	s.upper[t] = at
	rest, err = q[1:].checkCase(s)
	if err == nil {
		s.lower[t], s.upper[t] = at+1, upper
		rest, err = rest.checkCase(s)
	}
	s.lower[t], s.upper[t] = lower, upper
	return rest, err
}

// dense has one multiplier per row, or is nil where those given do not fit the rows.
func (s *system) dense(given []Multiplier) []int64 {
	y := make([]int64, len(s.rows))
	last := -1
	for _, m := range given {
		if m.Row <= last || m.Row >= len(y) {
			return nil
		}
		last = m.Row
		y[m.Row] = m.Times
	}
	return y
}

// closed is the proof of one case.
func closed(y []int64) Proof {
	var c Case
	for r, times := range y {
		if times != 0 {
			c.Multipliers = append(c.Multipliers, Multiplier{r, times})
		}
	}
	return Proof{c}
}
