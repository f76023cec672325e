package alternates

import (
	"cmp"
	"math"
	"slices"

	"kleroterion/randomness/sortition/quota"
)

// offer is a kind with somebody to ask.
type offer struct {
	kind   int
	at     int   // its lowest ticket
	change delta // of one more seat
}

// pair returns the best two people together, nothing where there are not two of different households.
// A pair costs no less than its two changes apart, because a row's cost is convex in its seats; only
// the count of broken quotas may fall short of the sum, by two a feature. So with kinds ordered by their
// change, a kind that cannot be part of the best pair ends the search.
func (f *filling) pair() []int {
	offers, both := f.offers(), f.together()
	slack := delta(2 * len(f.problem.Features))
	best, who := delta(math.MaxInt64), [2]int{none, none}
	for i, a := range offers {
		for _, b := range offers[i:] {
			apart := a.change + b.change
			if who[0] != none && apart-slack > best {
				break
			}
			d := apart + f.shared(both, a.kind, b.kind)
			if d > best {
				continue
			}
			if two, ok := f.lowest(a, b); ok && (d < best || before(two, who)) {
				best, who = d, two
			}
		}
	}
	if who[0] == none {
		return nil
	}
	return who[:]
}

// before compares pairs by their lower tickets, then by the others.
func before(a, b [2]int) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

func (f *filling) offers() []offer {
	var out []offer
	for k := range f.kinds {
		if at := f.first(k, none, alone); at != none {
			out = append(out, offer{k, at, f.changeOf(f.seats, k, 1)})
		}
	}
	slices.SortFunc(out, func(a, b offer) int {
		return cmp.Or(cmp.Compare(a.change, b.change), cmp.Compare(a.kind, b.kind))
	})
	return out
}

// together is, by row, what two seats change beyond twice what one does.
func (f *filling) together() []delta {
	out := make([]delta, len(f.seats))
	for row, r := range f.problem.Rows {
		if r.Kind == quota.OfQuota {
			out[row] = f.change(f.seats, row, 2) - 2*f.change(f.seats, row, 1)
		}
	}
	return out
}

// shared is what seating both kinds adds to their changes apart, in the rows that they share.
func (f *filling) shared(both []delta, a, b int) delta {
	var d delta
	others := f.kinds[b].values
	for i, v := range f.kinds[a].values {
		if v == others[i] {
			d += both[f.problem.Features[i].Rows[v]]
		}
	}
	return d
}

// lowest returns the two people of these kinds with the lowest tickets who are of different
// households, in ticket order, and false where there are none. Whoever has the lowest ticket of all
// stays, if anybody of the other kind goes with them.
func (f *filling) lowest(a, b offer) ([2]int, bool) {
	if a.at > b.at {
		a, b = b, a
	}
	home := f.people[a.at].home
	if a.kind != b.kind && (home == alone || home != f.people[b.at].home) {
		return [2]int{a.at, b.at}, true
	}
	from := none
	if a.kind == b.kind {
		from = a.at
	}
	for _, try := range [][2]offer{{a, b}, {b, a}} {
		stays, other := try[0], try[1]
		if at := f.first(other.kind, from, f.people[stays.at].home); at != none {
			return [2]int{min(stays.at, at), max(stays.at, at)}, true
		}
	}
	return [2]int{}, false
}
