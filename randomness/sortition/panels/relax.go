package panels

import (
	"errors"
	"fmt"
	"math/big"

	"kleroterion/randomness/sortition/lp"
)

// errPrecision says that a level's multipliers could not be had exactly.
var errPrecision = errors.New("no exact multipliers for a level")

// errNoPoint says that the quotas contradict each other even in fractions.
var errNoPoint = errors.New("no point meets the quotas")

// newLP states the space as a linear programme with a column for each type.
func (s *space) newLP() (*lp.Simplex, error) {
	var p lp.Problem
	for r := range s.mins {
		p.Rows = append(p.Rows, lp.Bounds{Lower: float64(s.mins[r]), Upper: float64(s.maxs[r])})
	}
	p.Columns = make([]lp.Column, len(s.people))
	for t, ty := range s.problem.Types {
		c := lp.Column{Bounds: lp.Bounds{Upper: float64(s.caps[t])}, Entries: make([]lp.Entry, len(ty.Rows))}
		for i, r := range ty.Rows {
			c.Entries[i] = lp.Entry{At: r, Value: 1}
		}
		p.Columns[t] = c
	}
	k, err := lp.New(p)
	if err != nil {
		return nil, fmt.Errorf("quotas as a linear programme: %w", err)
	}
	for _, c := range s.cuts {
		addCutRow(k, c, s.caps)
	}
	return k, nil
}

func addCutRow(k *lp.Simplex, c Cut, caps []int64) {
	row := make([]lp.Entry, len(c.Weights))
	least := 0.0
	for i, w := range c.Weights {
		row[i] = lp.Entry{At: w.Type, Value: float64(w.Each)}
		if w.Each < 0 {
			least += float64(float64(w.Each) * float64(caps[w.Type]))
		}
	}
	k.AddRows([][]lp.Entry{row}, []lp.Bounds{{Lower: least - 1, Upper: float64(c.AtMost)}})
}

// climb finds the LEXIMIN point of the space. Each level asks whether everybody left can have z; if
// not, the ray of the linear programme bounds z from above (ladder.bound), and that bound is tried
// next. The bounds are exact, so the levels are, and rounding can only make them too generous, never
// drift from one level to the next.
func (m *meter) climb(s *space) (*ladder, []Level, error) {
	k, err := s.newLP()
	if err != nil {
		return nil, nil, err
	}
	m.tell(Progress{Phase: PhaseLevels, Of: len(s.people)})
	rng := random(5)
	for t := range s.people {
		k.SetCost(t, 1e-3*(1+rng.unit())) // generic costs: no cycling among equal optima
	}
	k.SharpRay = true
	k.Reset()
	l := newLadder(s)
	var levels []Level
	for l.left > 0 {
		if err := m.ctx.Err(); err != nil {
			return nil, nil, err
		}
		level, forced, err := m.level(k, l)
		if errors.Is(err, errPrecision) {
			level, forced = l.rest()
		} else if err != nil {
			return nil, nil, err
		}
		l.fix(level.Probability.Rat, forced)
		levels = append(levels, level)
		m.tell(Progress{Phase: PhaseLevels, Done: len(l.level) - l.left, Of: len(l.level)})
	}
	return l, levels, nil
}

func (m *meter) level(k *lp.Simplex, l *ladder) (Level, []int, error) {
	total := []Multiplier{{Row: 0, Times: 1}}
	z, forced, ok := l.bound(total)
	if !ok {
		return Level{}, nil, errPrecision
	}
	best := total
	for {
		if z.Sign() < 0 {
			return Level{}, nil, errNoPoint
		}
		l.demand(k, z)
		out := m.solve(k)
		if out == lp.Optimal {
			break
		}
		if out != lp.Infeasible {
			return Level{}, nil, fmt.Errorf("%w: the simplex ended with outcome %d", errPrecision, out)
		}
		ray := k.ExactRay()
		if ray == nil {
			return Level{}, nil, errPrecision
		}
		ms := l.space.multipliers(ray)
		next, who, ok := l.bound(ms)
		if !ok {
			return Level{}, nil, errPrecision
		}
		if next.Cmp(z) >= 0 { // infeasible by a rounding error only
			break
		}
		z, forced, best = next, who, ms
	}
	level := Level{Probability: Ratio{z}, Multipliers: best}
	if cap, _ := l.lowestCap(); cap.Cmp(z) == 0 {
		if again, who, _ := l.bound(nil); again.Cmp(z) == 0 && len(who) >= len(forced) {
			level.Multipliers, forced = []Multiplier{}, who
		}
	}
	return level, forced, nil
}

// rest is the level that is always there: what is left of the panel's size, shared by all who are left.
// It is what a level becomes when its own multipliers could not be had; the bound stays valid.
func (l *ladder) rest() (Level, []int) {
	ms := []Multiplier{{Row: 0, Times: 1}}
	z, forced, _ := l.bound(ms)
	return Level{Probability: Ratio{z}, Multipliers: ms}, forced
}

// demand asks of every type left that its people have z on average, of the others what they have.
func (l *ladder) demand(k *lp.Simplex, z *big.Rat) {
	p := make([]float64, len(l.z)+1)
	for i, v := range l.z {
		p[i], _ = v.Float64()
	}
	p[len(l.z)], _ = z.Float64()
	for t, at := range l.level {
		if at < 0 {
			at = len(l.z)
		}
		upper := float64(l.space.caps[t])
		k.SetRange(t, min(upper, float64(float64(l.space.people[t])*p[at])), upper)
	}
	k.Reset()
}

// multipliers are those of a ray. The lower bound of a cut is there only because the programme wants
// one: every point of the columns' ranges meets it, so a sum without it says no less.
func (s *space) multipliers(ray []int64) []Multiplier {
	var ms []Multiplier
	for r, v := range ray {
		if v > 0 || (v < 0 && r < len(s.mins)) {
			ms = append(ms, Multiplier{Row: r, Times: v})
		}
	}
	return ms
}
