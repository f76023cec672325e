package quota

import "math/big"

// system is what panels are in whole numbers: columns within a box, sums of columns within spans.
// Columns are the types of a problem; a system for the nearest quotas has more.
type system struct {
	lower, upper []int64
	entries      [][]entry // by column
	rows         []span
	first        int // a search splits columns from this one on before others; 0: no difference
}

// entry is a coefficient of a column.
type entry struct {
	row int
	n   int64
}

// span is the least and the most that a row may sum up to.
type span struct{ min, max int64 }

// newSystem states p with the bounds that are in force; nil is all of them.
func newSystem(p *Problem, force bounds) *system {
	s := &system{lower: make([]int64, len(p.Types))}
	reach := make([]int64, len(p.Rows))
	for _, t := range p.Types {
		entries := make([]entry, len(t.Rows))
		for i, r := range t.Rows {
			entries[i] = entry{r, 1}
			reach[r] += t.Cap
		}
		s.entries = append(s.entries, entries)
		s.upper = append(s.upper, t.Cap)
	}
	for r, row := range p.Rows {
		in := span{row.Min, row.Max}
		if row.Kind == OfQuota && force != nil {
			if !force[Bound{r, Least}] {
				in.min = 0
			}
			if !force[Bound{r, Most}] {
				in.max = max(reach[r], in.min)
			}
		}
		s.rows = append(s.rows, in)
	}
	return s
}

// holds reports whether x is within the box and its sums within the spans.
func (s *system) holds(x []int64) bool {
	sums := make([]int64, len(s.rows))
	for j, v := range x {
		if v < s.lower[j] || v > s.upper[j] {
			return false
		}
		for _, e := range s.entries[j] {
			sums[e.row] += e.n * v
		}
	}
	for r, sum := range sums {
		if sum < s.rows[r].min || sum > s.rows[r].max {
			return false
		}
	}
	return true
}

// refutes reports whether the multipliers y, one per row, prove that no point of the box, be it in
// fractions, has its sums within the spans: the y-weighted sum is at least what the box forces on it,
// and at most what the spans allow, and the first is more than the second.
func (s *system) refutes(y []int64) bool {
	if len(y) != len(s.rows) {
		return false
	}
	var gap, a, b, g big.Int
	for r, v := range y {
		bound := s.rows[r].max
		if v < 0 {
			bound = s.rows[r].min
		}
		if v != 0 && bound != 0 {
			gap.Sub(&gap, a.Mul(a.SetInt64(v), b.SetInt64(bound)))
		}
	}
	for j, entries := range s.entries {
		g.SetInt64(0)
		for _, e := range entries {
			if v := y[e.row]; v != 0 {
				g.Add(&g, a.Mul(a.SetInt64(v), b.SetInt64(e.n)))
			}
		}
		bound := s.lower[j]
		if g.Sign() < 0 {
			bound = s.upper[j]
		}
		if bound != 0 && g.Sign() != 0 {
			gap.Add(&gap, a.Mul(&g, b.SetInt64(bound)))
		}
	}
	return gap.Sign() > 0
}

// multipliers turns a ray of the linear programme into whole numbers that refute the system, or nil:
// small ones where the ray is close to a multiple of them, else the ray to forty binary digits.
func (s *system) multipliers(ray []float64) []int64 {
	const one = 1 << 40
	most := 0.0
	for _, v := range ray {
		most = max(most, v, -v)
	}
	if !(most > 0) {
		return nil
	}
	fixed := make([]int64, len(ray))
	for i, v := range ray {
		fixed[i] = int64(v / most * one)
	}
	if y := small(fixed, one); y != nil && s.refutes(y) {
		return y
	}
	if s.refutes(fixed) {
		return fixed
	}
	return nil
}

// small looks for whole numbers in the proportions of v, the largest of them as small as possible. The
// largest of v is about one.
func small(v []int64, one int64) []int64 {
	const tolerance, most = 1 << 20, 4096
	y := make([]int64, len(v))
	for d := int64(1); d <= most; d++ {
		fits := true
		for i := range v {
			n := v[i] * d
			y[i] = (n + one/2) >> 40
			if off := n - y[i]*one; off > tolerance || off < -tolerance {
				fits = false
				break
			}
		}
		if fits {
			return y
		}
	}
	return nil
}
