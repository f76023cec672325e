package panels

import (
	"math"
	"math/big"
	"slices"

	"kleroterion/randomness/sortition/lp"
)

// repair changes equal panels, one at a time, until every type is within its window: of a panel that has
// somebody who has too many, or lacks somebody who has too few, it makes the panel that does best with all
// others as they are.
type repair struct {
	meter *meter
	space *space
	k     *lp.Simplex
	rng   random
	out   []panel
	low   []int64 // by type: the windows
	high  []int64
	have  []int64 // by type: seats on all panels
	care  []int64 // by type: what being outside its window by a seat counts; grows while it is
}

// repair returns the best that it comes by and by how many seats types are outside their windows there.
func (m *meter) repair(s *space, out []panel, p []*big.Rat, work int64) ([]panel, int64) {
	k, err := s.newLP()
	if err != nil {
		return out, math.MaxInt64
	}
	size := len(s.people)
	r := &repair{meter: m, space: s, k: k, rng: 81, out: slices.Clone(out), low: make([]int64, size), high: make([]int64, size), have: make([]int64, size), care: make([]int64, size)}
	for t, q := range p {
		low, high := s.window(t, q, int64(len(out)))
		r.low[t], r.high[t], r.care[t] = int64(low), int64(high), 10
	}
	for _, seats := range out {
		for t, c := range seats {
			r.have[t] += int64(c)
		}
	}
	best, least := slices.Clone(out), r.astray()
	for stop := m.left - work; least > 0 && m.left > max(stop, 0) && m.ctx.Err() == nil; {
		m.left -= int64(size) // also where there is nothing to search
		t := r.amiss()
		i := r.choose(t)
		if i < 0 || !r.replace(i) {
			r.care[t]++
			continue
		}
		if now := r.astray(); now < least {
			copy(best, r.out)
			least = now
		}
	}
	return best, least
}

// astray is by how many seats types are outside their windows.
func (r *repair) astray() int64 {
	sum := int64(0)
	for t, have := range r.have {
		sum += max(0, r.low[t]-have, have-r.high[t])
	}
	return sum
}

// off is by how many seats type t would be outside its window with have seats, by how much they count.
func (r *repair) off(t int, have int64) int64 {
	return max(0, r.low[t]-have, have-r.high[t]) * r.care[t]
}

// amiss is a type outside its window.
func (r *repair) amiss() int {
	var types []int
	for t, have := range r.have {
		if r.off(t, have) > 0 {
			types = append(types, t)
		}
	}
	return types[r.rng.next()%uint64(len(types))]
}

// choose finds a panel that could give a seat of type t away, or take one, from a random place on.
func (r *repair) choose(t int) int {
	first := int(r.rng.next() % uint64(len(r.out)))
	much := r.have[t] > r.high[t]
	for i := range r.out {
		at := (first + i) % len(r.out)
		c := int64(r.out[at][t])
		if much && c > 0 || !much && c < r.space.caps[t] {
			return at
		}
	}
	return -1
}

// replace puts the best panel that a short search finds in the place of panel i, if it is no worse, and
// reports whether it is better.
func (r *repair) replace(i int) bool {
	old := r.out[i]
	now := 0.0
	for t, c := range old {
		cost := r.price(t, int64(c))
		now += float64(cost * float64(c))
		r.k.SetCost(t, cost)
	}
	r.k.Reset()
	found := r.meter.search(r.k, &lp.Search{Nodes: 60, Below: math.Inf(1), Enough: now - 0.9})
	if found.Point == nil {
		return false
	}
	better := int64(0)
	for t, c := range found.Point {
		have := r.have[t] - int64(old[t])
		better += r.off(t, have+int64(old[t])) - r.off(t, have+int64(c))
	}
	if better < 0 || slices.Equal(old, found.Point) {
		return false
	}
	for t, c := range found.Point {
		r.have[t] += int64(c) - int64(old[t])
	}
	r.out[i] = panel(slices.Clone(found.Point))
	return better > 0
}

// price is what a seat of type t costs on a panel that has c now: what it does to the windows, then a
// little for being far from their middle, and chance.
func (r *repair) price(t int, c int64) float64 {
	less := r.have[t] - min(c, 1)
	cost := float64(r.off(t, less+1)-r.off(t, less)) / 10
	past := 2*less + 1 - r.low[t] - r.high[t] // twice the way from the middle
	cost += float64(0.05*float64(past)) / float64(r.high[t]-r.low[t]+1)
	return cost + float64(0.05*(r.rng.unit()-0.5))
}
