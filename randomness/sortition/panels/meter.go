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

func (m *meter) spent() bool { return m.left <= 0 }

// solve is s.Solve, metered, and stopped with the outcome Numeric when the work is spent.
func (m *meter) solve(s *lp.Simplex) lp.Outcome {
	defer m.count(s, s.Work)
	s.WorkLimit = s.Work + max(1, m.left)
	return s.Solve()
}

// search is s.Integer, metered and cancelled with the context.
func (m *meter) search(s *lp.Simplex, f *lp.Search) lp.Found {
	defer m.count(s, s.Work)
	s.WorkLimit = s.Work + max(1, m.left)
	f.Stop = func() bool { return m.ctx.Err() != nil || s.Work >= s.WorkLimit }
	return s.Integer(f)
}

// addRows is s.AddRows, metered.
func (m *meter) addRows(s *lp.Simplex, rows [][]lp.Entry, bounds []lp.Bounds) {
	defer m.count(s, s.Work)
	s.AddRows(rows, bounds)
}

func (m *meter) count(s *lp.Simplex, before int64) {
	m.left -= s.Work - before
}

func (m *meter) tell(p Progress) {
	if m.report != nil {
		m.report(p)
	}
}
