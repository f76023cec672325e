package funding

import (
	"math/bits"
	"slices"
	"strings"
)

// ledger is a round's contributions after eligibility: what counts, by donor. Projects are numbered
// in the order of their ids, donors in the order in which they came; no result depends on the latter.
type ledger struct {
	projects []string
	donors   []string
	start    []uint32 // gifts of donor i are gifts[start[i]:start[i+1]], by project
	gifts    []gift
	sums     []wide // by project, of all rows
}

// gift is what counts of one donor for one project: a > 0, and its root.
type gift struct {
	project uint32
	a, s    wide
}

func (l *ledger) of(donor int) []gift { return l.gifts[l.start[donor]:l.start[donor+1]] }

// ledger sums, drops and weighs (matching.md, "From rows to weighted amounts").
func (r *Round) ledger() (*ledger, error) {
	l := &ledger{donors: r.donors.ids, start: make([]uint32, len(r.donors.ids)+1)}
	var rank []uint32
	l.projects, rank = inOrder(r.projects.ids)
	l.sums = make([]wide, len(l.projects))
	rows, start := r.byDonor(rank)
	l.gifts = make([]gift, 0, len(rows))
	for d := range l.donors {
		own := rows[start[d]:start[d+1]]
		if err := l.enter(own, r.params, r.weight(uint32(d))); err != nil {
			return nil, err
		}
		l.start[d+1] = uint32(len(l.gifts))
	}
	return l, nil
}

// inOrder returns the ids sorted by their bytes, and each id's place in that order.
func inOrder(ids []string) (sorted []string, rank []uint32) {
	order := make([]uint32, len(ids))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return strings.Compare(ids[a], ids[b]) })
	sorted, rank = make([]string, len(ids)), make([]uint32, len(ids))
	for place, i := range order {
		sorted[place], rank[i] = ids[i], uint32(place)
	}
	return sorted, rank
}

func (r *Round) weight(donor uint32) uint32 {
	if int(donor) < len(r.weights) && r.weights[donor] != 0 {
		return r.weights[donor] - 1
	}
	return r.params.defaultWeight()
}

// byDonor returns the rows grouped by donor (a counting sort), with projects by rank.
func (r *Round) byDonor(rank []uint32) (rows []row, start []uint32) {
	start = make([]uint32, len(r.donors.ids)+1)
	for _, x := range r.rows {
		start[x.donor+1]++
	}
	for i := range r.donors.ids {
		start[i+1] += start[i]
	}
	next := slices.Clone(start)
	rows = make([]row, len(r.rows))
	for _, x := range r.rows {
		x.project = rank[x.project]
		rows[next[x.donor]] = x
		next[x.donor]++
	}
	return rows, start
}

// enter puts one donor's rows into the ledger. It sorts them by project.
func (l *ledger) enter(own []row, p Params, weight uint32) error {
	if len(own) > 1 {
		slices.SortFunc(own, func(a, b row) int { return int(a.project) - int(b.project) })
	}
	var total wide
	for i := 0; i < len(own); {
		project, c := own[i].project, own[i].amount
		for i++; i < len(own) && own[i].project == project; i++ {
			if c = c.plus(own[i].amount); !c.less(tooLarge) {
				break
			}
		}
		if total = total.plus(c); !total.less(tooLarge) {
			return refuse("sum", "donor %q gives more than %d digits in all", l.donors[own[0].donor], maxDigits)
		}
		if l.sums[project] = l.sums[project].plus(c); !l.sums[project].less(tooLarge) {
			return refuse("sum", "project %q gets more than %d digits", l.projects[project], maxDigits)
		}
		if a := p.counts(c, weight); !a.isZero() {
			l.gifts = append(l.gifts, gift{project, a, root(a)})
		}
	}
	return nil
}

// counts is what counts of a sum: minimum, maximum, weight, in this order.
func (p Params) counts(c wide, weight uint32) wide {
	if c.less(p.Min.n) {
		return wide{}
	}
	if !p.Max.IsZero() && p.Max.n.less(c) {
		c = p.Max.n
	}
	return weigh(c, uint64(weight))
}

// weigh returns ⌊c · w / 10^6⌋ for w ≤ 10^6.
func weigh(c wide, w uint64) wide {
	if w == Million {
		return c
	}
	hi, over := c.hi/Million, c.hi%Million
	lo, rest := bits.Div64(over, c.lo, Million)
	return wide{hi, lo}.times(w).plus(wide{lo: rest * w / Million})
}
