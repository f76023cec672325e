package alternates

import (
	"fmt"
	"math"
)

// Rank lists up to n alternates of a panel before anybody has dropped out. When each member is equally
// likely to be the one who drops out, the sum over members of what the panel then costs, at best with
// one alternate of the list and at worst with an empty seat, falls with each name as much as it can; among
// equals the lowest ticket comes first. Where nobody shares a household, the first a names take off more than
// 1 - 1/e > 63 % of what any a names can (Nemhauser, Wolsey and Fisher 1978), otherwise half of it. When no name takes off anything more, a new round
// begins with everybody listed so far out of it. Nobody of a household on the panel or of one listed
// already is listed.
func (p *Pool) Rank(panel []string, n int) ([]string, error) {
	f, err := p.newFilling(State{Holding: panel})
	if err != nil {
		return nil, err
	}
	if n < 0 {
		return nil, fmt.Errorf("a list of %d alternates", n)
	}
	r := &ranking{filling: f, members: f.members(panel)}
	if len(f.kinds)*len(r.members) <= maxTable {
		r.table = make([][]int64, len(f.kinds))
	}
	r.begin()
	for len(f.chosen) < n {
		at, saved := r.next()
		if at == none {
			break
		}
		if saved == 0 && !r.fresh {
			r.begin()
			continue
		}
		f.list(at)
		r.cover(f.people[at].kind)
	}
	return p.ids(f.chosen), nil
}

// ranking is one call of Rank.
type ranking struct {
	*filling
	members []member
	fresh   bool      // nobody is listed in this round
	table   [][]int64 // costs of each kind, once they were asked for; nil where there are too many
}

const maxTable = 1 << 22 // entries

// member is the people of one kind on the panel, and what the panel costs at best in this round when
// one of them drops out, against the panel as it is.
type member struct {
	kind  int
	count int64
	cost  int64
}

func (f *filling) members(panel []string) []member {
	counts := make([]int64, len(f.kinds))
	for _, id := range panel {
		counts[f.people[f.index[id]].kind]++
	}
	var out []member
	for k, n := range counts {
		if n > 0 {
			out = append(out, member{kind: k, count: n})
		}
	}
	return out
}

// list takes a person and the household out of what may be listed; the panel stays as it is.
func (f *filling) list(at int) {
	f.chosen = append(f.chosen, at)
	f.barred[at] = true
	if home := f.people[at].home; home != alone {
		f.homes[home] = true
	}
}

func (r *ranking) begin() {
	r.fresh = true
	for i := range r.members {
		r.members[i].cost = r.replaced(r.members[i].kind, none)
	}
}

// replaced is the change of cost when one of a kind drops out and one of another takes the seat, or
// nobody.
func (r *ranking) replaced(out, in int) int64 {
	var cost int64
	add := func(row int, n int64) {
		rule := r.problem.Rows[row]
		cost += rowMeasure(rule, r.seats[row]+n).Cost - rowMeasure(rule, r.seats[row]).Cost
	}
	for f, v := range r.kinds[out].values {
		rows := r.problem.Features[f].Rows
		if in != none && r.kinds[in].values[f] == v {
			continue
		}
		add(rows[v], -1)
		if in != none {
			add(rows[r.kinds[in].values[f]], 1)
		}
	}
	return cost
}

// costs is what the panel costs with one of the kind in the seat of one of each member's kind, against the
// panel as it is, which does not change while people are listed.
func (r *ranking) costs(kind int) []int64 {
	if r.table != nil && r.table[kind] != nil {
		return r.table[kind]
	}
	out := make([]int64, len(r.members))
	for i, m := range r.members {
		out[i] = r.replaced(m.kind, kind)
	}
	if r.table != nil {
		r.table[kind] = out
	}
	return out
}

// next returns who takes off most, and how much.
func (r *ranking) next() (at int, saved int64) {
	at, saved = none, math.MinInt64
	for k := range r.kinds {
		who := r.first(k, none, alone)
		if who == none {
			continue
		}
		var s int64
		for i, cost := range r.costs(k) {
			s += r.members[i].count * max(0, r.members[i].cost-cost)
		}
		if s > saved || s == saved && who < at {
			at, saved = who, s
		}
	}
	return at, saved
}

func (r *ranking) cover(kind int) {
	r.fresh = false
	for i, cost := range r.costs(kind) {
		r.members[i].cost = min(r.members[i].cost, cost)
	}
}
