package panels

import (
	"context"

	"kleroterion/randomness/sortition/lp"
)

// meter counts work in elementary steps of the simplex, so that a budget ends at the same point on
// every machine, and notices cancellation.
type meter struct {
	ctx    context.Context
	left   int64
	report func(Progress)
}

// step is what one pivot costs.
func step(s *lp.Simplex) int64 {
	return int64(s.Columns()) + int64(s.Rows())*int64(s.Rows())
}

func (m *meter) spent() bool { return m.left <= 0 }

// solve is s.Solve, metered, and stopped with the outcome Numeric when the work is spent.
func (m *meter) solve(s *lp.Simplex) lp.Outcome {
	before, limit := s.Pivots, s.Limit
	s.Limit = max(1, min(limit, m.left/step(s)))
	defer func() { s.Limit = limit }()
	out := s.Solve()
	m.left -= (s.Pivots - before + 1) * step(s)
	return out
}

// search is s.Integer, metered and cancelled with the context.
func (m *meter) search(s *lp.Simplex, f *lp.Search) lp.Found {
	before, cost := s.Pivots, step(s)
	f.Stop = func() bool {
		return m.ctx.Err() != nil || m.left < (s.Pivots-before)*cost
	}
	found := s.Integer(f)
	m.left -= (s.Pivots - before + 1) * cost
	return found
}

func (m *meter) tell(p Progress) {
	if m.report != nil {
		m.report(p)
	}
}
