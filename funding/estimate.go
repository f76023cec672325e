package funding

import (
	"math/big"
	"slices"
	"strings"
)

// Estimate keeps a round that is still open up to date. After any sequence of changes its Result is,
// to the byte, that of Match over the contributions it then holds. A change of rule qf takes constant
// time; of pairwise, time in the number of donors to the same projects. Reading takes time in the
// number of projects. An Estimate is not safe for use by several goroutines at once.
type Estimate struct {
	params  Params
	round   *Round          // names and weights; its rows are not kept
	pairs   map[pair]uint32 // where in given; neither holds a pointer that the collector would follow
	given   []held
	columns []column // these, by the round's numbers of projects
	raw     []*big.Int
	sums    []wide
	rows    []int    // how often a project is named: by contributions, and by List
	order   []uint32 // the projects that are named, by id
	totals  []wide   // by donor
	meets   *meetings
	now     map[uint32]Amount // what each project gets; nil where that is to be computed
}

type pair struct{ donor, project uint32 }

// held is what one donor gave one project: the rows, their sum, and what of it counts.
type held struct {
	rows int
	c    wide
	gift
}

// Estimate starts from the contributions and weights of a round, which is not to be used afterwards.
// The rule cocm has no estimate: every gift moves every other one; use Match.
func (r *Round) Estimate() (*Estimate, error) {
	if r.params.Rule == Cluster {
		return nil, refuse("estimate", "rule cocm has no running estimate: match the round anew")
	}
	l, err := r.ledger()
	if err != nil {
		return nil, err
	}
	e := &Estimate{params: r.params, round: r, pairs: make(map[pair]uint32, len(r.rows))}
	if r.params.Rule == Pairwise {
		if !l.smallPairs(r.params.M) {
			return nil, errLargePairs()
		}
		e.meets = &meetings{m: r.params.M.n.lo}
	}
	e.room()
	for p := range uint32(len(r.projects.ids)) {
		e.name(p)
	}
	for p := range r.listed {
		e.rows[p]++
	}
	e.load(l)
	return e, nil
}

func errLargePairs() error {
	return refuse("estimate", "amounts are too large for a running estimate of rule pairwise: match the round anew")
}

// load takes the rows of the round; l is its ledger.
func (e *Estimate) load(l *ledger) {
	for _, x := range e.round.rows {
		h := e.held(pair{x.donor, x.project})
		h.rows++
		h.c = h.c.plus(x.amount)
		e.rows[x.project]++
		e.sums[x.project] = e.sums[x.project].plus(x.amount)
		e.totals[x.donor] = e.totals[x.donor].plus(x.amount)
	}
	e.round.rows = nil
	for p, w := range e.params.raw(l, l.columns()) {
		e.raw[e.round.projects.of[l.projects[p]]] = w
	}
	for at, i := range e.pairs {
		h := &e.given[i]
		h.gift = e.counted(at, h.c)
		e.put(at.donor, h.gift)
	}
}

// room makes place for donors and projects that are new.
func (e *Estimate) room() {
	for len(e.totals) < len(e.round.donors.ids) {
		e.totals = append(e.totals, wide{})
	}
	for len(e.rows) < len(e.round.projects.ids) {
		e.columns, e.raw = append(e.columns, column{}), append(e.raw, new(big.Int))
		e.sums, e.rows = append(e.sums, wide{}), append(e.rows, 0)
	}
	if e.meets != nil {
		e.meets.room(len(e.totals), len(e.rows))
	}
}

// place is where a project stands or would stand in the order of the ids.
func (e *Estimate) place(project uint32) (int, bool) {
	ids := e.round.projects.ids
	return slices.BinarySearchFunc(e.order, project, func(a, b uint32) int { return strings.Compare(ids[a], ids[b]) })
}

func (e *Estimate) name(project uint32) {
	if i, found := e.place(project); !found {
		e.order = slices.Insert(e.order, i, project)
	}
}

// held returns what the pair holds, until the next pair is new.
func (e *Estimate) held(at pair) *held {
	i, known := e.pairs[at]
	if !known {
		i = uint32(len(e.given))
		e.pairs[at] = i
		e.given = append(e.given, held{gift: gift{project: at.project}})
	}
	return &e.given[i]
}

// counted is the gift that a sum counts for.
func (e *Estimate) counted(at pair, c wide) gift {
	a := e.params.counts(c, e.round.weight(at.donor))
	return gift{at.project, a, root(a)}
}

func (e *Estimate) put(donor uint32, g gift) {
	if g.a.isZero() {
		return
	}
	e.columns[g.project].add(g)
	if e.meets != nil {
		e.meets.put(donor, g)
	}
}

func (e *Estimate) drop(donor uint32, g gift) {
	if g.a.isZero() {
		return
	}
	e.columns[g.project].remove(g)
	if e.meets != nil {
		e.meets.drop(donor, g)
	}
}

// Add takes one more contribution. One that is refused changes nothing.
func (e *Estimate) Add(c Contribution) error {
	if err := firstRefusal(e.round.donors.check("donor", c.Donor), e.round.listable(c.Project)); err != nil {
		return err
	}
	at := pair{e.round.donors.number(c.Donor), e.round.projects.number(c.Project)}
	e.room()
	total, sum := e.totals[at.donor].plus(c.Amount.n), e.sums[at.project].plus(c.Amount.n)
	if !total.less(tooLarge) || !sum.less(tooLarge) {
		return refuse("sum", "donor %q to project %q: more than %d digits in all", c.Donor, c.Project, maxDigits)
	}
	h := e.held(at)
	if e.meets != nil && !e.meets.fits(total) {
		return errLargePairs()
	}
	e.totals[at.donor], e.sums[at.project] = total, sum
	h.rows, e.now = h.rows+1, nil
	if e.rows[at.project]++; e.rows[at.project] == 1 {
		e.name(at.project)
	}
	e.set(at, h, h.c.plus(c.Amount.n))
	return nil
}

// Remove takes back a contribution that was added: a refund.
func (e *Estimate) Remove(c Contribution) error {
	d, known := e.round.donors.find(c.Donor)
	p, listed := e.round.projects.find(c.Project)
	i, given := e.pairs[pair{d, p}]
	if !known || !listed || !given {
		return errAbsent(c)
	}
	h := &e.given[i]
	if h.rows == 0 || h.c.less(c.Amount.n) || h.rows == 1 && h.c != c.Amount.n {
		return errAbsent(c)
	}
	e.totals[d], e.sums[p] = e.totals[d].minus(c.Amount.n), e.sums[p].minus(c.Amount.n)
	h.rows, e.now = h.rows-1, nil
	e.set(pair{d, p}, h, h.c.minus(c.Amount.n))
	if e.rows[p]--; e.rows[p] == 0 {
		if i, found := e.place(p); found {
			e.order = slices.Delete(e.order, i, i+1)
		}
	}
	return nil
}

func errAbsent(c Contribution) error {
	return refuse("absent", "donor %q has not given %v to project %q", c.Donor, c.Amount, c.Project)
}

// set changes the sum of one donor for one project, and all that follows from it.
func (e *Estimate) set(at pair, h *held, c wide) {
	next := e.counted(at, c)
	h.c = c
	if next == h.gift {
		return
	}
	if e.meets != nil {
		e.meets.terms(at, e.raw, (*big.Int).Sub)
	}
	e.drop(at.donor, h.gift)
	e.put(at.donor, next)
	h.gift = next
	if e.meets != nil {
		e.meets.terms(at, e.raw, (*big.Int).Add)
	} else {
		e.raw[at.project] = e.columns[at.project].raw()
	}
}

// Result is the whole result as Match would return it now.
func (e *Estimate) Result() Result {
	l := &ledger{}
	columns, raw := make([]column, len(e.order)), make([]*big.Int, len(e.order))
	for i, p := range e.order {
		l.projects, l.sums = append(l.projects, e.round.projects.ids[p]), append(l.sums, e.sums[p])
		columns[i], raw[i] = e.columns[p], new(big.Int).Set(e.raw[p])
	}
	return e.params.result(l, columns, raw)
}

// Projects returns every project's row now, in the order of the ids.
func (e *Estimate) Projects() []Project { return e.Result().Projects }

// Change is what one more gift would do to one project's amount.
type Change struct {
	Project string `json:"project"`
	Before  Amount `json:"before"`
	After   Amount `json:"after"`
}

// What returns which amounts one more contribution would change, in the order of the ids. The
// estimate stays as it is.
func (e *Estimate) What(c Contribution) ([]Change, error) {
	before := e.amounts()
	if err := e.Add(c); err != nil {
		return nil, err
	}
	after := e.amounts()
	named := slices.Clone(e.order)
	if err := e.Remove(c); err != nil {
		return nil, err
	}
	e.now = before
	var changes []Change
	for _, p := range named {
		if x := (Change{e.round.projects.ids[p], before[p], after[p]}); x.Before != x.After {
			changes = append(changes, x)
		}
	}
	return changes, nil
}

// amounts is what each project gets now.
func (e *Estimate) amounts() map[uint32]Amount {
	if e.now == nil {
		e.now = e.split()
	}
	return e.now
}

func (e *Estimate) split() map[uint32]Amount {
	raw := make([]*big.Int, len(e.order))
	for i, p := range e.order {
		raw[i] = e.raw[p]
	}
	portions, _, _ := e.params.pot(raw).split()
	amounts := make(map[uint32]Amount, len(portions))
	for i, p := range e.order {
		amounts[p] = Amount{wideOf(&portions[i].amount)}
	}
	return amounts
}

func firstRefusal(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
