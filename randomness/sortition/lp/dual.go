package lp

import "math"

// candidate is a variable that may enter the basis: the dual step at which its reduced cost changes
// sign, and how much of the infeasibility is gone when it moves across its whole range.
type candidate struct {
	j     int32
	ratio float64
	slope float64
	size  float64 // of its coefficient in the pivot row
}

// Solve runs the dual simplex from the current basis, whose reduced costs are in order after New,
// Reset, Tighten and AddRows.
func (s *Simplex) Solve() Outcome {
	if !math.IsInf(s.Cutoff, 1) {
		s.total = s.Objective()
	}
	for range s.Limit {
		if s.since >= 64+len(s.heads) {
			s.refresh()
		}
		if s.total >= s.Cutoff {
			return Cutoff
		}
		out, excess := s.leaving()
		if out < 0 {
			return Optimal
		}
		if s.Work >= s.WorkLimit {
			return Numeric
		}
		if s.SharpRay && s.since > 0 && !s.canRepair(out, excess) {
			s.refresh()
			if out, excess = s.leaving(); out < 0 {
				return Optimal
			}
		}
		k := len(s.heads)
		s.Work += int64(2*(len(s.active)+s.m) + 2*k*k + 16*k)
		if !s.canRepair(out, excess) {
			return s.keepRay(out, excess < 0)
		}
		at := breakpoint(s.cands, math.Abs(excess))
		if !s.pivot(out, excess < 0, s.cands[at]) {
			s.stalls++
			if s.stalls > 50 {
				s.stalls = 0
				return Numeric
			}
			s.refresh()
		}
	}
	return Numeric
}

// refresh computes inverse, prices and point afresh.
func (s *Simplex) refresh() {
	if !s.factor() {
		s.restart()
		return
	}
	s.reset()
}

// leaving picks the variable of the basis that is farthest outside its bounds, measured along the
// edge that leaves it, and returns it and by how much it is below (negative) or above.
func (s *Simplex) leaving() (int, float64) {
	out, best, excess := -1, 0.0, 0.0
	for _, v := range s.heads {
		x, over := s.x[v], 0.0
		if lo := s.lower[v]; x < lo-float64(feasible*(1+math.Abs(lo))) {
			over = x - lo
		} else if up := s.upper[v]; x > up+float64(feasible*(1+math.Abs(up))) {
			over = x - up
		} else {
			continue
		}
		if score := over * over / s.norm[v]; score > best {
			out, best, excess = int(v), score, over
		}
	}
	lower, upper := s.lower[s.n:], s.upper[s.n:]
	for i, x := range s.x[s.n:] {
		over := 0.0
		if lo := lower[i]; x < lo-float64(feasible*(1+math.Abs(lo))) {
			over = x - lo
		} else if up := upper[i]; x > up+float64(feasible*(1+math.Abs(up))) {
			over = x - up
		} else {
			continue
		}
		if s.slot[i] >= 0 {
			continue
		}
		if score := over * over / s.norm[s.n+i]; score > best {
			out, best, excess = s.n+i, score, over
		}
	}
	return out, excess
}

// canRepair computes the pivot row and the candidates, and reports whether moving all of them would
// bring the variable out, of the basis, back within its bounds.
func (s *Simplex) canRepair(out int, excess float64) bool {
	s.pivotRow(out)
	s.a.products(s.rho, s.alpha, s.active)
	for i, v := range s.rho {
		s.alpha[s.n+i] = -v
	}
	way := float64(1)
	if excess > 0 {
		way = -1
	}
	who := s.sift(way)
	if cap(s.cands) < len(who) {
		s.cands = make([]candidate, len(who), 2*len(who))
	}
	cands := s.cands[:len(who)]
	reach := 0.0
	for i, j := range who {
		size := math.Abs(s.alpha[j])
		slope := float64(size * (s.upper[j] - s.lower[j]))
		reach += slope
		cands[i] = candidate{j, math.Abs(s.d[j]) / size, slope, size}
	}
	s.cands = cands
	need := math.Abs(excess)
	return len(cands) > 0 && reach >= need-float64(feasible*(1+need))
}

// sift lists the variables whose move away from their bound helps. Which they are is as good as random,
// so every one is written to the list and the length decides: a branch here would be guessed wrong
// half of the time.
func (s *Simplex) sift(way float64) []int32 {
	if size := len(s.active) + s.m + 1; cap(s.who) < size {
		s.who = make([]int32, size)
	}
	who, alpha, move := s.who[:cap(s.who)], s.alpha, s.move[:len(s.alpha)]
	n := 0
	for _, j := range s.active {
		who[n] = j
		k := n + 1
		if alpha[j]*move[j]*way >= -smallest {
			k = n
		}
		n = k
	}
	for j := s.n; j < len(alpha); j++ {
		who[n] = int32(j)
		k := n + 1
		if alpha[j]*move[j]*way >= -smallest {
			k = n
		}
		n = k
	}
	return who[:n]
}

func (s *Simplex) keepRay(out int, below bool) Outcome {
	s.out, s.below = out, below
	for i, v := range s.rho {
		if !below {
			v = -v
		}
		s.ray[i] = v
	}
	return Infeasible
}

// breakpoint returns the candidate at which the infeasibility need is used up when candidates move
// across in order of their ratio: weighted quickselect. Among equal ratios the largest coefficient
// wins, then the first variable.
func breakpoint(c []candidate, need float64) int {
	lo, hi := 0, len(c)
	for {
		v := median(c[lo].ratio, c[(lo+hi)/2].ratio, c[hi-1].ratio)
		less, at, more := lo, lo, hi
		before, equal := 0.0, 0.0
		for at < more {
			switch r := c[at].ratio; {
			case r < v:
				before += c[at].slope
				c[less], c[at] = c[at], c[less]
				less++
				at++
			case r > v:
				more--
				c[more], c[at] = c[at], c[more]
			default:
				equal += c[at].slope
				at++
			}
		}
		switch {
		case need <= before && less > lo:
			hi = less
		case need <= before+equal || more >= hi:
			return largest(c, less, more)
		default:
			need -= before + equal
			lo = more
		}
	}
}

func median(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}

func largest(c []candidate, from, to int) int {
	best := from
	for i := from + 1; i < to; i++ {
		if c[i].size > c[best].size || (c[i].size == c[best].size && c[i].j < c[best].j) {
			best = i
		}
	}
	return best
}

// pivot moves every candidate before e across, brings e into the basis and takes out what leaves. It
// reports false, with the point out of step, when the numbers cannot be trusted.
func (s *Simplex) pivot(out int, below bool, e candidate) bool {
	q := int(e.j)
	s.column(q)
	piv := s.pivotOf(out)
	if math.Abs(piv) < 1e-9 || math.Abs(piv-s.alpha[q]) > float64(1e-6*(1+math.Abs(piv))) {
		return false
	}
	s.flip(e)
	target := s.upper[out]
	if below {
		target = s.lower[out]
	}
	theta := (s.x[out] - target) / piv
	s.total += float64(s.d[q] * theta)
	s.follow(theta)
	s.x[q] += theta
	s.x[out] = target
	s.reprice(q, out, s.d[q]/piv)
	s.high[out] = !below
	s.move[q] = 0
	s.exchange(out, q, piv)
	s.park(out)
	return true
}

// pivotOf is the entry of the current column for variable out.
func (s *Simplex) pivotOf(out int) float64 {
	if out < s.n {
		return s.edge[s.pos[out]]
	}
	return s.drift[out-s.n]
}

// follow moves the basis by -theta times the current column.
func (s *Simplex) follow(theta float64) {
	for p, v := range s.heads {
		s.x[v] -= float64(theta * s.edge[p])
	}
	x := s.x[s.n:]
	for i, v := range s.drift {
		if s.slot[i] < 0 {
			x[i] -= float64(theta * v)
		}
	}
}

// flip moves every candidate of a smaller ratio than e to its other bound.
func (s *Simplex) flip(e candidate) {
	any := false
	for _, c := range s.cands {
		if c.ratio >= e.ratio {
			continue
		}
		if !any {
			clear(s.work)
			any = true
		}
		j := int(c.j)
		dx := float64(s.move[j] * (s.upper[j] - s.lower[j]))
		s.high[j] = !s.high[j]
		s.park(j)
		s.total += float64(s.d[j] * dx)
		if j >= s.n {
			s.work[j-s.n] -= dx
		} else {
			s.a.scatter(s.work, j, dx)
		}
	}
	if !any {
		return
	}
	moved := s.moved[:len(s.heads)]
	s.solveHeads(s.work, moved)
	for p, v := range s.heads {
		s.x[v] -= moved[p]
		s.a.scatter(s.work, int(v), -moved[p])
	}
	x := s.x[s.n:]
	for i, v := range s.work {
		if s.slot[i] < 0 {
			x[i] += v
		}
	}
}

// reprice updates the reduced costs for a dual step.
func (s *Simplex) reprice(q, out int, step float64) {
	if step != 0 {
		for _, j := range s.active {
			s.d[j] -= float64(step * s.alpha[j])
		}
		for i := s.n; i < s.n+s.m; i++ {
			s.d[i] -= float64(step * s.alpha[i])
		}
		for _, v := range s.heads {
			s.d[v] = 0
		}
	}
	s.d[q], s.d[out] = 0, -step
}
