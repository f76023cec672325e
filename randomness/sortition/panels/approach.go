package panels

import (
	"math"
	"slices"

	"kleroterion/randomness/sortition/lp"
)

// approach finds a lottery as close to LEXIMIN as the work allows where the relaxation could not be
// attained: column generation in stages. A stage maximises the lowest probability of the types left by
// the dual: weights of the types, those left summing to 1, and a level that no panel outweighs; panels
// that do are searched for and added as rows. Types with a weight have exactly the level in every
// best lottery over the panels found, and are fixed. What rounding or a spent budget does to a stage
// makes the lottery less fair than it could be, and shows in the gap that Verify computes.
type approach struct {
	solver *solver
	p      []float64
	fixed  []bool
	price  *lp.Simplex
}

// approximate returns the fairest of the lotteries at hand over the pool, which is not empty: the one
// nearest to the relaxation's point, that of column generation, and the pool itself, each panel equally
// likely.
func (s *solver) approximate(work int64) ([]weighted, error) {
	var all []weighted
	for _, seats := range s.pool {
		all = append(all, weighted{seats, 1 / float64(len(s.pool))})
	}
	best := s.fairer(s.near, all)
	s.keepNear()
	found, err := s.generate(work)
	if err != nil {
		return nil, err
	}
	return s.fairer(found, best), s.ctx.Err()
}

// fairer compares lotteries by their lowest probability, then the next, and so on.
func (s *solver) fairer(a, b []weighted) []weighted {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...)
	}
	if slices.Compare(s.space.ascending(a), s.space.ascending(b)) < 0 {
		return b
	}
	return a
}

// ascending lists the probabilities of the types in a lottery, the lowest first, to six digits.
func (s *space) ascending(lottery []weighted) []int64 {
	sums := make([]float64, len(s.people))
	for _, w := range lottery {
		for t, c := range w.seats {
			sums[t] += float64(w.share * float64(c))
		}
	}
	out := make([]int64, len(sums))
	for t, v := range sums {
		out[t] = int64(float64(v*1e6) / float64(s.people[t]))
	}
	slices.Sort(out)
	return out
}

// keepNear leaves in the pool the panels of the lottery nearest to the relaxation's point, and enough
// others for everybody to be on one: the programmes to come have a row for each.
func (s *solver) keepNear() {
	if len(s.near) == 0 {
		return
	}
	all := s.pool
	seen := make([]bool, len(s.space.people))
	s.pool, s.known = nil, nil
	for _, w := range s.near {
		s.remember(w.seats)
		mark(seen, w.seats)
	}
	for _, seats := range all {
		if slices.ContainsFunc(typesOf(seats), func(t int) bool { return !seen[t] }) {
			s.remember(seats)
			mark(seen, seats)
		}
	}
}

func typesOf(seats panel) []int {
	var out []int
	for t, c := range seats {
		if c > 0 {
			out = append(out, t)
		}
	}
	return out
}

// generate runs the stages and returns the lottery nearest to the probabilities that they fixed.
func (s *solver) generate(work int64) ([]weighted, error) {
	price, err := s.space.newLP()
	if err != nil {
		return nil, err
	}
	a := &approach{solver: s, p: make([]float64, len(s.space.caps)), fixed: make([]bool, len(s.space.caps)), price: price}
	left := len(a.p)
	s.tell(Progress{Phase: PhaseFallback, Of: left})
	for t, cap := range s.space.caps {
		if cap == 0 {
			a.fixed[t] = true
			left--
		}
	}
	last := 0.0
	for stop := s.left - work; left > 0; {
		z, done, err := a.stage(stop)
		if err != nil {
			return nil, err
		}
		if done == 0 {
			break
		}
		last = z
		left -= done
		s.tell(Progress{Phase: PhaseFallback, Done: len(a.p) - left, Of: len(a.p)})
	}
	x := make([]float64, len(a.p))
	for t, v := range a.p {
		if !a.fixed[t] {
			v = last
		}
		x[t] = float64(v * float64(s.space.people[t]))
	}
	m, err := s.newMember(x)
	if err != nil {
		return nil, err
	}
	if s.meter.solve(m.k) != lp.Optimal {
		return nil, nil
	}
	return m.lottery(), nil
}

// stage fixes the types of the next level and returns the level and how many they are, 0 when the
// simplex gives up.
func (a *approach) stage(stop int64) (float64, int, error) {
	k, err := a.master()
	if err != nil {
		return 0, 0, err
	}
	s := a.solver
	n := len(a.p)
	for round := 1; ; round++ {
		if s.meter.solve(k) != lp.Optimal {
			k.Restart()
			if s.meter.solve(k) != lp.Optimal {
				return 0, 0, nil
			}
		}
		if s.left <= stop || s.ctx.Err() != nil {
			break
		}
		seats := a.better(k.X()[:n], k.X()[n], round%12 == 0)
		if seats == nil {
			break
		}
		row, bounds := panelRow(seats, n)
		s.addRows(k, [][]lp.Entry{row}, []lp.Bounds{bounds})
	}
	z := min(max(k.Objective(), 0), 1)
	done := 0
	for t, w := range k.X()[:n] {
		if !a.fixed[t] && float64(w*float64(s.space.people[t])) > 1e-7 {
			a.fixed[t], a.p[t] = true, z
			done++
		}
	}
	return z, done, s.ctx.Err()
}

// master is the stage's programme over all panels of the pool.
func (a *approach) master() (*lp.Simplex, error) {
	s := a.solver
	p := lp.Problem{Rows: []lp.Bounds{{Lower: 1, Upper: 1}}}
	for t, n := range s.space.people {
		c := lp.Column{Bounds: lp.Bounds{Upper: 1 / float64(n)}, Cost: float64(1e-9 * (1 + float64(t*7919%1009)/1009) * float64(n))}
		if a.fixed[t] {
			c.Bounds.Upper = 50 / float64(n)
			c.Cost -= float64(a.p[t] * float64(n))
		} else {
			c.Entries = []lp.Entry{{At: 0, Value: float64(n)}}
		}
		if s.space.caps[t] == 0 {
			c.Bounds.Upper = 0
		}
		p.Columns = append(p.Columns, c)
	}
	p.Columns = append(p.Columns, lp.Column{Cost: 1, Bounds: lp.Bounds{Upper: 1e4}})
	k, err := lp.New(p)
	if err != nil {
		return nil, err
	}
	var rows [][]lp.Entry
	var bounds []lp.Bounds
	for _, seats := range s.pool {
		r, b := panelRow(seats, len(a.p))
		rows, bounds = append(rows, r), append(bounds, b)
	}
	s.addRows(k, rows, bounds)
	return k, nil
}

// panelRow says that the panel weighs no more than the level, which is column n.
func panelRow(seats panel, n int) ([]lp.Entry, lp.Bounds) {
	var row []lp.Entry
	for t, c := range seats {
		if c != 0 {
			row = append(row, lp.Entry{At: t, Value: float64(c)})
		}
	}
	return append(row, lp.Entry{At: n, Value: -1}), lp.Bounds{Lower: -1e5, Upper: 0}
}

// better returns a new panel heavier than the level, or nil.
func (a *approach) better(w []float64, level float64, best bool) panel {
	for t, v := range w {
		a.price.SetCost(t, -v)
	}
	a.price.Reset()
	f := lp.Search{Nodes: 20_000, Below: -(level + 1e-8), First: !best, Enough: math.Inf(-1)}
	found := a.solver.search(a.price, &f)
	if found.Point == nil || !a.solver.remember(found.Point) {
		return nil
	}
	return found.Point
}
