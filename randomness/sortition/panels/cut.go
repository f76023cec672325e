package panels

import (
	"math"

	"kleroterion/randomness/sortition/lp"
)

// cutOff turns weights that part x from all panels into a cut with whole weights, its right side the
// most that any panel weighs, and proves it. It returns nil when the rounded weights no longer part x,
// or when search or proof were cut short.
func (s *solver) cutOff(w, x []float64) *Cut {
	whole := wholeWeights(w)
	if whole == nil {
		return nil
	}
	s.tell(Progress{Phase: PhaseCuts})
	k, err := s.space.newLP()
	if err != nil {
		return nil
	}
	for t, v := range whole {
		k.SetCost(t, -float64(v))
	}
	k.Reset()
	found := s.search(k, &lp.Search{Nodes: 1_000_000, Below: math.Inf(1), Enough: math.Inf(-1)})
	if !found.Complete || found.Point == nil {
		return nil
	}
	s.remember(found.Point)
	c := Cut{}
	have := 0.0
	for t, v := range whole {
		if v != 0 {
			c.Weights = append(c.Weights, Weight{Type: t, Each: v})
			c.AtMost += v * int64(found.Point[t])
			have += float64(float64(v) * x[t])
		}
	}
	if have < float64(c.AtMost)+1e-7 {
		return nil
	}
	if c.Proof, _ = s.prove(s.space.against(c), s.space.wholeBox()); c.Proof == nil {
		return nil
	}
	return &c
}

// wholeWeights scales weights to whole numbers in the same proportions where small ones exist (they come
// from a vertex, so they are fractions), and otherwise to the nearest of a fine grid.
func wholeWeights(w []float64) []int64 {
	least, most := math.Inf(1), 0.0
	for _, v := range w {
		if a := math.Abs(v); a > tiny {
			least, most = min(least, a), max(most, a)
		}
	}
	if most == 0 {
		return nil
	}
	for d := 1; d <= 2000; d++ {
		scale := float64(d) / least
		if most*scale > 1e5 {
			break
		}
		if out := scaled(w, scale, float64(1e-6*float64(d))); out != nil {
			return out
		}
	}
	return scaled(w, 1e4/most, 1)
}

// scaled rounds w times scale, nil if an entry is farther than tolerance from a whole number.
func scaled(w []float64, scale, tolerance float64) []int64 {
	out := make([]int64, len(w))
	for t, v := range w {
		u := math.Floor(float64(v*scale) + 0.5)
		if math.Abs(float64(v*scale)-u) > tolerance {
			return nil
		}
		out[t] = int64(u)
	}
	return out
}
