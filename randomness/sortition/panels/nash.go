package panels

import (
	"math"
	"math/big"
)

// nash maximises the sum of the logarithms of everybody's probability over the space, by its dual: row
// multipliers y minimise R(y) + sum people·phi(g), where g is the price of a type's seat and phi the
// best that one person makes of it: p = 1/g, or the cap where that is less. A few dozen variables;
// Newton's method with a logarithmic barrier that keeps multipliers of one-sided bounds positive.
type nash struct {
	space *space
	out   []bool    // types that have no chance anyway
	sides []side    // one variable each
	v     []float64 // their values
	y     []float64 // multipliers by row
	g     []float64 // price by type
}

// side is a multiplier that counts a row's bound: its maximum with sign 1, its minimum with sign -1.
// Rows with equal bounds have one, of either sign.
type side struct {
	row      int
	sign     float64
	bound    float64
	oneSided bool
}

// nashPoint returns the probabilities, on a fine grid, and the multipliers that bound everybody's gain.
func (m *meter) nashPoint(s *space, zero []bool) ([]*big.Rat, *Bound, error) {
	n := newNash(s, zero)
	for tau := 0.1; tau < 3e11; tau *= 6 {
		for range 60 {
			if err := m.ctx.Err(); err != nil {
				return nil, nil, err
			}
			m.left -= int64(len(n.g)*8 + len(n.v)*len(n.v)*len(n.v))
			if !n.newton(tau) {
				break
			}
		}
	}
	n.value(n.v, math.Inf(1))
	x := make([]float64, len(n.g))
	for t, g := range n.g {
		if !n.out[t] {
			x[t] = float64(n.best(t, g) * float64(s.people[t]))
		}
	}
	x, err := m.mend(s, x)
	if err != nil {
		return nil, nil, err
	}
	return s.grid(x), newBound(s, n.y), nil
}

func newNash(s *space, zero []bool) *nash {
	n := &nash{space: s, out: zero, y: make([]float64, len(s.mins)+len(s.cuts)), g: make([]float64, len(s.people))}
	people := 0.0
	for t, c := range s.people {
		if !zero[t] {
			people += float64(c)
		}
	}
	add := func(row int, sign float64, bound int64, oneSided bool) {
		n.sides = append(n.sides, side{row, sign, float64(bound), oneSided})
		start := float64(1)
		if !oneSided {
			start = people / float64(max(s.problem.Size, 1))
		}
		n.v = append(n.v, start)
	}
	for r := range s.mins {
		if s.mins[r] == s.maxs[r] {
			add(r, 1, s.maxs[r], false)
			continue
		}
		add(r, 1, s.maxs[r], true)
		add(r, -1, s.mins[r], true)
	}
	for i, c := range s.cuts {
		add(len(s.mins)+i, 1, c.AtMost, true)
	}
	return n
}

func (n *nash) best(t int, g float64) float64 {
	cap := float64(n.space.caps[t]) / float64(n.space.people[t])
	if float64(g*cap) > 1 {
		return 1 / g
	}
	return cap
}

// value is the dual objective at v with barrier 1/tau; it leaves y and g behind.
func (n *nash) value(v []float64, tau float64) float64 {
	clear(n.y)
	f := 0.0
	for i, s := range n.sides {
		n.y[s.row] += float64(s.sign * v[i])
		f += float64(float64(s.sign*s.bound) * v[i])
		if s.oneSided {
			if v[i] <= 0 {
				return math.Inf(1)
			}
			f -= ln(v[i]) / tau
		}
	}
	for t := range n.g {
		n.g[t] = n.space.priceOf(n.y, t)
		if !n.out[t] {
			p := n.best(t, n.g[t])
			f += float64(float64(n.space.people[t]) * (ln(p) - float64(n.g[t]*p)))
		}
	}
	return f
}

// priceOf is the product of multipliers with type t.
func (s *space) priceOf(y []float64, t int) float64 {
	g := 0.0
	for _, r := range s.problem.Types[t].Rows {
		g += y[r]
	}
	for i, c := range s.cuts {
		for _, w := range c.Weights {
			if w.Type == t {
				g += float64(y[len(s.mins)+i] * float64(w.Each))
			}
		}
	}
	return g
}

// newton takes one step and reports whether another may help.
func (n *nash) newton(tau float64) bool {
	before := n.value(n.v, tau)
	grad, a := n.slopes(tau)
	d := solveDense(a, len(grad))
	if d == nil {
		return false
	}
	gain := 0.0
	step := float64(1)
	for i, s := range n.sides {
		gain -= float64(grad[i] * d[i])
		if s.oneSided && d[i] < 0 {
			step = min(step, -0.95*n.v[i]/d[i])
		}
	}
	next := make([]float64, len(n.v))
	for range 50 {
		for i := range next {
			next[i] = n.v[i] + float64(step*d[i])
		}
		if n.value(next, tau) <= before-float64(1e-4*step*gain)+float64(1e-13*math.Abs(before)) {
			copy(n.v, next)
			return gain >= 1e-12
		}
		step /= 2
	}
	return false
}

// slopes are the gradient and, as an augmented matrix for the Newton step, the curvature at v.
func (n *nash) slopes(tau float64) (grad, a []float64) {
	rows := len(n.y)
	first, second := make([]float64, rows), make([]float64, rows*rows)
	for t, g := range n.g {
		if n.out[t] {
			continue
		}
		people := float64(n.space.people[t])
		p := n.best(t, g)
		each := n.space.entries(t)
		for _, e := range each {
			first[e.row] -= float64(float64(people*p) * e.v)
		}
		if float64(g*p) >= 1-1e-12 { // not at its cap
			for _, e := range each {
				for _, f := range each {
					second[e.row*rows+f.row] += float64(float64(float64(people*float64(p*p))*e.v) * f.v)
				}
			}
		}
	}
	q := len(n.v)
	grad, a = make([]float64, q), make([]float64, q*(q+1))
	for i, s := range n.sides {
		grad[i] = float64(s.sign*s.bound) + float64(s.sign*first[s.row])
		for k, u := range n.sides {
			a[i*(q+1)+k] = float64(s.sign * u.sign * second[s.row*rows+u.row])
		}
		if s.oneSided {
			grad[i] -= 1 / float64(tau*n.v[i])
			a[i*(q+1)+i] += 1 / float64(tau*float64(n.v[i]*n.v[i]))
		}
		a[i*(q+1)+i] += 1e-13
		a[i*(q+1)+q] = -grad[i]
	}
	return grad, a
}

type entry struct {
	row int
	v   float64
}

func (s *space) entries(t int) []entry {
	var out []entry
	for _, r := range s.problem.Types[t].Rows {
		out = append(out, entry{r, 1})
	}
	for i, c := range s.cuts {
		for _, w := range c.Weights {
			if w.Type == t {
				out = append(out, entry{len(s.mins) + i, float64(w.Each)})
			}
		}
	}
	return out
}
