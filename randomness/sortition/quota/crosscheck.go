package quota

import "fmt"

// Finding is a quota, or the quotas of one feature, that no panel can meet whatever the others say.
type Finding struct {
	Rule    Rule   `json:"rule"`
	Feature string `json:"feature,omitempty"`
	Value   string `json:"value,omitempty"` // "" for the feature as a whole
	Message string `json:"message"`
}

// Rules of [CrossCheck].
const (
	RulePoolSmall     Rule = "pool_small"     // fewer people, or households, than seats
	RulePoolShort     Rule = "pool_short"     // a minimum above what the pool has
	RuleMinimumsAbove Rule = "minimums_above" // of a feature: their sum is above the seats
	RuleMaximumsBelow Rule = "maximums_below" // of a feature: their sum is below the seats
	RuleMaximumsShort Rule = "maximums_short" // of a feature: what the pool has of their sum is below the seats
)

// CrossCheck compares each quota, and the quotas of each feature, with the size of the panel and with
// the pool. It names all that fail at once; [Feasible] asks whether the rest can be met together.
func CrossCheck(p *Problem) []Finding {
	var found []Finding
	add := func(rule Rule, row Row, format string, args ...any) {
		found = append(found, Finding{rule, row.Feature, row.Value, fmt.Sprintf(format, args...)})
	}
	small := p.within(0) < p.Size
	if have := p.within(0); small {
		add(RulePoolSmall, Row{}, "the panel has %d seats to fill, the pool has %s", p.Size, p.heads(have))
	}
	for _, f := range p.Features {
		least, most, filled := int64(0), int64(0), int64(0)
		for _, r := range f.Rows {
			row, have := p.Rows[r], p.within(r)
			if row.Min > have {
				add(RulePoolShort, row, "%s %q: minimum is %d%s, the pool has %s", f.Name, row.Value, row.Min+row.Held, heldNote(row), p.heads(have))
			}
			least += row.Min
			most += row.Max
			filled += min(row.Max, have)
		}
		if least > p.Size {
			add(RuleMinimumsAbove, Row{Feature: f.Name}, "%s: the minimums add up to %d, the panel has %d seats to fill: lower some", f.Name, least, p.Size)
		}
		if most < p.Size {
			add(RuleMaximumsBelow, Row{Feature: f.Name}, "%s: the maximums add up to %d, the panel has %d seats to fill: raise some", f.Name, most, p.Size)
		} else if filled < p.Size && !small {
			add(RuleMaximumsShort, Row{Feature: f.Name}, "%s: the pool can fill the maximums up to %d seats, the panel has %d seats to fill: raise those of values that the pool has more of", f.Name, filled, p.Size)
		}
	}
	return found
}

func heldNote(row Row) string {
	if row.Held == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d held already)", row.Held)
}

// heads counts people, or households where only one person of each can be chosen.
func (p *Problem) heads(n int64) string {
	if len(p.Classes) > 0 {
		return counted(n, "household", "households")
	}
	return counted(n, "person", "people")
}

// within is the most seats that one panel can give to the types of a row, for the pool and its
// households alone. Every household of a class has a member of each of its types, so a class with a type
// in the row can give one seat per household.
func (p *Problem) within(row int) int64 {
	seats, counted := int64(0), map[int]bool{}
	for _, t := range p.Types {
		if !t.in(row) || t.Class >= 0 && counted[t.Class] {
			continue
		}
		if t.Class >= 0 {
			counted[t.Class] = true
		}
		seats += t.Cap // of a class: its households
	}
	return seats
}

func (t *Type) in(row int) bool {
	for _, r := range t.Rows {
		if r == row {
			return true
		}
	}
	return false
}
