package quota

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// problem makes one from people given as "count value value…" and perhaps a household that all share.
func problem(t *testing.T, size int64, quotas []Quota, groups ...[]string) *Problem {
	t.Helper()
	var people []Person
	for g, group := range groups {
		n, home := 0, ""
		if _, err := fmt.Sscan(group[0], &n); err != nil {
			t.Fatal(err)
		}
		if n < 0 {
			n, home = -n, fmt.Sprint("home", g)
		}
		for range n {
			people = append(people, Person{ID: fmt.Sprint("p", len(people)), Values: group[1:], Household: home})
		}
	}
	p, err := New(size, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func gender(f, m [2]int64) []Quota {
	return []Quota{q("gender", "f", f[0], f[1]), q("gender", "m", m[0], m[1])}
}

func TestCrossCheckNamesFeatureAndNumbers(t *testing.T) {
	for name, c := range map[string]struct {
		size   int64
		quotas []Quota
		groups [][]string
		want   []string
	}{
		"all well":        {4, gender([2]int64{1, 3}, [2]int64{1, 3}), [][]string{{"5", "f"}, {"5", "m"}}, nil},
		"a small pool":    {4, gender([2]int64{0, 4}, [2]int64{0, 4}), [][]string{{"1", "f"}, {"2", "m"}}, []string{"pool_small: the panel has 4 seats to fill, the pool has 3 people"}},
		"few households":  {4, gender([2]int64{0, 4}, [2]int64{0, 4}), [][]string{{"-7", "f"}, {"2", "m"}}, []string{"pool_small: the panel has 4 seats to fill, the pool has 3 households"}},
		"a minimum unmet": {4, gender([2]int64{0, 4}, [2]int64{3, 4}), [][]string{{"8", "f"}, {"1", "m"}}, []string{`pool_short: gender "m": minimum is 3, the pool has 1 person`}},
		"minimums above":  {4, gender([2]int64{3, 4}, [2]int64{2, 4}), [][]string{{"8", "f"}, {"8", "m"}}, []string{"minimums_above: gender: the minimums add up to 5, the panel has 4 seats to fill: lower some"}},
		"maximums below":  {4, gender([2]int64{0, 1}, [2]int64{0, 2}), [][]string{{"8", "f"}, {"8", "m"}}, []string{"maximums_below: gender: the maximums add up to 3, the panel has 4 seats to fill: raise some"}},
		"maximums unmet":  {4, gender([2]int64{0, 1}, [2]int64{0, 4}), [][]string{{"8", "f"}, {"2", "m"}}, []string{"maximums_short: gender: the pool can fill the maximums up to 3 seats, the panel has 4 seats to fill: raise those of values that the pool has more of"}},
		"all that is amiss": {4, append(gender([2]int64{3, 4}, [2]int64{2, 4}), q("age", "old", 0, 2), q("age", "young", 0, 1)), [][]string{{"8", "f", "old"}, {"1", "m", "old"}}, []string{
			`pool_short: gender "m": minimum is 2, the pool has 1 person`,
			"minimums_above: gender: the minimums add up to 5, the panel has 4 seats to fill: lower some",
			"maximums_below: age: the maximums add up to 3, the panel has 4 seats to fill: raise some",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := problem(t, c.size, c.quotas, c.groups...)
			var got []string
			for _, f := range CrossCheck(p) {
				got = append(got, f.Rule+": "+f.Message)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			answer, err := Feasible(t.Context(), p)
			if err != nil || (answer.Conflict == nil) != (len(got) == 0) {
				t.Errorf("feasibility %+v, %v", answer, err)
			}
		})
	}
}

func TestCrossCheckCountsSeatsThatAreHeld(t *testing.T) {
	people := []Person{{ID: "a", Values: []string{"m"}, Standing: Seated}, {ID: "b", Values: []string{"f"}}, {ID: "c", Values: []string{"m"}}}
	p, err := New(4, gender([2]int64{0, 9}, [2]int64{3, 9}), people)
	if err != nil {
		t.Fatal(err)
	}
	want := []Finding{
		{Rule: RulePoolSmall, Message: "the panel has 3 seats to fill, the pool has 2 people"},
		{Rule: RulePoolShort, Feature: "gender", Value: "m", Message: `gender "m": minimum is 3 (1 held already), the pool has 1 person`},
	}
	if diff := cmp.Diff(want, CrossCheck(p)); diff != "" {
		t.Error(diff)
	}
}
