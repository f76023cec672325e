package panels

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"kleroterion/randomness/sortition/lp"
)

// rounding turns a weighted lottery into equal panels. Each weighted panel is taken as often as its
// weight is whole; the rest of the point is then split into the panels that are missing, one search
// each, such that every type ends with a whole number of seats next to what it should have. A type
// whose people should have between a and a+1 panels each then has between a and a+1 times its people,
// and dealing them in turn gives everybody a or a+1.
type rounding struct {
	meter  *meter
	space  *space
	k      *lp.Simplex
	rng    random
	left   []float64 // by type: seats still to be placed
	low    []float64 // by type: the fewest and the most that may still be placed
	high   []float64
	sums   []float64
	rowMin []float64
	rowMax []float64
	loose  bool // some panel was not within the windows
}

// roundings is how often rounding is tried before some type may end too far from its probability.
const roundings = 4

// repairWork is what the first repair may cost; each further one may cost three times as much.
const repairWork = 30_000_000

// round makes equal panels of a lottery with the probabilities p. When the panels for the rest cannot
// be found within the windows of the types, it gives up a few whole panels as well, which leaves more
// room; in the end it takes what comes nearest.
func (s *solver) round(lottery []weighted, p []*big.Rat) ([]panel, error) {
	out, ok := s.roundStrictly(lottery, p)
	if !ok {
		if other := s.regroup(s.space, lottery, p, s.n); other != nil {
			out = other
		}
	}
	return out, s.ctx.Err()
}

// roundStrictly reports whether every type is within its window.
func (s *solver) roundStrictly(lottery []weighted, p []*big.Rat) (best []panel, ok bool) {
	least, work := int64(math.MaxInt64), int64(repairWork)
	for try := range roundings {
		r, err := s.newRounding(s.space, try)
		if err != nil || s.ctx.Err() != nil {
			return best, false
		}
		r.open(p, s.n, try > 0)
		out := r.whole(lottery, s.n, int64(try))
		if r.finish(&out, s.n) {
			return out, true
		}
		out, astray := s.repair(s.space, fill(out, lottery, s.n), p, work)
		if astray == 0 {
			return out, true
		}
		if best == nil || astray < least {
			best, least = out, astray
		}
		work *= 3
	}
	return best, false
}

func (m *meter) newRounding(s *space, try int) (*rounding, error) {
	k, err := s.newLP()
	return &rounding{meter: m, space: s, k: k, rng: random(21 + try)}, err
}

// finish adds the panels that are missing and reports whether all are within the windows of the types.
func (r *rounding) finish(out *[]panel, n int64) bool {
	r.meter.tell(Progress{Phase: PhaseLottery, Done: len(*out), Of: int(n)})
	for left := n - int64(len(*out)); left > 0; left-- {
		if r.meter.ctx.Err() != nil {
			return false
		}
		seats := r.next(left)
		if seats == nil {
			return false
		}
		*out = append(*out, seats)
		r.place(seats, 1)
		if left%16 == 0 {
			r.meter.tell(Progress{Phase: PhaseLottery, Done: len(*out), Of: int(n)})
		}
	}
	return !r.loose
}

// fill adds panels of the lottery until there are n.
func fill(out []panel, lottery []weighted, n int64) []panel {
	order := slices.Clone(lottery)
	part := func(w weighted) float64 {
		v := float64(w.share * float64(n))
		return v - math.Floor(v+1e-7)
	}
	slices.SortStableFunc(order, func(a, b weighted) int { return cmp.Compare(part(b), part(a)) })
	for i := 0; int64(len(out)) < n; i++ {
		out = append(out, order[i%len(order)].seats)
	}
	return out
}

// open sets what the n panels together should give each type: a whole number next to its share or, where
// that was too narrow, all that leaves everybody within one panel of theirs.
func (r *rounding) open(p []*big.Rat, n int64, wide bool) {
	size := len(p)
	r.left, r.low, r.high = make([]float64, size), make([]float64, size), make([]float64, size)
	for t, q := range p {
		seats := new(big.Rat).Mul(q, new(big.Rat).SetInt64(n*r.space.people[t]))
		r.left[t], _ = seats.Float64()
		floor := new(big.Int).Div(seats.Num(), seats.Denom())
		v := float64(floor.Int64())
		r.low[t], r.high[t] = v, v
		if !seats.IsInt() {
			r.high[t]++
		}
		if wide {
			r.low[t], r.high[t] = r.space.window(t, q, n)
		}
	}
	r.sums = make([]float64, r.k.Rows())
	r.rowMin, r.rowMax = make([]float64, r.k.Rows()), make([]float64, r.k.Rows())
	for i := range r.rowMin {
		r.rowMin[i], r.rowMax[i] = r.k.RowRange(i)
	}
}

// whole takes each weighted panel as often as its weight is whole, but for spared times.
func (r *rounding) whole(lottery []weighted, n, spared int64) []panel {
	out := make([]panel, 0, n)
	for _, w := range lottery {
		times := int64(math.Floor(float64(w.share*float64(n)) + 1e-7))
		times = min(max(times-spared, 0), n-int64(len(out)))
		for range times {
			out = append(out, w.seats)
		}
		r.place(w.seats, times)
	}
	return out
}

func (r *rounding) place(seats panel, times int64) {
	for t, c := range seats {
		if v := float64(int64(c) * times); v != 0 {
			r.left[t] -= v
			r.low[t] -= v
			r.high[t] -= v
		}
	}
}

// attempts: the first keep every type and row of the panel next to its part of the rest, later ones
// give way in rows, then in types; the last takes any panel, those that leave the least damage first.
const (
	attempts   = 10
	looseRows  = 2
	looseTypes = 4
	anyPanel   = 7
)

func (r *rounding) next(left int64) panel {
	r.sum()
	from := 0
	if r.loose {
		from = anyPanel
	}
	for try := from; try < attempts; try++ {
		if r.meter.spent() {
			return nil
		}
		r.loose = r.loose || try >= anyPanel
		r.typeRanges(try, float64(left))
		r.rowRanges(try, float64(left))
		r.k.Reset()
		nodes := int64(150 << (try / 2))
		if try >= anyPanel {
			nodes = 100
		}
		f := lp.Search{Nodes: nodes, Below: math.Inf(1), First: try < anyPanel, Enough: math.Inf(-1)}
		if try == 0 {
			if r.meter.solve(r.k) != lp.Optimal {
				continue
			}
			r.k.Focus(3)
		}
		if found := r.meter.search(r.k, &f); found.Point != nil {
			return slices.Clone(found.Point)
		}
	}
	return nil
}

func (r *rounding) sum() {
	clear(r.sums)
	for t, v := range r.left {
		for _, i := range r.space.problem.Types[t].Rows {
			r.sums[i] += v
		}
		if len(r.space.cuts) > 0 {
			r.space.addToCuts(r.sums, t, v)
		}
	}
}

// typeRanges sets ranges and costs of the types for one panel of left.
func (r *rounding) typeRanges(try int, left float64) {
	for t, v := range r.left {
		cap := float64(r.space.caps[t])
		each := v / left
		low, high := math.Floor(each+tiny), math.Ceil(each-tiny)
		if left == 1 {
			low, high = r.low[t], r.high[t]
		}
		if try >= looseTypes {
			low, high = low-1, high+1
		}
		low = max(0, low, r.low[t]-float64((left-1)*cap))
		high = min(cap, high, r.high[t])
		cost := -odds(each - math.Floor(each))
		if try >= looseTypes {
			cost = -4 * (each - 0.5)
		}
		if try >= anyPanel {
			low, high, cost = 0, cap, r.damage(t, left, each)
		}
		if try > 0 {
			cost *= 0.5 + r.rng.unit()
		}
		r.k.SetRange(t, min(low, max(high, 0)), max(high, 0))
		r.k.SetCost(t, cost)
	}
}

// damage prices types in a panel that need not fit: those that may have no more are dear, those that
// need a seat in every panel left are wanted.
func (r *rounding) damage(t int, left, each float64) float64 {
	switch {
	case r.high[t] < 1:
		return 50
	case r.low[t] > float64((left-1)*float64(r.space.caps[t])):
		return -50
	}
	return -8 * each
}

// rowRanges keeps every row within what the panels after this one can still make up for.
func (r *rounding) rowRanges(try int, left float64) {
	for i, v := range r.sums {
		low, high := r.rowMin[i], r.rowMax[i]
		if try < anyPanel {
			each := v / left
			a, b := math.Floor(each+tiny), math.Ceil(each-tiny)
			if try >= looseRows {
				a = math.Ceil(v - float64((left-1)*r.rowMax[i]) - 1)
				b = math.Floor(v - float64((left-1)*r.rowMin[i]) + 1)
			}
			if a, b = max(low, a), min(high, b); a <= b {
				low, high = a, b
			}
		}
		r.k.SetRowRange(i, low, high)
		r.k.SetRowCost(i, 0)
	}
}
