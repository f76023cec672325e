package quota

import (
	"context"
	"errors"
	"fmt"
	"math"

	"kleroterion/randomness/sortition/lp"
)

// Change moves the bounds of one quota: the minimum down by Lower seats, the maximum up by Raise seats.
type Change struct {
	Feature string `json:"feature"`
	Value   string `json:"value"`
	Lower   int64  `json:"lower"`
	Raise   int64  `json:"raise"`
}

// Relaxation is the quotas nearest to those of a problem that a panel can meet. Cost is the sum of what
// the Changes cost, in thousandths: 1000 for each seat that a maximum is raised, 1000 + 2000/min, rounded
// down, for each seat that a minimum is lowered. Proved says that no other changes within the flexible
// bounds cost less; otherwise the search ended before it could tell. Conflict is set instead where no
// changes within the flexible bounds will do; it is a conflict of [Problem.Flexible].
type Relaxation struct {
	Changes  []Change  `json:"changes"`
	Cost     int64     `json:"cost"`
	Proved   bool      `json:"proved"`
	Panel    []int64   `json:"panel"` // seats of each type: a panel that meets the changed quotas
	Conflict *Conflict `json:"conflict,omitempty"`
}

// Nearest finds the nearest quotas that can be met. The panel is counted and the proof checked in whole
// numbers. The error is ErrUndecided, when not one panel within the flexible bounds was found nor
// proved impossible, or that of ctx.
func Nearest(ctx context.Context, p *Problem) (*Relaxation, error) {
	n := newNearest(p)
	n.panel = n.propose()
	if n.panel == nil {
		answer, err := Feasible(ctx, p.Flexible())
		if err != nil || answer.Conflict != nil {
			return &Relaxation{Conflict: answer.Conflict}, err
		}
		n.panel = answer.Panel
	}
	proved, err := n.improve(ctx)
	if err != nil {
		return nil, fmt.Errorf("nearest quotas: %w", err)
	}
	changes, cost := n.price(n.panel)
	return &Relaxation{Changes: changes, Cost: cost, Proved: proved, Panel: n.panel}, nil
}

// Flexible is p with bounds moved as far as they may be.
func (p *Problem) Flexible() *Problem {
	wide := *p
	wide.Rows = append([]Row(nil), p.Rows...)
	for r := range wide.Rows {
		wide.Rows[r].Min, wide.Rows[r].Max = wide.Rows[r].MinFlex, wide.Rows[r].MaxFlex
	}
	return &wide
}

// nearest is the search for the cheapest changes. The system has behind the types two columns for each
// quota, the seats by which its minimum is lowered and its maximum raised, and a last row that adds up
// what they cost.
type nearest struct {
	p     *Problem
	sys   *system
	costs []int64 // by column
	panel []int64
}

func newNearest(p *Problem) *nearest {
	n := &nearest{p: p, sys: newSystem(p, nil), costs: make([]int64, len(p.Types))}
	total := len(p.Rows)
	n.sys.rows = append(n.sys.rows, span{0, math.MaxInt64})
	for r, row := range p.Rows {
		if row.Kind != OfQuota {
			continue
		}
		n.slack(row.Min-row.MinFlex, lowering(row), entry{r, 1}, total)
		n.slack(min(row.MaxFlex, max(p.Size, row.Max))-row.Max, raising, entry{r, -1}, total)
	}
	return n
}

func (n *nearest) slack(most, cost int64, at entry, total int) {
	n.sys.lower, n.sys.upper = append(n.sys.lower, 0), append(n.sys.upper, most)
	n.sys.entries = append(n.sys.entries, []entry{at, {total, cost}})
	n.costs = append(n.costs, cost)
}

const raising = 1000

func lowering(row Row) int64 { return 1000 + 2000/max(row.Min, 1) }

// propose takes the best panel of a short search that is not checked, as something to improve.
func (n *nearest) propose() []int64 {
	n.sys.rows[len(n.sys.rows)-1].max = n.worst()
	simplex, err := n.sys.programme()
	if err != nil {
		return nil
	}
	for j, cost := range n.costs {
		simplex.SetCost(j, float64(cost))
	}
	simplex.Reset()
	s := search{sys: n.sys}
	if !s.take(simplex.Integer(&lp.Search{Nodes: 3000, Below: math.Inf(1)}).Point) {
		return nil
	}
	return s.point[:len(n.p.Types)]
}

// worst is the cost of all changes there can be.
func (n *nearest) worst() int64 {
	sum := int64(0)
	for j, cost := range n.costs {
		sum += cost * n.sys.upper[j]
	}
	return sum
}

// improve asks for cheaper changes until it is proved that there are none. Whether it is better to split
// the changes before the seats differs from pool to pool, and the wrong way takes for ever: both get
// their turn, with limits that grow. A deadline of ctx ends it as a limit does.
func (n *nearest) improve(ctx context.Context) (proved bool, err error) {
	const least, most = 250, 16_000
	nodes, changesFirst := int64(least), true
	for nodes <= most {
		_, cost := n.price(n.panel)
		if cost == 0 {
			return true, nil
		}
		n.sys.rows[len(n.sys.rows)-1].max = cost - 1
		n.sys.first = 0
		if changesFirst {
			n.sys.first = len(n.p.Types)
		}
		point, proof, err := decide(ctx, n.sys, nodes)
		switch {
		case proof != nil:
			return true, nil
		case point != nil:
			n.panel = point[:len(n.p.Types)]
			continue
		case errors.Is(err, context.DeadlineExceeded):
			return false, nil
		case !errors.Is(err, ErrUndecided):
			return false, err
		}
		if changesFirst = !changesFirst; changesFirst {
			nodes *= 2
		}
	}
	return false, nil
}

// price returns the changes that a panel needs, no more, and what they cost.
func (n *nearest) price(panel []int64) (changes []Change, cost int64) {
	sums := make([]int64, len(n.p.Rows))
	for t, seats := range panel {
		for _, r := range n.p.Types[t].Rows {
			sums[r] += seats
		}
	}
	for r, row := range n.p.Rows {
		lower, raise := max(row.Min-sums[r], 0), max(sums[r]-row.Max, 0)
		if row.Kind != OfQuota || lower+raise == 0 {
			continue
		}
		changes = append(changes, Change{row.Feature, row.Value, lower, raise})
		cost += lower*lowering(row) + raise*raising
	}
	return changes, cost
}

// Apply returns the quotas with the changes made.
func (x *Relaxation) Apply(quotas []Quota) []Quota {
	type name struct{ feature, value string }
	moved := map[name]Change{}
	for _, c := range x.Changes {
		moved[name{c.Feature, c.Value}] = c
	}
	changed := append([]Quota(nil), quotas...)
	for i, q := range changed {
		if c, ok := moved[name{q.Feature, q.Value}]; ok {
			changed[i].Min, changed[i].Max = q.Min-c.Lower, q.Max+c.Raise
		}
	}
	return changed
}
