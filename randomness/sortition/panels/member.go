package panels

import (
	"math"
	"math/big"
	"slices"

	"kleroterion/randomness/sortition/lp"
)

// member decides whether a point is an average of panels, by the dual of that question: weights of the
// types (each within ±1 over its people) and a level v such that no panel weighs more than v, for which
// the point weighs as much above v as possible. Rows are panels; those that a given answer overlooks
// are searched for and added. When the point cannot be above v, the prices of the rows are the lottery.
// When it can and no panel is overlooked, the weights are an inequality that parts the point from all
// panels.
type member struct {
	solver *solver
	x      []float64
	k      *lp.Simplex // the weights
	price  *lp.Simplex // panels by weight
	rows   []panel
	rng    random
}

// verdict of a member.
type membership struct {
	lottery []weighted // not nil: the point is an average
	weights []float64  // not nil: they part the point from all panels
	short   float64    // otherwise: the distance when the search was given up
}

// exact is the distance, in the sum of all people's probabilities, that counts as none.
const exact = 1e-8

func (s *solver) newMember(x []float64) (*member, error) {
	var p lp.Problem
	rng := random(51)
	for t, n := range s.space.people {
		w := 1 / float64(n)
		cost := -x[t] - float64(1e-12*rng.unit()) // types with equal points would make the simplex cycle
		p.Columns = append(p.Columns, lp.Column{Cost: cost, Bounds: lp.Bounds{Lower: -w, Upper: w}})
	}
	p.Columns = append(p.Columns, lp.Column{Cost: 1, Bounds: lp.Bounds{Lower: -1e4, Upper: 1e4}})
	k, err := lp.New(p)
	if err != nil {
		return nil, err
	}
	price, err := s.space.newLP()
	if err != nil {
		return nil, err
	}
	m := &member{solver: s, x: x, k: k, price: price, rng: 31}
	m.add(s.pool)
	return m, nil
}

func (m *member) add(list []panel) {
	var rows [][]lp.Entry
	var bounds []lp.Bounds
	for _, seats := range list {
		r, b := panelRow(seats, len(m.x))
		rows, bounds = append(rows, r), append(bounds, b)
		m.rows = append(m.rows, seats)
	}
	m.solver.addRows(m.k, rows, bounds)
}

// decide runs until the question is decided or the given work is spent.
func (m *member) decide(work int64) membership {
	s := m.solver
	stop := s.left - work
	short := math.Inf(1)
	s.tell(Progress{Phase: PhaseMembership})
	for round := 1; s.left > stop && !s.spent() && s.ctx.Err() == nil; round++ {
		if s.meter.solve(m.k) != lp.Optimal {
			m.k.Restart()
			if s.meter.solve(m.k) != lp.Optimal {
				break
			}
		}
		short = -m.k.Objective()
		if short < max(exact, s.enough) {
			return membership{lottery: m.lottery()}
		}
		s.near = m.lottery()
		news, proven := m.better(round)
		if len(news) == 0 {
			if proven {
				return membership{weights: append([]float64(nil), m.k.X()[:len(m.x)]...), short: short}
			}
			break
		}
		m.add(news)
		m.shrink()
	}
	return membership{short: short}
}

// better looks for panels heavier than the level: cheap searches with weights varied a little first.
func (m *member) better(round int) (news []panel, proven bool) {
	x := m.k.X()
	w, v := append([]float64(nil), x[:len(m.x)]...), x[len(m.x)]
	if round%12 != 0 {
		for try := range 5 {
			spread := float64(0.12 * float64(try))
			m.weigh(w, spread)
			found := m.solver.search(m.price, &lp.Search{Nodes: 250, Below: math.Inf(1), First: true})
			if found.Point != nil && weight(w, found.Point) > v+tiny && m.solver.remember(found.Point) {
				news = append(news, found.Point)
			}
		}
	}
	if len(news) > 0 {
		return news, false
	}
	m.weigh(w, 0)
	f := lp.Search{Nodes: 3_000_000, Below: -(v + tiny), First: round%12 != 0, Enough: math.Inf(-1)}
	found := m.solver.search(m.price, &f)
	if found.Point == nil {
		return nil, found.Complete
	}
	m.solver.remember(found.Point)
	for _, p := range m.rows {
		if slices.Equal(p, found.Point) { // known, and heavier only by a rounding error
			return nil, false
		}
	}
	return []panel{found.Point}, false
}

// weigh prices panels by the weights, each varied by up to spread over twice its people.
func (m *member) weigh(w []float64, spread float64) {
	for t, v := range w {
		if spread > 0 {
			v += spread * (m.rng.unit() - 0.5) / float64(m.solver.space.people[t])
		}
		m.price.SetCost(t, -v)
	}
	m.price.Reset()
}

func weight(w []float64, seats panel) float64 {
	sum := 0.0
	for t, c := range seats {
		sum += float64(w[t] * float64(c))
	}
	return sum
}

// shrink drops panels that are far from mattering once there are many.
func (m *member) shrink() {
	if m.k.Rows() <= 3*len(m.x)+100 {
		return
	}
	sums := m.k.RowSums()
	number := m.k.DropRows(0, func(i int) bool { return sums[i] < -1e-2 })
	kept := m.rows[:0]
	for i, to := range number {
		if to >= 0 {
			kept = append(kept, m.rows[i])
		}
	}
	m.rows = kept
}

func (m *member) lottery() []weighted {
	var out []weighted
	for i, v := range m.k.RowPrices() {
		if v = math.Abs(v); v > 1e-14 {
			out = append(out, weighted{m.rows[i], v})
		}
	}
	return out
}

// seatsOf is the point of the probabilities p: expected seats by type.
func (s *space) seatsOf(p []*big.Rat) []float64 {
	x := make([]float64, len(p))
	for t, q := range p {
		x[t], _ = new(big.Rat).Mul(q, new(big.Rat).SetInt64(s.people[t])).Float64()
	}
	return x
}
