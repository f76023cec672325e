package panels

import (
	"math"
	"math/big"

	"kleroterion/randomness/sortition/lp"
)

// goldilocks minimises (n/k)·highest + (k/n)/lowest over the space (Baharav and Flanigan 2024, with
// gamma 1), n people with a chance and k seats. For a given lowest probability, the least highest one
// follows from rays as in LEXIMIN, and is convex; the sum is then minimised by halving an interval at
// the sign of its slope, which a ray gives too.
type goldilocks struct {
	meter  *meter
	space  *space
	k      *lp.Simplex
	zero   []bool
	people float64
	seats  float64
}

// line is what a ray proves: highest >= slope·lowest + offset.
type line struct {
	y             []float64 // scaled so that the falling side is 1
	slope, offset float64
}

// goldilocksPoint returns the probabilities, on a fine grid, and the multipliers of the bound.
func (m *meter) goldilocksPoint(s *space, zero []bool, most *big.Rat) ([]*big.Rat, *Bound, error) {
	k, err := s.newLP()
	if err != nil {
		return nil, nil, err
	}
	g := &goldilocks{meter: m, space: s, k: k, zero: zero, seats: float64(s.problem.Size)}
	for t, n := range s.people {
		if !zero[t] {
			g.people += float64(n)
		}
	}
	top, _ := most.Float64()
	t, high, y := g.minimise(top)
	x := g.middle(t, high)
	if x, err = m.mend(s, x); err != nil {
		return nil, nil, err
	}
	return s.grid(x), newBound(s, y), m.ctx.Err()
}

// minimise returns the best lowest and highest probability and the multipliers that prove them.
func (g *goldilocks) minimise(top float64) (low, high float64, y []float64) {
	from, to := 0.0, top
	left, _ := g.highest(top)
	if g.steep(left, top) <= 0 { // still falling where the lowest cannot rise any more
		return top, left.at(top), left.y
	}
	right := left
	left = g.first()
	for range 60 {
		mid := from + float64((to-from)/2)
		l, ok := g.highest(mid)
		if !ok || g.meter.spent() {
			break
		}
		if g.steep(l, mid) <= 0 {
			from, left = mid, l
		} else {
			to, right = mid, l
		}
		// Two lines meet where the sum is least, or nearly so.
		if to-from < 1e-13 {
			break
		}
	}
	// Between the two lines, the mixture whose slope balances 1/lowest is the tightest bound.
	mix := float64(0)
	want := float64(g.seats/g.people) * float64(g.seats/g.people) / float64(to*to)
	if d := right.slope - left.slope; d > 0 {
		mix = min(max((want-left.slope)/d, 0), 1)
	}
	y = make([]float64, len(left.y))
	for i := range y {
		y[i] = float64((1-mix)*left.y[i]) + float64(mix*right.y[i])
	}
	return to, max(left.at(to), right.at(to)), y
}

func (l line) at(low float64) float64 { return float64(l.slope*low) + l.offset }

// steep is the sign of the slope of the sum at low, on the line.
func (g *goldilocks) steep(l line, low float64) float64 {
	share := g.seats / g.people
	return l.slope - float64(share*share)/float64(low*low)
}

// first is the line of the panel's size alone: somebody has the average.
func (g *goldilocks) first() line {
	y := make([]float64, len(g.space.mins)+len(g.space.cuts))
	y[0] = -1
	return g.lineOf(y)
}

// lineOf scales multipliers and reads off what they prove.
func (g *goldilocks) lineOf(y []float64) line {
	s := g.space
	most := 0.0
	for r, v := range y {
		switch {
		case r >= len(s.mins):
			most += float64(v * float64(s.cuts[r-len(s.mins)].AtMost))
		case v > 0:
			most += float64(v * float64(s.maxs[r]))
		default:
			most += float64(v * float64(s.mins[r]))
		}
	}
	up, down := 0.0, 0.0
	for t, n := range s.people {
		if g.zero[t] {
			continue
		}
		if v := s.priceOf(y, t); v > 0 {
			up += float64(v * float64(n))
		} else {
			down -= float64(v * float64(n))
		}
	}
	if down <= 0 {
		return line{y: y, slope: math.Inf(1)}
	}
	out := line{y: make([]float64, len(y)), slope: up / down, offset: -most / down}
	for i, v := range y {
		out.y[i] = v / down
	}
	return out
}

// highest finds the least highest probability for a lowest one, as the line that proves it.
func (g *goldilocks) highest(low float64) (line, bool) {
	l := g.first()
	for range 200 {
		g.box(low, float64(l.at(low)*(1+1e-12)))
		switch g.meter.solve(g.k) {
		case lp.Optimal:
			return l, true
		case lp.Infeasible:
		default:
			return l, false
		}
		y := append([]float64(nil), g.k.Ray()...)
		for i := len(g.space.mins); i < len(y); i++ {
			y[i] = max(y[i], 0)
		}
		next := g.lineOf(y)
		if !(next.at(low) > l.at(low)+1e-13) || math.IsInf(next.slope, 1) {
			return l, true
		}
		l = next
	}
	return l, false
}

// box asks for probabilities from low to high.
func (g *goldilocks) box(low, high float64) {
	for t, n := range g.space.people {
		cap := float64(g.space.caps[t])
		if g.zero[t] {
			g.k.SetRange(t, 0, 0)
			continue
		}
		upper := min(cap, float64(high*float64(n)))
		g.k.SetRange(t, min(float64(low*float64(n)), upper), upper)
	}
	g.k.SetRowCost(0, 0)
	g.k.Reset()
}

// middle averages corners of the box's points, so that people who could have either extreme get
// something between.
func (g *goldilocks) middle(low, high float64) []float64 {
	out := make([]float64, len(g.space.people))
	rng := random(71)
	const corners = 16
	taken := 0
	for range corners {
		for t := range out {
			g.k.SetCost(t, rng.unit()-0.5)
		}
		g.box(low-1e-12, high+1e-12)
		if g.meter.solve(g.k) != lp.Optimal {
			continue
		}
		taken++
		for t, v := range g.k.X() {
			out[t] += v
		}
	}
	for t := range out {
		out[t] /= float64(max(taken, 1))
	}
	return out
}
