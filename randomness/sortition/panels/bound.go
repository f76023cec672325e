package panels

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"kleroterion/randomness/sortition/lp"
)

// Bound is the proof of NASH and GOLDILOCKS: multipliers of rows, each Times over Scale.
type Bound struct {
	Scale       int64        `json:"scale"`
	Multipliers []Multiplier `json:"multipliers"`
}

// newBound puts multipliers found in floating point on a grid: any multipliers give a valid bound, and a
// grid finer than 2^-32 would not give a better one.
func newBound(s *space, y []float64) *Bound {
	most := float64(1)
	for _, v := range y {
		most = max(most, math.Abs(v))
	}
	_, e := math.Frexp(most)
	b := &Bound{Scale: 1 << max(0, min(32, 50-e)), Multipliers: []Multiplier{}}
	for r, v := range y {
		w := int64(math.Floor(float64(v*float64(b.Scale)) + 0.5))
		if w > 0 || (w < 0 && r < len(s.mins)) {
			b.Multipliers = append(b.Multipliers, Multiplier{Row: r, Times: w})
		}
	}
	return b
}

// grid rounds expected seats to probabilities with small denominators.
func (s *space) grid(x []float64) []*big.Rat {
	const fine = 1 << 40
	out := make([]*big.Rat, len(x))
	for t, v := range x {
		out[t] = big.NewRat(int64(math.Floor(float64(v*fine)+0.5)), fine*s.people[t])
	}
	return out
}

var errMend = errors.New("the point found is too far from the quotas")

// mend moves x, which rounding may have left a little outside, to a point of the space next to it. Types
// and rows that are all but at a bound are put there if possible: a point that nearly touches a face
// would cost the walk many tiny steps.
func (m *meter) mend(s *space, x []float64) ([]float64, error) {
	for _, near := range []float64{1e-6, 1e-8, 0} {
		k, err := s.newLP()
		if err != nil {
			return nil, err
		}
		snapRows(s, k, x, near)
		for room := 1e-9; room < 1e-3; room *= 10 {
			for t, v := range x {
				low, high := around(v, float64(s.caps[t]), near, room)
				k.SetRange(t, low, high)
			}
			k.Reset()
			if m.solve(k) == lp.Optimal {
				return append([]float64(nil), k.X()...), nil
			}
		}
	}
	return nil, errMend
}

// snapRows holds the rows whose sum is near a bound to it.
func snapRows(s *space, k *lp.Simplex, x []float64, near float64) {
	sums := make([]float64, k.Rows())
	for t, v := range x {
		for _, e := range s.entries(t) {
			sums[e.row] += float64(v * e.v)
		}
	}
	for i, v := range sums {
		low, high := k.RowRange(i)
		switch {
		case high-v < near:
			k.SetRowRange(i, high, high)
		case v-low < near:
			k.SetRowRange(i, low, low)
		}
	}
}

// around is the range of a type next to v.
func around(v, cap, near, room float64) (low, high float64) {
	switch {
	case v < near:
		return 0, 0
	case v > cap-near:
		return cap, cap
	}
	return max(v-room, 0), min(v+room, cap)
}

// judgeBound checks the bound of NASH or GOLDILOCKS against what the lottery aims at.
func (v *Verdict) judgeBound(s *space, r *Result) error {
	if r.Bound == nil || r.Bound.Scale < 1 || r.Bound.Scale > limit {
		return fmt.Errorf("%s needs a bound with a scale between 1 and 2^53", r.Method)
	}
	g, most, ok := s.combine(r.Bound.Multipliers)
	if !ok {
		return errors.New("bound: multipliers of rows that there are not, of a cut the wrong way round, or too large")
	}
	if r.Method == Nash {
		return v.judgeNash(s, r, g, most)
	}
	return v.judgeGoldilocks(s, r, g, most)
}

// judgeNash bounds what any lottery q makes of the sum of n·q/p over the types with a chance. As
// log q <= log p + q/p - 1, the excess over the number of people bounds the sum of logarithms that q
// can gain; per person it is the Gap, and the geometric mean of q is at most exp(Gap) times ours.
func (v *Verdict) judgeNash(s *space, r *Result, g []int64, most wide) error {
	scale := new(big.Rat).SetInt64(r.Bound.Scale)
	sum := most.rat()
	sum.Quo(sum, scale)
	people := int64(0)
	for t, p := range r.Probabilities {
		rest := new(big.Rat).SetInt64(-g[t])
		rest.Quo(rest, scale)
		if p.Sign() > 0 {
			people += s.people[t]
			rest.Add(rest, new(big.Rat).Inv(p.Rat))
		} else if s.caps[t] > 0 && !s.barred(r, t) {
			return fmt.Errorf("type %d has no chance, and nothing proves that it cannot have one", t)
		}
		if rest.Sign() > 0 {
			sum.Add(sum, rest.Mul(rest, new(big.Rat).SetInt64(s.caps[t])))
		}
	}
	if people == 0 {
		v.Optimal = true
		return nil
	}
	sum.Sub(sum, new(big.Rat).SetInt64(people))
	v.setGap(sum.Quo(sum, new(big.Rat).SetInt64(people)), r)
	return nil
}

func (v *Verdict) setGap(gap *big.Rat, r *Result) {
	if gap.Sign() > 0 {
		v.Gap = gap
	}
	v.Optimal = new(big.Rat).Mul(v.Gap, new(big.Rat).SetInt64(r.Panels)).Cmp(big.NewRat(1, 1)) <= 0
}

// barred reports whether the first level proves that nobody of type t can have a chance.
func (s *space) barred(r *Result, t int) bool {
	l := newLadder(s)
	for _, level := range r.Levels {
		z, forced, ok := l.bound(level.Multipliers)
		if !ok || z.Sign() != 0 {
			return false
		}
		l.fix(z, forced)
		if l.level[t] >= 0 {
			return true
		}
	}
	return false
}

// judgeGoldilocks bounds (n/k)·highest + (k/n)/lowest from below. With g the sum of rows, any lottery
// has slope·lowest + offset <= highest, where lowest and highest are over the types with a chance; and
// a·t + b/t >= 2·sqrt(a·b). The Gap is how far ours is above that, relative to ours.
func (v *Verdict) judgeGoldilocks(s *space, r *Result, g []int64, most wide) error {
	var up, down wide
	people := int64(0)
	var low, high *big.Rat
	for t, p := range r.Probabilities {
		if p.Sign() <= 0 {
			if s.caps[t] > 0 && !s.barred(r, t) {
				return fmt.Errorf("type %d has no chance, and nothing proves that it cannot have one", t)
			}
			continue
		}
		people += s.people[t]
		if low == nil || p.Cmp(low) < 0 {
			low = p.Rat
		}
		if high == nil || p.Cmp(high) > 0 {
			high = p.Rat
		}
		if g[t] > 0 {
			up.add(g[t], s.people[t])
		} else {
			down.add(-g[t], s.people[t])
		}
	}
	if people == 0 {
		v.Optimal = true
		return nil
	}
	if down.sign() <= 0 {
		return errors.New("bound: the multipliers say nothing of the highest probability")
	}
	share := big.NewRat(s.problem.Size, people)
	ours := new(big.Rat).Quo(high, share)
	ours.Add(ours, new(big.Rat).Quo(share, low))
	a := new(big.Rat).Quo(up.rat(), new(big.Rat).Mul(down.rat(), share))
	c := new(big.Rat).Quo(most.rat(), new(big.Rat).Mul(down.rat(), share))
	theirs := lowestSum(a, share, v.ceiling(s, r))
	theirs.Sub(theirs, c)
	gap := new(big.Rat).Sub(ours, theirs)
	v.setGap(gap.Quo(gap, ours), r)
	return nil
}

// ceiling is the proven bound on the lowest probability of the types with a chance: the first level
// that is not 0.
func (v *Verdict) ceiling(s *space, r *Result) *big.Rat {
	l := newLadder(s)
	for _, level := range r.Levels {
		z, forced, ok := l.bound(level.Multipliers)
		if !ok {
			break
		}
		if z.Sign() > 0 {
			return z
		}
		l.fix(z, forced)
	}
	return big.NewRat(1, 1)
}

// lowestSum is a lower bound on a·t + b/t for 0 < t <= top.
func lowestSum(a, b, top *big.Rat) *big.Rat {
	at := new(big.Rat).Mul(a, new(big.Rat).Mul(top, top))
	if at.Cmp(b) <= 0 { // falling all the way
		out := new(big.Rat).Mul(a, top)
		return out.Add(out, new(big.Rat).Quo(b, top))
	}
	// floor(2^64·sqrt(a·b)) / 2^63
	v := new(big.Rat).Mul(a, b)
	n := new(big.Int).Lsh(v.Num(), 128)
	n.Sqrt(n.Quo(n, v.Denom()))
	return new(big.Rat).SetFrac(n, new(big.Int).Lsh(big.NewInt(1), 63))
}
