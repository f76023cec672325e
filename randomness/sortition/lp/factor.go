package lp

import "math"

const singular = 1e-11

// factor computes the inverse of the basis by Gauss-Jordan elimination with partial pivoting. It
// reports false, and leaves the inverse useless, when the basis is singular.
func (s *Simplex) factor() bool {
	m := s.m
	s.since = 0
	s.Pivots += int64(m / 2) // what it costs
	if cap(s.square) < m*m {
		s.square = make([]float64, m*m)
	}
	b := s.square[:m*m]
	clear(b)
	for r, v := range s.basis {
		if int(v) >= s.n {
			b[(int(v)-s.n)*m+r] = -1
			continue
		}
		s.a.each(int(v), func(i int32, c float64) { b[int(i)*m+r] = c })
	}
	clear(s.inv)
	for i := range m {
		s.inv[i*m+i] = 1
	}
	for c := range m {
		if !eliminate(b, s.inv, c, m) {
			return false
		}
	}
	for i := range m {
		row := s.inv[i*m : (i+1)*m]
		s.norm[i] = inner(row, row)
	}
	return true
}

// eliminate makes column c of b a unit column and does the same to inv.
func eliminate(b, inv []float64, c, m int) bool {
	best, at := 0.0, -1
	for r := c; r < m; r++ {
		if v := math.Abs(b[r*m+c]); v > best {
			best, at = v, r
		}
	}
	if best < singular {
		return false
	}
	pb, pi := b[c*m:(c+1)*m], inv[c*m:(c+1)*m]
	if at != c {
		swap(pb, b[at*m:(at+1)*m])
		swap(pi, inv[at*m:(at+1)*m])
	}
	over := 1 / pb[c]
	for k := range m {
		pb[k] *= over
		pi[k] *= over
	}
	for r := range m {
		f := b[r*m+c]
		if r == c || f == 0 {
			continue
		}
		subtract(b[r*m:(r+1)*m], pb, f)
		subtract(inv[r*m:(r+1)*m], pi, f)
	}
	return true
}

func swap(a, b []float64) {
	for k := range a {
		a[k], b[k] = b[k], a[k]
	}
}

// subtract takes f times b from a.
func subtract(a, b []float64, f float64) {
	b = b[:len(a)]
	for k := range a {
		a[k] -= float64(f * b[k])
	}
}
