package quota

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func checkSize(size int64) Issues {
	var is Issues
	if size < 0 || size > MaxCount {
		is.add(Issue{Rule: RuleSize}, "a panel of %d seats: 0 to %d are possible", size, int64(MaxCount))
	}
	return is
}

func checkQuotas(quotas []Quota) Issues {
	var is Issues
	seen := map[[2]string]int{}
	for i, q := range quotas {
		for _, issue := range q.check() {
			issue.File, issue.Line = QuotaFile, q.Line
			is = append(is, issue)
		}
		name := [2]string{q.Feature, q.Value}
		if first, twice := seen[name]; twice {
			is.add(Issue{File: QuotaFile, Line: q.Line, Rule: RuleDuplicateQuota}, "%s has %q already, %s: keep one of the two", q.Feature, q.Value, place(quotas[first].Line, first))
			continue
		}
		seen[name] = i
	}
	return is
}

// place says where something was seen before: the line of the file, or else its number in the list.
func place(line, index int) string {
	if line > 0 {
		return fmt.Sprintf("on line %d", line)
	}
	return fmt.Sprintf("as number %d", index+1)
}

func (q Quota) check() Issues {
	var is Issues
	if q.Feature == "" {
		is.add(Issue{Rule: RuleBlankFeature}, "the quota names no feature")
	}
	if q.Value == "" {
		is.add(Issue{Rule: RuleBlankValue}, "%s: the quota names no value", q.Feature)
	}
	q.checkRange(&is)
	if q.Min > q.Max {
		is.add(Issue{Column: "min", Rule: RuleMinAboveMax}, "%s %q: minimum %d is above maximum %d", q.Feature, q.Value, q.Min, q.Max)
	}
	if q.MinFlex != nil && *q.MinFlex > q.Min {
		is.add(Issue{Column: "min_flex", Rule: RuleMinFlex}, "%s %q: min_flex %d is above the minimum %d: it says how far the minimum may be lowered", q.Feature, q.Value, *q.MinFlex, q.Min)
	}
	if q.MaxFlex != nil && *q.MaxFlex < q.Max {
		is.add(Issue{Column: "max_flex", Rule: RuleMaxFlex}, "%s %q: max_flex %d is below the maximum %d: it says how far the maximum may be raised", q.Feature, q.Value, *q.MaxFlex, q.Max)
	}
	return is
}

func (q Quota) checkRange(is *Issues) {
	check := func(column string, n *int64) {
		if n != nil && (*n < 0 || *n > MaxCount) {
			is.add(Issue{Column: column, Rule: RuleRange}, "%s %q: %s is %d: write a number of seats from 0 to %d", q.Feature, q.Value, column, *n, int64(MaxCount))
		}
	}
	check("min", &q.Min)
	check("max", &q.Max)
	check("min_flex", q.MinFlex)
	check("max_flex", q.MaxFlex)
}

// readPeople checks the people and fills entrants and seated. People excluded are checked as well:
// a list with errors is not a list to draw from.
func (b *builder) readPeople(people []Person) Issues {
	var is Issues
	seen := make(map[string]int, len(people))
	for i, person := range people {
		at := Issue{File: PeopleFile, Line: person.Line}
		if first, twice := seen[person.ID]; person.ID == "" {
			at.Rule = RuleBlankID
			is.add(at, "a person without an id")
		} else if twice {
			at.Rule = RuleDuplicateID
			is.add(at, "id %q is %s already: give each person an id of their own, or delete one line", person.ID, place(people[first].Line, first))
		} else {
			seen[person.ID] = i
		}
		values := b.valuesOf(person, &is)
		switch e := (entrant{person.ID, values, person.Household}); person.Standing {
		case Seated:
			b.seated = append(b.seated, e)
		case Candidate:
			b.entrants = append(b.entrants, e)
		}
	}
	return is
}

func (b *builder) valuesOf(person Person, is *Issues) []int {
	features := b.problem.Features
	at := Issue{File: PeopleFile, Line: person.Line}
	if len(person.Values) != len(features) {
		at.Rule = RuleValues
		is.add(at, "%q has %d values, the quotas name %d features", person.ID, len(person.Values), len(features))
		return nil
	}
	values := make([]int, len(features))
	for f, value := range person.Values {
		v, known := b.value[f][value]
		at.Column, at.Rule = features[f].Name, RuleUnknownValue
		switch {
		case value == "":
			at.Rule = RuleBlankValue
			is.add(at, "%q has no value of %s: every person needs one, or a line out of the file", person.ID, features[f].Name)
		case !known:
			is.add(at, "%q is not a value that the quotas name: write one of %s, or add a quota for it", value, listed(b.value[f]))
		}
		values[f] = v
	}
	return values
}

// listed names a few values, in the order of the quotas.
func listed(values map[string]int) string {
	const most = 8
	names := slices.SortedFunc(maps.Keys(values), func(x, y string) int { return values[x] - values[y] })
	if len(names) > most {
		names = append(names[:most:most], "…")
	}
	return strings.Join(names, ", ")
}
