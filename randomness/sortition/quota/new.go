package quota

import (
	"slices"
	"strings"
)

// New makes the Problem of a panel of size seats under quotas, drawn from people. Size and quotas are
// of the whole panel, people seated included. Everything wrong with the input is in the error, an
// [Issues]; whether the quotas can be met is not asked here.
func New(size int64, quotas []Quota, people []Person) (*Problem, error) {
	issues := checkSize(size)
	issues = append(issues, checkQuotas(quotas)...)
	b := newBuilder(size, quotas)
	issues = append(issues, b.readPeople(people)...)
	if len(issues) == 0 {
		issues = b.seatFirst()
	}
	if err := issues.err(); err != nil {
		return nil, err
	}
	b.gather()
	return b.problem, nil
}

// builder makes a Problem: readPeople, seatFirst, gather.
type builder struct {
	problem  *Problem
	feature  map[string]int
	value    []map[string]int
	entrants []entrant // candidates
	seated   []entrant
}

// entrant is a person with the values as indexes.
type entrant struct {
	id        string
	values    []int
	household string
}

func newBuilder(size int64, quotas []Quota) *builder {
	b := &builder{problem: &Problem{Size: size}, feature: map[string]int{}}
	p := b.problem
	p.Rows = []Row{{Kind: Total, Class: -1, Min: size, Max: size, MinFlex: size, MaxFlex: size}}
	for _, q := range quotas {
		f, known := b.feature[q.Feature]
		if !known {
			f = len(p.Features)
			b.feature[q.Feature] = f
			b.value = append(b.value, map[string]int{})
			p.Features = append(p.Features, Feature{Name: q.Feature})
		}
		b.value[f][q.Value] = len(p.Features[f].Values)
		p.Features[f].Values = append(p.Features[f].Values, q.Value)
		p.Features[f].Rows = append(p.Features[f].Rows, len(p.Rows))
		p.Rows = append(p.Rows, rowOf(q, size))
	}
	return b
}

func rowOf(q Quota, size int64) Row {
	row := Row{Kind: OfQuota, Feature: q.Feature, Value: q.Value, Class: -1, Min: q.Min, Max: q.Max, MaxFlex: max(size, q.Max)}
	if q.MinFlex != nil {
		row.MinFlex = *q.MinFlex
	}
	if q.MaxFlex != nil {
		row.MaxFlex = *q.MaxFlex
	}
	return row
}

// seatFirst takes the people seated out of size and bounds, and their households out of the lottery.
func (b *builder) seatFirst() Issues {
	p := b.problem
	homes := map[string]bool{}
	for _, s := range b.seated {
		p.Seated = append(p.Seated, s.id)
		if s.household != "" {
			homes[s.household] = true
		}
		b.take(0)
		for f, v := range s.values {
			b.take(p.Features[f].Rows[v])
		}
	}
	p.Size -= int64(len(b.seated))
	b.entrants = slices.DeleteFunc(b.entrants, func(e entrant) bool {
		if homes[e.household] {
			p.Barred = append(p.Barred, e.id)
		}
		return homes[e.household]
	})
	slices.Sort(p.Seated)
	slices.Sort(p.Barred)
	return b.overfull()
}

// take counts one seat in a row. Max may fall below 0, which overfull reports.
func (b *builder) take(row int) {
	r := &b.problem.Rows[row]
	r.Min, r.MinFlex = max(r.Min-1, 0), max(r.MinFlex-1, 0)
	r.Max, r.MaxFlex = r.Max-1, r.MaxFlex-1
	r.Held++
}

func (b *builder) overfull() Issues {
	var is Issues
	for _, r := range b.problem.Rows {
		at := Issue{File: PeopleFile, Rule: RuleSeated}
		switch {
		case r.Max >= 0:
		case r.Kind == Total:
			is.add(at, "%d people are seated already, %d more than the panel has seats", len(b.seated), -r.Max)
		default:
			at.Column = r.Feature
			is.add(at, "%s: %d more people with %q are seated already than the maximum allows: raise it, or free a seat", r.Feature, -r.Max, r.Value)
		}
	}
	return is
}

// gather fills Types, Classes and the household rows.
func (b *builder) gather() {
	slices.SortFunc(b.entrants, func(x, y entrant) int { return strings.Compare(x.id, y.id) })
	b.classify()
	for i := range b.problem.Types {
		b.problem.Types[i].Rows = b.rowsOf(&b.problem.Types[i])
	}
}

func (b *builder) rowsOf(t *Type) []int {
	rows := make([]int, 1, len(t.Values)+2)
	for f, v := range t.Values {
		rows = append(rows, b.problem.Features[f].Rows[v])
	}
	if t.Class >= 0 && b.problem.Classes[t.Class].Row >= 0 {
		rows = append(rows, b.problem.Classes[t.Class].Row)
	}
	return rows
}
