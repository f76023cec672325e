package lp

import (
	"math"
	"testing"
)

// After any number of pivots, rows and changed ranges, the kernel is the inverse of tight rows and heads,
// and the lengths that were carried along are those of the rows.
func TestKernelStaysTheInverse(t *testing.T) {
	rng := xorshift(88172645463325252)
	grown := 0
	for range 300 {
		s := pool(&rng, 3+rng.below(12), 8+rng.below(30))
		for range 6 {
			for range 3 {
				s.SetCost(rng.below(s.n), float64(rng.below(19)-9))
			}
			s.Reset()
			s.Solve()
			checkKernel(t, s)
			if rng.below(3) == 0 {
				j, k := rng.below(s.n/2), s.n/2+rng.below(s.n/2)
				s.AddRows([][]Entry{{{j, 1}, {k, 2}}}, []Bounds{{0, float64(1 + rng.below(5))}})
				checkKernel(t, s)
			}
		}
		grown += len(s.heads)
	}
	if grown < 300 {
		t.Fatalf("%d columns in 300 bases: too few to show anything", grown)
	}
}

// pool is a programme whose rows leave some room.
func pool(rng *xorshift, rows, columns int) *Simplex {
	p := Problem{Columns: make([]Column, columns)}
	for i := range rows {
		p.Rows = append(p.Rows, Bounds{0, float64(2 + rng.below(columns))})
		for j := range p.Columns {
			p.Columns[j].Bounds.Upper = float64(1 + rng.below(3))
			if rng.below(3) == 0 {
				p.Columns[j].Entries = append(p.Columns[j].Entries, Entry{i, float64(1 + rng.below(8)/7)})
			}
		}
	}
	s, err := New(p)
	if err != nil {
		panic(err)
	}
	return s
}

func checkKernel(t *testing.T, s *Simplex) {
	t.Helper()
	for p := range s.heads {
		for other, j := range s.heads {
			sum, want := 0.0, 0.0
			for c, i := range s.tight {
				sum += s.row(p)[c] * s.a.coefficient(int(i), int(j))
			}
			if p == other {
				want = 1
			}
			if math.Abs(sum-want) > 1e-6 {
				t.Fatalf("row %d of the inverse times head %d is %g", p, other, sum)
			}
		}
	}
	carried := append([]float64(nil), s.norm...)
	s.lengths()
	for v, want := range s.norm {
		basic := v < s.n && s.pos[v] >= 0 || v >= s.n && s.slot[v-s.n] < 0
		if got := carried[v]; basic && math.Abs(got-want) > 1e-5*(1+want) {
			t.Fatalf("variable %d: length %g was carried, it is %g", v, got, want)
		}
	}
}
