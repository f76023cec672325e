package lp

import "math"

const singular = 1e-11

// factor computes the kernel's inverse by Gauss-Jordan elimination with partial pivoting, and the lengths
// of all rows of the basis' inverse. It reports false, and leaves the inverse useless, when the basis is
// singular.
func (s *Simplex) factor() bool {
	k := len(s.heads)
	s.since = 0
	s.Work += int64(k * k * (k + 16))
	if cap(s.square) < 2*k*k {
		s.square = make([]float64, 2*k*k)
	}
	b, inv := s.square[:k*k], s.square[k*k:2*k*k]
	clear(s.square[:2*k*k])
	for p, j := range s.heads {
		s.a.each(int(j), func(i int32, v float64) {
			if c := s.slot[i]; c >= 0 {
				b[int(c)*k+p] = v
			}
		})
	}
	for p := range k {
		inv[p*k+p] = 1
	}
	for c := range k {
		if !eliminate(b, inv, c, k) {
			return false
		}
	}
	for p := range k {
		copy(s.row(p), inv[p*k:(p+1)*k])
	}
	s.lengths()
	return true
}

// lengths computes the squared length of each row of the basis' inverse.
func (s *Simplex) lengths() {
	for p, j := range s.heads {
		row := s.row(p)
		s.norm[j] = inner(row, row)
	}
	for i, c := range s.slot {
		if c < 0 {
			s.norm[s.n+i] = s.logicalLength(i)
		}
	}
}

func (s *Simplex) logicalLength(i int) float64 {
	row := s.edge[:len(s.heads)]
	s.combine(i, row)
	return 1 + inner(row, row)
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
		subtract(b[r*m+c:(r+1)*m], pb[c:], f)
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
