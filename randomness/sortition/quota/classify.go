package quota

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// home is the candidates of one household, two or more, by their values and then by id.
type home struct {
	people []entrant
}

// compareHomes orders by the multiset of vectors: 0 for homes of one class.
func compareHomes(a, b home) int {
	return slices.CompareFunc(a.people, b.people, func(x, y entrant) int { return slices.Compare(x.values, y.values) })
}

// classify fills Classes and Types from entrants in ascending order of ids.
func (b *builder) classify() {
	alone, homes := b.homes()
	slices.SortStableFunc(homes, compareHomes)
	groups := []typeGroup{}
	for _, people := range groupByValues(alone) {
		groups = append(groups, typeGroup{people[0].values, -1, people})
	}
	for len(homes) > 0 {
		n := 1
		for n < len(homes) && compareHomes(homes[0], homes[n]) == 0 {
			n++
		}
		groups = append(groups, b.addClass(homes[:n])...)
		homes = homes[n:]
	}
	slices.SortStableFunc(groups, func(x, y typeGroup) int {
		return cmp.Or(slices.Compare(x.values, y.values), cmp.Compare(x.class, y.class))
	})
	b.addTypes(groups)
}

// homes splits the entrants into those alone at home and the homes of several candidates, in the order
// of their lowest id.
func (b *builder) homes() (alone []entrant, homes []home) {
	at := map[string]int{}
	for _, e := range b.entrants {
		if e.household == "" {
			alone = append(alone, e)
			continue
		}
		i, known := at[e.household]
		if !known {
			i = len(homes)
			at[e.household] = i
			homes = append(homes, home{})
		}
		homes[i].people = append(homes[i].people, e)
	}
	several := homes[:0]
	for _, h := range homes {
		if len(h.people) == 1 {
			alone = append(alone, h.people[0])
			continue
		}
		slices.SortStableFunc(h.people, compareValues)
		several = append(several, h)
	}
	slices.SortFunc(alone, func(x, y entrant) int { return cmp.Compare(x.id, y.id) })
	return alone, several
}

func compareValues(x, y entrant) int { return slices.Compare(x.values, y.values) }

// groupByValues returns the groups by values, and keeps the order within each.
func groupByValues(people []entrant) [][]entrant {
	var groups [][]entrant
	at := map[string]int{}
	var key []byte
	for _, e := range people {
		key = key[:0]
		for _, v := range e.values {
			key = binary.AppendUvarint(key, uint64(v))
		}
		i, known := at[string(key)]
		if !known {
			i = len(groups)
			at[string(key)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	slices.SortFunc(groups, func(x, y []entrant) int { return compareValues(x[0], y[0]) })
	return groups
}

// typeGroup is a Type in the making.
type typeGroup struct {
	values []int
	class  int
	people []entrant
}

// addClass adds the class of homes that compare equal and returns the groups of its types.
func (b *builder) addClass(homes []home) []typeGroup {
	class := Class{Row: -1}
	index := len(b.problem.Classes)
	var groups []typeGroup
	for _, h := range homes {
		parts := groupByValues(h.people)
		household := Household{}
		for i, part := range parts {
			if len(groups) < len(parts) {
				groups = append(groups, typeGroup{values: part[0].values, class: index})
			}
			groups[i].people = append(groups[i].people, part...)
			household.Members = append(household.Members, ids(part))
		}
		class.Households = append(class.Households, household)
	}
	if len(groups) > 1 {
		class.Row = len(b.problem.Rows)
		n := int64(len(homes))
		b.problem.Rows = append(b.problem.Rows, Row{Kind: OfHouseholds, Class: index, Max: n, MaxFlex: n})
	}
	b.problem.Classes = append(b.problem.Classes, class)
	return groups
}

func (b *builder) addTypes(groups []typeGroup) {
	p := b.problem
	for i, g := range groups {
		t := Type{Values: g.values, Class: g.class, Cap: int64(len(g.people)), Members: ids(g.people)}
		if g.class >= 0 {
			t.Cap = int64(len(p.Classes[g.class].Households))
			p.Classes[g.class].Types = append(p.Classes[g.class].Types, i)
		}
		slices.Sort(t.Members)
		p.Types = append(p.Types, t)
	}
}

func ids(people []entrant) []string {
	list := make([]string, len(people))
	for i, e := range people {
		list[i] = e.id
	}
	return list
}
