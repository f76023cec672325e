package panels

import (
	"math"

	"kleroterion/randomness/sortition/lp"
)

// prover looks for a panel in a box of the space, and writes down the proof that there is none.
type prover struct {
	meter *meter
	space *space
	k     *lp.Simplex
	box   box
	left  int64 // cases
	proof Proof
	panel panel // found instead
}

// proofCases is how many cases a proof may have.
const proofCases = 60_000

// prove returns a proof that the box has no panel, or a panel, or neither when the cases or the work
// run out.
func (m *meter) prove(s *space, b box) (Proof, panel) {
	k, err := s.newLP()
	if err != nil {
		return nil, nil
	}
	rng := random(41)
	for t := range b.low {
		k.SetRange(t, float64(b.low[t]), float64(b.high[t]))
		k.SetCost(t, 1e-3*(1+rng.unit()))
	}
	k.SharpRay = true
	k.Reset()
	p := &prover{meter: m, space: s, k: k, box: b, left: proofCases}
	if !p.visit() {
		return nil, p.panel
	}
	return p.proof, nil
}

// visit reports whether the case is closed.
func (p *prover) visit() bool {
	p.left--
	if p.left < 0 || p.meter.spent() || p.meter.ctx.Err() != nil {
		return false
	}
	switch p.meter.solve(p.k) {
	case lp.Infeasible:
		ray := p.k.ExactRay()
		if ray == nil {
			return false
		}
		ms := p.space.multipliers(ray)
		if !p.space.closes(p.box, ms) {
			return false
		}
		p.proof = append(p.proof, Case{Multipliers: ms})
		return true
	case lp.Optimal:
		return p.split()
	}
	return false
}

func (p *prover) split() bool {
	at, best := -1, 1e-6
	x := p.k.X()
	for t, v := range x {
		f := v - math.Floor(v)
		if f = min(f, 1-f); f > best {
			at, best = t, f
		}
	}
	if at < 0 {
		p.panel = make(panel, len(x))
		for t, v := range x {
			p.panel[t] = int32(math.Floor(v + 0.5))
		}
		return false
	}
	floor := int64(math.Floor(x[at]))
	low, high := p.box.low[at], p.box.high[at]
	p.proof = append(p.proof, Case{Split: &Split{Type: at, AtMost: floor}})
	p.narrow(at, low, floor)
	closed := p.visit()
	if closed {
		p.narrow(at, floor+1, high)
		closed = p.visit()
	}
	p.narrow(at, low, high)
	return closed
}

func (p *prover) narrow(t int, low, high int64) {
	p.box.low[t], p.box.high[t] = low, high
	p.k.Tighten(t, float64(low), float64(high))
}
