package lp

// The basis holds some columns, the heads, and the logicals of all rows but as many, the tight ones. Only
// the inverse of the square block of tight rows and heads, the kernel, is kept: with W that inverse and A
// the other rows of the heads, the inverse of the whole basis is
//
//	W    0   for the heads
//	A·W  -1  for the logicals in the basis
//
// and its lower rows are put together when they are wanted. Rows that do not bind cost next to nothing.

// row is row p of the kernel's inverse: the head's, one entry a tight row.
func (s *Simplex) row(p int) []float64 {
	at := p * s.stride
	return s.kernel[at : at+len(s.heads)]
}

// widen makes room for one more head.
func (s *Simplex) widen() {
	k := len(s.heads)
	if k < s.stride {
		return
	}
	wide := min(2*k+16, s.m, s.n)
	kernel := make([]float64, wide*wide)
	for p := range k {
		copy(kernel[p*wide:], s.row(p))
	}
	s.kernel, s.stride = kernel, wide
}

// pivotRow writes the row of the inverse that belongs to variable out, which is in the basis, to rho and,
// tight rows only, to near.
func (s *Simplex) pivotRow(out int) {
	clear(s.rho)
	s.near = s.near[:len(s.heads)]
	if out < s.n {
		copy(s.near, s.row(int(s.pos[out])))
	} else {
		s.combine(out-s.n, s.near)
		s.rho[out-s.n] = -1
	}
	for c, i := range s.tight {
		s.rho[i] = s.near[c]
	}
}

// combine writes row i of A·W to out.
func (s *Simplex) combine(i int, out []float64) {
	clear(out)
	for p, j := range s.heads {
		if v := s.a.coefficient(i, int(j)); v != 0 {
			subtract(out, s.row(p), -v)
		}
	}
}

// column computes the current form of variable j, which is outside the basis, the basis' inverse times its
// coefficients: edge for the heads, drift for the logicals.
func (s *Simplex) column(j int) {
	k := len(s.heads)
	edge := s.edge[:k]
	clear(s.drift)
	if j >= s.n {
		c := int(s.slot[j-s.n])
		for p := range edge {
			edge[p] = -s.kernel[p*s.stride+c]
		}
	} else {
		s.a.scatter(s.drift, j, -1)
		s.solveHeads(s.drift, edge)
		for p, v := range edge {
			edge[p] = -v
		}
	}
	for p, v := range edge {
		if v != 0 {
			s.a.scatter(s.drift, int(s.heads[p]), v)
		}
	}
}

// solveHeads multiplies the kernel's inverse with the tight entries of b, of which few are not 0.
func (s *Simplex) solveHeads(b, out []float64) {
	who, what := s.spots[:0], s.dense[:len(s.tight)]
	for c, i := range s.tight {
		what[c] = b[i]
		if b[i] != 0 {
			who = append(who, int32(c))
		}
	}
	s.spots = who
	if 2*len(who) > len(what) {
		for p := range out {
			out[p] = inner(s.row(p), what)
		}
		return
	}
	for p := range out {
		row, sum := s.row(p), 0.0
		for _, c := range who {
			sum += float64(row[c] * what[c])
		}
		out[p] = sum
	}
}

// exchange changes the inverse and the lengths of its rows (dual steepest edge, Forrest and Goldfarb 1992)
// for q entering the basis and out leaving it, with the pivot piv. pivotRow and column have just run.
func (s *Simplex) exchange(out, q int, piv float64) {
	s.since++
	length := s.norm[out]
	lean := s.work
	clear(lean)
	for p, j := range s.heads {
		if int(j) == out {
			continue
		}
		g := s.edge[p] / piv
		sum := 0.0
		if g == 0 {
			sum = inner(s.row(p), s.near)
		} else {
			sum = slide(s.row(p), s.near, g)
			s.relength(int(j), p, float64(g*(float64(g*length)-float64(2*sum))))
		}
		if sum != 0 {
			s.a.scatter(lean, int(j), sum)
		}
	}
	if out < s.n {
		s.a.scatter(lean, out, length)
	}
	for i, c := range s.slot {
		if d := s.drift[i]; c < 0 && d != 0 && s.n+i != out {
			g := d / piv
			s.norm[s.n+i] = max(1, s.norm[s.n+i]+float64(g*(float64(g*length)-float64(2*lean[i]))))
		}
	}
	s.norm[q] = length / float64(piv*piv)
	s.swap(out, q, piv)
}

// relength adds to the length of a head's row, and computes it when little would be left of it.
func (s *Simplex) relength(j, p int, by float64) {
	v := s.norm[j] + by
	if v < float64(1e-3*s.norm[j]) {
		row := s.row(p)
		v = max(inner(row, row), 1e-12)
	}
	s.norm[j] = v
}

// swap brings q into the lists of the basis for out, and the new row and column into the inverse.
func (s *Simplex) swap(out, q int, piv float64) {
	switch {
	case out < s.n && q < s.n:
		s.replaceRow(int(s.pos[out]), q, piv)
		s.pos[out] = -1
	case out < s.n:
		s.removeRow(int(s.pos[out]))
		s.pos[out] = -1
		s.removeColumn(int(s.slot[q-s.n]))
		s.slot[q-s.n] = -1
	case q < s.n:
		s.addColumn(out-s.n, piv)
		s.near = append(s.near, -1)
		s.heads = append(s.heads, 0)
		s.replaceRow(len(s.heads)-1, q, piv)
	default:
		c := s.slot[q-s.n]
		s.slot[q-s.n], s.slot[out-s.n], s.tight[c] = -1, c, int32(out-s.n)
		s.writeColumn(int(c), piv)
	}
}

// replaceRow makes q the head of row p.
func (s *Simplex) replaceRow(p, q int, piv float64) {
	s.heads[p], s.pos[q] = int32(q), int32(p)
	over := 1 / piv
	for c, v := range s.near {
		s.kernel[p*s.stride+c] = v * over
	}
}

// addColumn appends a column for row i, which becomes tight.
func (s *Simplex) addColumn(i int, piv float64) {
	s.widen()
	s.slot[i] = int32(len(s.tight))
	s.tight = append(s.tight, int32(i))
	s.writeColumn(len(s.tight)-1, piv)
}

// writeColumn writes what the -1 of a logical that leaves becomes for the heads.
func (s *Simplex) writeColumn(c int, piv float64) {
	for p := range s.heads {
		s.kernel[p*s.stride+c] = s.edge[p] / piv
	}
}

// removeRow takes head p out; the last row takes its place.
func (s *Simplex) removeRow(p int) {
	last := len(s.heads) - 1
	if p != last {
		copy(s.row(p), s.row(last))
		s.heads[p] = s.heads[last]
		s.pos[s.heads[p]] = int32(p)
	}
	s.heads = s.heads[:last]
}

// removeColumn takes tight row c out; the last column takes its place. The heads are one fewer already.
func (s *Simplex) removeColumn(c int) {
	last := len(s.tight) - 1
	if c != last {
		for p := range s.heads {
			s.kernel[p*s.stride+c] = s.kernel[p*s.stride+last]
		}
		s.tight[c] = s.tight[last]
		s.slot[s.tight[c]] = int32(c)
	}
	s.tight = s.tight[:last]
}

// inner is the product of two vectors, summed four apart.
func inner(a, b []float64) float64 {
	var t0, t1, t2, t3 float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		t0 += float64(a[0] * b[0])
		t1 += float64(a[1] * b[1])
		t2 += float64(a[2] * b[2])
		t3 += float64(a[3] * b[3])
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		t0 += float64(v * b[i])
	}
	return (t0 + t1) + (t2 + t3)
}

// slide takes g times b from a and returns the product of b with what a was.
func slide(a, b []float64, g float64) float64 {
	var t0, t1, t2, t3 float64
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		a0, a1, a2, a3 := a[0], a[1], a[2], a[3]
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		t0 += float64(a0 * b0)
		t1 += float64(a1 * b1)
		t2 += float64(a2 * b2)
		t3 += float64(a3 * b3)
		a[0], a[1], a[2], a[3] = a0-float64(g*b0), a1-float64(g*b1), a2-float64(g*b2), a3-float64(g*b3)
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		t0 += float64(v * b[i])
		a[i] = v - float64(g*b[i])
	}
	return (t0 + t1) + (t2 + t3)
}
