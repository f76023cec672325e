package panels

import (
	"math/bits"

	"kleroterion/randomness/sortition/quota"
)

// Cut is an inequality that every panel meets although the quotas taken in fractions do not imply it:
// the weighted seats of the types come to at most AtMost. Proof says why.
type Cut struct {
	Weights []Weight `json:"weights"`
	AtMost  int64    `json:"at_most"`
	Proof   Proof    `json:"proof"`
}

// Weight is the weight of one type, never 0.
type Weight struct {
	Type int   `json:"type"`
	Each int64 `json:"each"`
}

// Multiplier says how often a row counts in a sum of rows. Rows are those of the quota.Problem, then
// the cuts. A positive multiplier uses the row's maximum, a negative one its minimum; cuts have no
// minimum.
type Multiplier = quota.Multiplier

// space is the set of points that the lottery's average may have: for each type 0 <= x <= caps, for
// each row mins <= sum <= maxs, and the cuts. All of it is whole numbers.
type space struct {
	problem *quota.Problem
	people  []int64
	caps    []int64 // 0 for types that no panel can seat
	mins    []int64 // by row, within 0 and the size
	maxs    []int64
	cuts    []Cut
}

func newSpace(p *quota.Problem) *space {
	s := &space{problem: p, people: make([]int64, len(p.Types)), caps: make([]int64, len(p.Types))}
	for t, ty := range p.Types {
		s.people[t] = int64(len(ty.Members))
		s.caps[t] = min(ty.Cap, p.Size, s.people[t])
	}
	for _, r := range p.Rows {
		s.mins = append(s.mins, max(r.Min, 0))
		s.maxs = append(s.maxs, min(r.Max, p.Size))
	}
	return s
}

// limit is the largest absolute value of a multiplier, and of a weight times its multiplier: far
// enough below 2^63 that the few rows of one type cannot overflow.
const limit = 1 << 53

// combine sums rows: g[t]·x[t] over all types is at most most, at every point of the space's rows. It
// reports false for a row that there is not, a cut used the wrong way round, and numbers beyond limit.
func (s *space) combine(ms []Multiplier) (g []int64, most wide, ok bool) {
	rows := len(s.mins)
	y := make([]int64, rows)
	g = make([]int64, len(s.people))
	for _, m := range ms {
		if m.Row < 0 || m.Row >= rows+len(s.cuts) || m.Times > limit || m.Times < -limit {
			return nil, wide{}, false
		}
		if m.Row >= rows {
			c := &s.cuts[m.Row-rows]
			if m.Times < 0 || !addCut(g, c, m.Times) {
				return nil, wide{}, false
			}
			most.add(m.Times, c.AtMost)
			continue
		}
		y[m.Row] += m.Times
		if m.Times > 0 {
			most.add(m.Times, s.maxs[m.Row])
		} else {
			most.add(m.Times, s.mins[m.Row])
		}
	}
	for t := range g {
		for _, r := range s.problem.Types[t].Rows {
			g[t] += y[r]
		}
	}
	return g, most, true
}

func addCut(g []int64, c *Cut, times int64) bool {
	for _, w := range c.Weights {
		hi, lo := bits.Mul64(uint64(max(w.Each, -w.Each)), uint64(times))
		if hi != 0 || lo > limit {
			return false
		}
		g[w.Type] += w.Each * times
		if g[w.Type] > limit<<8 || g[w.Type] < -limit<<8 {
			return false
		}
	}
	return true
}
