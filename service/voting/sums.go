package voting

import (
	"slices"

	"kleroterion/service/ratio"
)

// sums counts approval, score and quadratic: each option's sum per chamber, divided by the chamber's
// decisive ballots, combined by effective shares (K-TALLY/1 rules 8 and 9).
func (t *tally) sums() {
	options := t.blankCounts()
	for i := range t.voices {
		v := &t.voices[i]
		for _, m := range v.choice.marks {
			options[m.option].Sums[v.chamber] += int64(m.value) * v.voters
		}
	}
	t.result.Options = options
	if !t.spoken() {
		t.elect(nil)
		return
	}
	for i := range options {
		s := ratio.Of(t.combine(options[i].Sums))
		options[i].Score = &s
	}
	t.elect(t.best(options))
}

func (t *tally) blankCounts() []OptionCount {
	list := make([]OptionCount, len(t.rules.Options))
	for i, o := range t.rules.Options {
		list[i] = OptionCount{ID: o, Sums: make([]int64, len(t.chambers))}
	}
	return list
}

// best returns the options with a score above zero and not below the minimum, best first, at most
// as many as there are winners. Keys decide who of equals gets the last places.
func (t *tally) best(options []OptionCount) []string {
	var list []int
	for i, o := range options {
		if o.Score.Sign() > 0 && (t.rules.Minimum == nil || o.Score.Cmp(*t.rules.Minimum) >= 0) {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return options[b].Score.Cmp(*options[a].Score) })
	k := int(t.rules.Winners)
	var winners []string
	for len(list) > 0 && len(winners) < k {
		n := 1
		for n < len(list) && options[list[n]].Score.Equal(*options[list[0]].Score) {
			n++
		}
		winners = append(winners, t.admitted(list[:n], k-len(winners))...)
		list = list[n:]
	}
	return winners
}

// admitted returns which of equals get the places that are left.
func (t *tally) admitted(equals []int, places int) (names []string) {
	if len(equals) <= places {
		for _, o := range equals {
			names = append(names, t.rules.Options[o])
		}
		return names
	}
	keys := t.rank(equals)
	t.result.Ties = append(t.result.Ties, Tie{Rule: TieWinners, Places: int64(places), Among: keys})
	for _, k := range keys[:places] {
		names = append(names, k.Option)
	}
	return names
}
