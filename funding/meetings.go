package funding

import "math/big"

// meetings is who gives to what, for the running estimate of rule pairwise.
type meetings struct {
	m     uint64
	lists [][]listed            // by project, in no order
	gifts []map[uint32]standing // by donor and project
	t     []wide                // by donor; zero between calls
	with  []bool                // by donor; false between calls
}

// standing is a gift's root and where it stands in its project's list.
type standing struct {
	s  uint64
	at int
}

// room makes place for donors and projects.
func (x *meetings) room(donors, projects int) {
	for len(x.gifts) < donors {
		x.gifts, x.t, x.with = append(x.gifts, nil), append(x.t, wide{}), append(x.with, false)
	}
	for len(x.lists) < projects {
		x.lists = append(x.lists, nil)
	}
}

// fits reports whether the terms of a donor with this total stay within 128 bits (see smallPairs).
func (x *meetings) fits(total wide) bool {
	m := wide{lo: x.m}.len()
	return m+total.len() <= 61
}

func (x *meetings) put(donor uint32, g gift) {
	if x.gifts[donor] == nil {
		x.gifts[donor] = map[uint32]standing{}
	}
	x.gifts[donor][g.project] = standing{g.s.lo, len(x.lists[g.project])}
	x.lists[g.project] = append(x.lists[g.project], listed{donor, g.s})
}

func (x *meetings) drop(donor uint32, g gift) {
	list, at := x.lists[g.project], x.gifts[donor][g.project].at
	last := list[len(list)-1]
	list[at] = last
	x.gifts[last.donor][g.project] = standing{last.s.lo, at}
	x.lists[g.project] = list[:len(list)-1]
	delete(x.gifts[donor], g.project)
}

// terms adds or subtracts the terms of all pairs that a change of this gift changes: of its donor with
// every other donor to the same project, for all projects that the two share.
func (x *meetings) terms(at pair, raw []*big.Int, apply func(z, x, y *big.Int) *big.Int) {
	x.mark(at, true)
	for p, g := range x.gifts[at.donor] {
		for _, j := range x.lists[p] {
			if x.with[j.donor] {
				x.t[j.donor] = x.t[j.donor].plus(mul64(g.s, j.s.lo))
			}
		}
	}
	for p, g := range x.gifts[at.donor] {
		var sum huge
		for _, j := range x.lists[p] {
			if x.with[j.donor] {
				sum.addWide(pairTerm(mul64(g.s, j.s.lo), x.m, x.t[j.donor]))
			}
		}
		apply(raw[p], raw[p], sum.big())
	}
	x.mark(at, false)
}

// mark says which donors are met at a project, the one of the pair excepted, and clears their t.
func (x *meetings) mark(at pair, with bool) {
	for _, j := range x.lists[at.project] {
		x.with[j.donor] = with && j.donor != at.donor
		x.t[j.donor] = wide{}
	}
}
