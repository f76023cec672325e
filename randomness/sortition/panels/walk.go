package panels

import (
	"math"

	"kleroterion/randomness/sortition/lp"
)

// panel is seats by type; weighted is one with its share of the lottery.
type panel []int32

type weighted struct {
	seats panel
	share float64
}

const tiny = 1e-9 // a distance from a bound that counts as none

// walk writes a point as an average of panels (Carathéodory): it takes a panel on the smallest face of
// cell and quotas that holds what is left of the point, as large a share of it as leaves the rest on
// the face, and goes on with the rest. Every step brings a type or a row to a bound where it stays, so
// the number of steps is bounded, and the panels found are few.
type walk struct {
	meter  *meter
	space  *space
	k      *lp.Simplex
	wide   bool      // the cell of a type is 0 to its cap instead of the two whole numbers around x
	varied bool      // costs are varied at random, for another attempt
	rest   []float64 // by type, what is left of the point, scaled to a full panel
	low    []float64
	high   []float64
	free   []int     // types that are not at a bound of their cell
	sums   []float64 // of the rest, by row
	rowLow []float64
	rowTop []float64
	rng    random
	nodes  int64 // left before the walk gives up
	out    []weighted
	left   float64 // the share of the lottery that out does not cover
}

// newWalk starts at x, expected seats by type. k is a programme of the space; its ranges are used up.
func newWalk(m *meter, s *space, k *lp.Simplex, x []float64, wide bool) *walk {
	w := &walk{meter: m, space: s, k: k, wide: wide, rng: 11, nodes: int64(1500 + 30*len(x)), left: 1}
	w.rest = append([]float64(nil), x...)
	w.low, w.high = make([]float64, len(x)), make([]float64, len(x))
	for t, v := range x {
		w.low[t] = math.Floor(v + tiny)
		w.high[t] = w.low[t] + 1
		if wide {
			w.low[t], w.high[t] = 0, float64(s.caps[t])
		}
		if v < w.low[t]+tiny || w.high[t] > float64(s.caps[t]) {
			w.rest[t] = w.low[t]
		} else if v > w.high[t]-tiny {
			w.rest[t] = w.high[t]
		} else {
			w.free = append(w.free, t)
			continue
		}
		k.SetRange(t, w.rest[t], w.rest[t])
		k.SetCost(t, 0)
	}
	w.rowLow, w.rowTop = make([]float64, k.Rows()), make([]float64, k.Rows())
	for r := range w.rowLow {
		w.rowLow[r], w.rowTop[r] = k.RowRange(r)
	}
	w.sums = make([]float64, k.Rows())
	return w
}

// run goes on until at most the share enough is left over, and reports whether it got there.
func (w *walk) run(enough float64) bool {
	for range 3*len(w.rest) + 200 {
		if w.left <= enough {
			return true
		}
		w.meter.tell(Progress{Phase: PhasePanels, Done: len(w.rest) - len(w.free), Of: len(w.rest)})
		w.holdRows()
		w.aim()
		seats := w.find()
		if seats == nil {
			return false
		}
		share := w.reach(seats)
		if len(w.free) == 0 || share >= 1-1e-12 {
			w.out, w.left = append(w.out, weighted{seats, w.left}), 0
			return true
		}
		w.out = append(w.out, weighted{seats, w.left * share})
		w.left *= 1 - share
		w.step(seats, share)
	}
	return false
}

// holdRows sums the rest and holds rows that are at a bound to it.
func (w *walk) holdRows() {
	clear(w.sums)
	for t, v := range w.rest {
		if v != 0 {
			w.addTo(w.sums, t, v)
		}
	}
	for r, v := range w.sums {
		switch {
		case w.rowLow[r] == w.rowTop[r]:
		case v > w.rowTop[r]-10*tiny:
			w.rowLow[r] = w.rowTop[r]
		case v < w.rowLow[r]+10*tiny:
			w.rowTop[r] = w.rowLow[r]
		}
		w.k.SetRowRange(r, w.rowLow[r], w.rowTop[r])
	}
}

func (w *walk) addTo(sums []float64, t int, v float64) {
	for _, r := range w.space.problem.Types[t].Rows {
		sums[r] += v
	}
	if len(w.space.cuts) > 0 {
		w.space.addToCuts(sums, t, v)
	}
}

// aim sets costs so that types and rows far along their range are taken first, which makes steps
// long.
func (w *walk) aim() {
	for _, t := range w.free {
		w.k.SetRange(t, w.low[t], w.high[t])
		width := w.high[t] - w.low[t]
		c := -odds((w.rest[t]-w.low[t])/width) / width
		if w.varied {
			c *= 0.6 + float64(0.8*w.rng.unit())
		}
		w.k.SetCost(t, c)
	}
	for r := range w.sums {
		c := 0.0
		if width := w.rowTop[r] - w.rowLow[r]; width > 0 {
			c = -odds((w.sums[r]-w.rowLow[r])/width) / width
		}
		w.k.SetRowCost(r, c)
	}
	w.k.Reset()
}

// find searches for a panel on the face. The best point in fractions comes first; near it, few columns
// matter, so the search for whole numbers starts with those alone. Searches have heavy tails: when one
// gets long, others with varied costs are tried, each a little longer.
func (w *walk) find() panel {
	if w.meter.solve(w.k) != lp.Optimal {
		return nil
	}
	w.k.Focus(2)
	if seats, _ := w.search(60); seats != nil {
		return seats
	}
	for try := range 7 {
		if w.nodes <= 0 || w.meter.spent() {
			return nil
		}
		if try > 0 {
			for _, t := range w.free {
				w.k.SetCost(t, -odds((w.rest[t]-w.low[t])/(w.high[t]-w.low[t]))*(0.4+float64(1.2*w.rng.unit())))
			}
		}
		w.k.Reset()
		if seats, complete := w.search(120 << (try / 2)); seats != nil || complete {
			return seats
		}
	}
	return nil
}

func (w *walk) search(nodes int64) (seats panel, complete bool) {
	f := lp.Search{Nodes: nodes, Below: math.Inf(1), First: true}
	found := w.meter.search(w.k, &f)
	w.nodes -= f.Visited
	return found.Point, found.Complete
}

// reach is the largest share of seats that leaves the rest on the face.
func (w *walk) reach(seats panel) float64 {
	share := 1.0
	for _, t := range w.free {
		share = min(share, along(w.rest[t], float64(seats[t]), w.low[t], w.high[t]))
	}
	sums := make([]float64, len(w.sums))
	for t, c := range seats {
		if c != 0 {
			w.addTo(sums, t, float64(c))
		}
	}
	for r, v := range sums {
		if w.rowLow[r] < w.rowTop[r] {
			share = min(share, along(w.sums[r], v, w.rowLow[r], w.rowTop[r]))
		}
	}
	return max(share, 0)
}

// along is how far a value v can move away from c before it leaves low to high: the share λ with
// (v - λc) / (1 - λ) at the bound.
func along(v, c, low, high float64) float64 {
	share := 1.0
	if c > low {
		share = min(share, (v-low)/(c-low))
	}
	if c < high {
		share = min(share, (high-v)/(high-c))
	}
	return share
}

// step takes the share away and fixes the types that arrived at a bound.
func (w *walk) step(seats panel, share float64) {
	free := w.free[:0]
	for _, t := range w.free {
		v := (w.rest[t] - float64(share*float64(seats[t]))) / (1 - share)
		switch {
		case v <= w.low[t]+tiny:
			v = w.low[t]
		case v >= w.high[t]-tiny:
			v = w.high[t]
		default:
			w.rest[t] = v
			free = append(free, t)
			continue
		}
		w.rest[t] = v
		w.k.SetRange(t, v, v)
		w.k.SetCost(t, 0)
	}
	w.free = free
}

// addToCuts adds v seats of type t to the sums of the cuts.
func (s *space) addToCuts(sums []float64, t int, v float64) {
	first := len(s.mins)
	for i, c := range s.cuts {
		for _, e := range c.Weights {
			if e.Type == t {
				sums[first+i] += float64(v * float64(e.Each))
			}
		}
	}
}
