package lp

import (
	"math"
	"math/big"
)

// ExactRay returns multipliers in the proportions that the last ray stands for, as whole numbers
// without a common factor, computed without rounding: the row of the inverse of the basis that the ray
// came from. It needs whole coefficients and returns nil when it meets others, a basis that is
// singular or a multiplier beyond 2^53.
//
// Rays of quota problems are small whole numbers over a small determinant, so the floating-point ray
// is rounded first and the result is checked exactly against the basis; only when that fails is the
// system solved by fraction-free elimination (Bareiss).
func (s *Simplex) ExactRay() []int64 {
	if y := s.roundRay(); y != nil && s.isRay(y) {
		return y
	}
	if y := s.solveRay(); y != nil && s.isRay(y) {
		return y
	}
	return nil
}

const (
	largestDenominator = 1 << 30
	largestMultiplier  = 1 << 53
)

// roundRay looks for the smallest common denominator that makes every multiplier whole.
func (s *Simplex) roundRay() []int64 {
	most := 0.0
	for _, v := range s.ray {
		most = max(most, math.Abs(v))
	}
	denominator := int64(1)
	for _, v := range s.ray {
		if math.Abs(v) < float64(1e-10*most) {
			continue
		}
		q := denominatorOf(math.Abs(v) * float64(denominator))
		if q == 0 || q > largestDenominator/denominator {
			return nil
		}
		denominator *= q
	}
	y := make([]int64, s.m)
	for i, v := range s.ray {
		w := math.Floor(float64(v*float64(denominator)) + 0.5)
		if math.Abs(w) > largestMultiplier {
			return nil
		}
		y[i] = int64(w)
	}
	return primitive(y)
}

// denominatorOf is the denominator of the simplest fraction close to v, 0 when there is none.
func denominatorOf(v float64) int64 {
	tolerance := float64(1e-9 * (1 + v))
	k0, k1 := int64(0), int64(1)
	h0, h1 := float64(1), math.Floor(v)
	rest := v - h1
	for range 40 {
		if math.Abs(h1-float64(v*float64(k1))) <= tolerance {
			return k1
		}
		rest = 1 / rest
		q := math.Floor(rest)
		rest -= q
		if q > 1e9 || rest < 0 {
			return 0
		}
		h0, h1 = h1, float64(q*h1)+h0
		k0, k1 = k1, int64(q)*k1+k0
		if k1 > largestDenominator {
			return 0
		}
	}
	return 0
}

// primitive divides by the greatest common divisor; it returns nil for the zero vector.
func primitive(y []int64) []int64 {
	g := int64(0)
	for _, v := range y {
		for a, b := g, v; ; {
			if b == 0 {
				g = max(a, -a)
				break
			}
			a, b = b, a%b
		}
	}
	if g == 0 {
		return nil
	}
	for i := range y {
		y[i] /= g
	}
	return y
}

// isRay checks exactly that y is orthogonal to every variable of the basis but the one that leaves,
// and has the sign of the ray there.
func (s *Simplex) isRay(y []int64) bool {
	for i, c := range s.slot {
		if c < 0 && s.n+i != s.out && y[i] != 0 {
			return false
		}
	}
	for _, v := range s.heads {
		if p, ok := s.wholeProduct(y, int(v)); int(v) != s.out && (!ok || p != 0) {
			return false
		}
	}
	p, ok := s.wholeProduct(y, s.out)
	return ok && p != 0 && (p > 0) == s.below
}

func (s *Simplex) wholeProduct(y []int64, j int) (int64, bool) {
	if j >= s.n {
		return -y[j-s.n], true
	}
	sum, ok := int64(0), true
	s.a.each(j, func(row int32, v float64) {
		w := int64(v)
		if float64(w) != v || math.Abs(v)*math.Abs(float64(y[row])) > 1<<58 || math.Abs(float64(sum)) > 1<<61 {
			ok = false
			return
		}
		sum += w * y[row]
	})
	return sum, ok
}

// solveRay solves y·B = e for the leaving row without rounding. Rows whose logical is in the basis and
// stays have multiplier 0, which leaves a small system.
func (s *Simplex) solveRay() []int64 {
	var rows []int
	for i, c := range s.slot {
		if c >= 0 || s.n+i == s.out {
			rows = append(rows, i)
		}
	}
	system := s.raySystem(rows)
	if system == nil || !bareiss(system) {
		return nil
	}
	return s.readRay(system, rows)
}

// raySystem has an equation for each variable of the basis that is a column or leaves, an unknown for
// each row listed, and the right side last.
func (s *Simplex) raySystem(rows []int) [][]*big.Int {
	at := make([]int, s.m)
	for i := range at {
		at[i] = -1
	}
	for k, i := range rows {
		at[i] = k
	}
	var system [][]*big.Int
	add := func(v int) []*big.Int {
		eq := make([]*big.Int, len(rows)+1)
		for k := range eq {
			eq[k] = new(big.Int)
		}
		if v == s.out {
			eq[len(rows)].SetInt64(1)
		}
		system = append(system, eq)
		return eq
	}
	for _, v := range s.heads {
		eq, whole := add(int(v)), true
		s.a.each(int(v), func(row int32, c float64) {
			w := int64(c)
			whole = whole && float64(w) == c
			if k := at[row]; k >= 0 {
				eq[k].SetInt64(w)
			}
		})
		if !whole {
			return nil
		}
	}
	if s.out >= s.n {
		add(s.out)[at[s.out-s.n]].SetInt64(-1)
	}
	return system
}

// bareiss diagonalises the system without fractions (Bareiss 1968, the Gauss-Jordan form): afterwards
// every diagonal entry is the determinant. It reports false for a singular one.
func bareiss(a [][]*big.Int) bool {
	last := big.NewInt(1)
	t := new(big.Int)
	for c := range a {
		p := c
		for p < len(a) && a[p][c].Sign() == 0 {
			p++
		}
		if p == len(a) {
			return false
		}
		a[c], a[p] = a[p], a[c]
		for r := range a {
			if r == c {
				continue
			}
			for k := len(a[r]) - 1; k >= 0; k-- {
				if k == c || (k < c && k != r) {
					continue
				}
				v := a[r][k]
				v.Mul(v, a[c][c])
				v.Sub(v, t.Mul(a[r][c], a[c][k]))
				v.Quo(v, last)
			}
			a[r][c].SetInt64(0)
		}
		last.Set(a[c][c])
	}
	return true
}

func (s *Simplex) readRay(system [][]*big.Int, rows []int) []int64 {
	g := new(big.Int)
	last := len(rows)
	for _, eq := range system {
		g.GCD(nil, nil, g, new(big.Int).Abs(eq[last]))
	}
	if g.Sign() == 0 {
		return nil
	}
	if (system[0][0].Sign() > 0) != s.below {
		g.Neg(g)
	}
	y := make([]int64, s.m)
	for k, i := range rows {
		v := new(big.Int).Quo(system[k][last], g)
		if !v.IsInt64() || v.Int64() > largestMultiplier || v.Int64() < -largestMultiplier {
			return nil
		}
		y[i] = v.Int64()
	}
	return y
}
