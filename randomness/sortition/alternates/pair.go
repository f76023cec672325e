package alternates

import (
	"cmp"
	"math"
	"slices"
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
	offers := f.offers()
	slack := delta(2 * len(f.problem.Features))
	best, who := delta(math.MaxInt64), []int(nil)
	for i, a := range offers {
		for _, b := range offers[i:] {
			if who != nil && a.change+b.change-slack > best {
				break
			}
			d := a.change + b.change + f.shared(a.kind, b.kind)
			if d > best {
				continue
			}
			two := f.lowest(a, b)
			if two != nil && (d < best || slices.Compare(two, who) < 0) {
				best, who = d, two
			}
		}
	}
	return who
}

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

// shared is what seating both kinds adds to their changes apart, in the rows that they share.
func (f *filling) shared(a, b int) delta {
	var d delta
	for i, v := range f.kinds[a].values {
		if v == f.kinds[b].values[i] {
			row := f.problem.Features[i].Rows[v]
			d += f.change(f.seats, row, 2) - 2*f.change(f.seats, row, 1)
		}
	}
	return d
}

// lowest returns the two people of these kinds with the lowest tickets who are of different
// households, in ticket order, or nothing. Whoever has the lowest ticket of all stays, if anybody of the
// other kind goes with them.
func (f *filling) lowest(a, b offer) []int {
	if a.at > b.at {
		a, b = b, a
	}
	for _, try := range [][2]offer{{a, b}, {b, a}} {
		stays, other := try[0], try[1]
		from := none
		if a.kind == b.kind {
			from = stays.at
		}
		if at := f.first(other.kind, from, f.people[stays.at].home); at != none {
			return []int{min(stays.at, at), max(stays.at, at)}
		}
	}
	return nil
}
