package quota

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestConflictsInPlainWords(t *testing.T) {
	age := func(old, young [2]int64) []Quota {
		return []Quota{q("age", "old", old[0], old[1]), q("age", "young", young[0], young[1])}
	}
	free := [2]int64{0, 9}
	for name, c := range map[string]struct {
		size   int64
		quotas []Quota
		groups [][]string
		want   string
	}{
		"a small pool": {5, gender(free, free), [][]string{{"2", "f"}, {"1", "m"}},
			"no panel of 5 is possible: the pool has 3 people for 5 seats"},
		"few households": {3, gender(free, free), [][]string{{"-5", "f"}, {"1", "m"}},
			"no panel of 3 is possible: the pool has 2 people for 3 seats, with one person per household"},
		"a minimum above the seats": {5, gender([2]int64{6, 9}, free), [][]string{{"9", "f"}},
			`no panel of 5 is possible: at least 6 seats for gender "f", more than the seats`},
		"a minimum above the pool": {5, gender([2]int64{3, 9}, free), [][]string{{"1", "f"}, {"9", "m"}},
			`no panel of 5 is possible: at least 3 seats for gender "f", the pool has 1 person`},
		"a maximum, and few others": {5, gender([2]int64{0, 2}, free), [][]string{{"9", "f"}, {"2", "m"}},
			`no panel of 5 is possible: at most 2 seats for gender "f"; they leave 3 seats to people without gender "f", of whom the pool has 2`},
		"minimums of a feature": {5, gender([2]int64{3, 9}, [2]int64{3, 9}), [][]string{{"9", "f"}, {"9", "m"}},
			"no panel of 5 is possible: the minimums of gender add up to 6, more than the seats"},
		"maximums of a feature": {5, gender([2]int64{0, 2}, [2]int64{0, 1}), [][]string{{"9", "f"}, {"9", "m"}},
			"no panel of 5 is possible: the maximums of gender add up to 3, less than the seats"},
		"a minimum against a maximum": {5, append(gender([2]int64{4, 9}, free), age(free, [2]int64{0, 1})...), [][]string{{"2", "f", "old"}, {"9", "f", "young"}, {"9", "m", "old"}},
			`no panel of 5 is possible: these quotas contradict each other for this pool: at least 4 seats for gender "f"; at most 1 seat for age "young"; they leave 3 seats to people with gender "f" and without age "young", of whom the pool has 2`},
		"two minimums": {5, append(gender([2]int64{4, 9}, free), age([2]int64{4, 9}, free)...), [][]string{{"2", "f", "old"}, {"9", "f", "young"}, {"9", "m", "old"}},
			`no panel of 5 is possible: these quotas contradict each other for this pool: at least 4 seats for gender "f"; at least 4 seats for age "old"; they leave 3 seats to people with all of gender "f", age "old", of whom the pool has 2`},
		"whole people": {3, []Quota{q("a", "1", 1, 1), q("a", "2", 0, 3), q("b", "1", 1, 1), q("b", "2", 0, 3), q("c", "1", 1, 1), q("c", "2", 0, 3)},
			[][]string{{"1", "1", "1", "2"}, {"1", "1", "2", "1"}, {"1", "2", "1", "1"}, {"3", "2", "2", "2"}},
			`no panel of 3 is possible: these quotas contradict each other for this pool: exactly 1 seat for a "1"; exactly 1 seat for b "1"; exactly 1 seat for c "1"; with fractions of people it could be done, with whole people it cannot`},
	} {
		t.Run(name, func(t *testing.T) {
			p := problem(t, c.size, c.quotas, c.groups...)
			answer, err := Feasible(t.Context(), p)
			if err != nil || answer.Conflict == nil {
				t.Fatalf("%+v, %v", answer, err)
			}
			if got := answer.Conflict.Reason; got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestNobodyIsToldWhyInPlainWords(t *testing.T) {
	p := problem(t, 3, []Quota{q("age", "old", 0, 3), q("age", "young", 0, 0), q("g", "f", 2, 3), q("g", "m", 1, 3), q("g", "x", 0, 3)},
		[]string{"4", "old", "f"}, []string{"4", "young", "m"}, []string{"4", "old", "m"}, []string{"2", "old", "x"})
	conflicts, err := Unseatable(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range conflicts {
		got = append(got, c.Reason)
	}
	want := []string{
		`nobody with age "old", g "x" can be chosen (2 people): these quotas leave no seat: at least 2 seats for g "f"; at least 1 seat for g "m"`,
		`nobody with age "young", g "m" can be chosen (4 people): no seats for age "young"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Leaving any one bound out must make the rest possible, and a proof must not hold for others.
func TestConflictsOfTinyPoolsNameNoBoundTooMany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := tinyPool(t)
		answer, err := Feasible(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		c := answer.Conflict
		if c == nil {
			return
		}
		for i := range c.Bounds {
			force := bounds{}
			for j, b := range c.Bounds {
				if i != j {
					force[b] = true
				}
			}
			point, _, err := decide(t.Context(), newSystem(p, force), maxNodes)
			if err != nil || point == nil {
				t.Fatalf("%s: bound %d can be left out (%v)", c.Reason, i, err)
			}
		}
	})
}

// wholePeople is a problem without a panel that has one in fractions of people, and its conflict.
func wholePeople(t *testing.T) (*Problem, *Conflict) {
	t.Helper()
	p := problem(t, 3, []Quota{q("a", "1", 1, 1), q("a", "2", 0, 3), q("b", "1", 1, 1), q("b", "2", 0, 3), q("c", "1", 1, 1), q("c", "2", 0, 3)},
		[]string{"1", "1", "1", "2"}, []string{"1", "1", "2", "1"}, []string{"1", "2", "1", "1"}, []string{"3", "2", "2", "2"})
	answer, err := Feasible(t.Context(), p)
	if err != nil || answer.Conflict == nil || answer.Conflict.Proof[0].Split == nil {
		t.Fatalf("%+v, %v", answer, err)
	}
	return p, answer.Conflict
}

func TestCheckRefusesProofsThatProveNothing(t *testing.T) {
	for name, change := range map[string]func(*Conflict){
		"no proof":                nil,
		"no cases":                func(c *Conflict) { c.Proof = Proof{} },
		"a case left out":         func(c *Conflict) { c.Proof = c.Proof[:len(c.Proof)-1] },
		"a case left over":        func(c *Conflict) { c.Proof = append(c.Proof, c.Proof[len(c.Proof)-1]) },
		"no split":                func(c *Conflict) { c.Proof = c.Proof[1:] },
		"parts exchanged":         func(c *Conflict) { slices.Reverse(c.Proof[len(c.Proof)-2:]) },
		"multipliers of a split":  func(c *Conflict) { c.Proof[0].Multipliers = leaf(c) },
		"rows that descend":       func(c *Conflict) { slices.Reverse(leaf(c)) },
		"a multiplier of no row":  func(c *Conflict) { leaf(c)[len(leaf(c))-1].Row = 7 },
		"a multiplier below":      func(c *Conflict) { leaf(c)[0].Row = -1 },
		"another type":            func(c *Conflict) { c.Proof[0].Split.Type = 3 },
		"a type that is not":      func(c *Conflict) { c.Proof[0].Split.Type = 4 },
		"a type below nought":     func(c *Conflict) { c.Proof[0].Split.Type = -1 },
		"a split above":           func(c *Conflict) { c.Proof[0].Split.AtMost = 1 },
		"a split below":           func(c *Conflict) { c.Proof[0].Split.AtMost = -1 },
		"a bound left out":        func(c *Conflict) { c.Bounds = c.Bounds[1:] },
		"a row that is not":       func(c *Conflict) { c.Bounds[0].Row = 7 },
		"a row below nought":      func(c *Conflict) { c.Bounds[0].Row = -1 },
		"the total for a quota":   func(c *Conflict) { c.Bounds[0].Row = 0 },
		"a side that is not":      func(c *Conflict) { c.Bounds[0].Side = 2 },
		"a type that has no seat": func(c *Conflict) { c.Type = 4 },
		"no multipliers":          func(c *Conflict) { c.Proof[len(c.Proof)-1].Multipliers = nil },
		"multipliers cut short":   func(c *Conflict) { c.Proof[len(c.Proof)-1].Multipliers = leaf(c)[1:] },
		"multipliers turned": func(c *Conflict) {
			for i := range leaf(c) {
				leaf(c)[i].Times = -leaf(c)[i].Times
			}
		},
		"multipliers out of range": func(c *Conflict) {
			for i := range leaf(c) {
				leaf(c)[i].Times = math.MinInt64
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, c := wholePeople(t)
			c.Bounds = slices.Clone(c.Bounds)
			if err := c.Check(p); err != nil {
				t.Fatal(err)
			}
			if change == nil {
				c.Proof = nil
			} else {
				change(c)
			}
			if err := c.Check(p); err == nil {
				t.Errorf("accepted: %+v", c)
			}
		})
	}
}

// leaf is the multipliers of the last case.
func leaf(c *Conflict) []Multiplier { return c.Proof[len(c.Proof)-1].Multipliers }

// A proof may hold for quotas that it was not made for; then they have no panel either.
func TestNoProofHoldsAgainstAPanel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, people := tinyPool(t)
		answer, err := Feasible(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Conflict == nil {
			return
		}
		other := *p
		other.Rows = slices.Clone(p.Rows)
		for r := range other.Rows {
			if other.Rows[r].Kind != OfQuota {
				continue // those are what brute knows of the people
			}
			other.Rows[r].Min += rapid.Int64Range(-1, 1).Draw(t, "min")
			other.Rows[r].Max += rapid.Int64Range(-1, 1).Draw(t, "max")
		}
		for _, c := range answer.Conflict.Proof {
			for i := range c.Multipliers {
				c.Multipliers[i].Times += rapid.Int64Range(-1, 1).Draw(t, "more")
			}
		}
		if _, found := brute(&other, people); found && answer.Conflict.Check(&other) == nil {
			t.Fatalf("%+v holds against a panel", answer.Conflict)
		}
	})
}

func TestConflictsHoldForNumbersWithoutEnd(t *testing.T) {
	const end = MaxCount
	for name, c := range map[string]struct {
		size   int64
		quotas []Quota
	}{
		"seats":                {end, gender([2]int64{0, end}, [2]int64{0, end})},
		"a minimum":            {2, gender([2]int64{end, end}, [2]int64{0, end})},
		"minimums":             {end, gender([2]int64{end, end}, [2]int64{end, end})},
		"seats and no maximum": {end, gender([2]int64{0, 0}, [2]int64{0, 0})},
	} {
		t.Run(name, func(t *testing.T) {
			for _, groups := range [][][]string{nil, {{"2", "f"}}, {{"2", "f"}, {"3", "m"}, {"-2", "m"}}} {
				p := problem(t, c.size, c.quotas, groups...)
				answer, err := Feasible(t.Context(), p)
				if err != nil || answer.Conflict == nil {
					t.Fatalf("%+v, %v", answer, err)
				}
				if err := answer.Conflict.Check(p); err != nil {
					t.Error(err)
				}
				nearest, err := Nearest(t.Context(), p)
				if err != nil || nearest.Conflict == nil && !nearest.Proved {
					t.Errorf("%+v, %v", nearest, err)
				}
			}
		})
	}
}
