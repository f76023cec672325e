package lp

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// xorshift is enough randomness for a test that has to see inside.
type xorshift uint64

func (x *xorshift) below(n int) int {
	*x ^= *x << 13
	*x ^= *x >> 7
	*x ^= *x << 17
	return int(uint64(*x) >> 11 % uint64(n))
}

func infeasible(rng *xorshift, rows, columns int) *Simplex {
	for {
		var p Problem
		for range rows {
			lo := float64(rng.below(6))
			p.Rows = append(p.Rows, Bounds{lo, lo + float64(rng.below(2))})
		}
		for range columns {
			c := Column{Bounds: Bounds{0, float64(1 + rng.below(3))}, Cost: float64(rng.below(9))}
			for i := range rows {
				if rng.below(3) == 0 {
					c.Entries = append(c.Entries, Entry{i, float64(1 + rng.below(8)/7)})
				}
			}
			p.Columns = append(p.Columns, c)
		}
		s, err := New(p)
		if err != nil {
			panic(err)
		}
		if s.Solve() == Infeasible {
			return s
		}
	}
}

// Rounding the ray and solving the basis without fractions give the same multipliers, and those prove
// infeasibility in whole numbers.
func TestExactRayIsTheSameBothWays(t *testing.T) {
	rng := xorshift(88172645463325252)
	for range 600 {
		s := infeasible(&rng, 2+rng.below(9), 4+rng.below(20))
		rounded, solved := s.roundRay(), s.solveRay()
		if !s.isRay(solved) {
			t.Fatalf("solved ray %v is no ray of the basis", solved)
		}
		if diff := cmp.Diff(rounded, solved); diff != "" {
			t.Fatal(diff)
		}
		if !proves(s, s.ExactRay()) {
			t.Fatalf("ray %v proves nothing", rounded)
		}
	}
}

// A ray that lost its digits is restored by elimination.
func TestExactRayDoesNotNeedTheFloatingPointRay(t *testing.T) {
	rng := xorshift(2463534242)
	for range 200 {
		s := infeasible(&rng, 4, 12)
		want := s.ExactRay()
		for i := range s.ray {
			s.ray[i] += 0.0123456789 / float64(i+3)
		}
		if diff := cmp.Diff(want, s.ExactRay()); diff != "" {
			t.Fatal(diff)
		}
	}
}

func proves(s *Simplex, y []int64) bool {
	most, least := 0.0, 0.0
	for i, v := range y {
		most += max(float64(v)*s.lower[s.n+i], float64(v)*s.upper[s.n+i])
	}
	for j := range s.n {
		g, _ := s.wholeProduct(y, j)
		least += min(float64(g)*s.lower[j], float64(g)*s.upper[j])
	}
	return least > most
}
