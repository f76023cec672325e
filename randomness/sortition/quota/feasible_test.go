package quota

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// tinyPool draws a problem small enough to list all panels.
func tinyPool(t *rapid.T) (*Problem, []Person) {
	size, quotas, people := tinyInput(t)
	p, err := New(size, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	return p, people
}

func tinyInput(t *rapid.T) (int64, []Quota, []Person) {
	features := rapid.IntRange(0, 3).Draw(t, "features")
	var quotas []Quota
	count := make([]int, features)
	size := rapid.Int64Range(0, 5).Draw(t, "size")
	for f := range features {
		count[f] = rapid.IntRange(1, 3).Draw(t, "values")
		for v := range count[f] {
			least := rapid.Int64Range(0, 2).Draw(t, "min")
			quota := q(fmt.Sprint("f", f), fmt.Sprint(v), least, least+rapid.Int64Range(0, 3).Draw(t, "slack"))
			if rapid.Bool().Draw(t, "flexible") {
				quota = flexible(quota, max(0, quota.Min-1), quota.Max+rapid.Int64Range(0, 2).Draw(t, "more"))
			}
			quotas = append(quotas, quota)
		}
	}
	people := make([]Person, rapid.IntRange(0, 9).Draw(t, "people"))
	for i := range people {
		people[i].ID = fmt.Sprint(i)
		for f := range features {
			people[i].Values = append(people[i].Values, fmt.Sprint(rapid.IntRange(0, count[f]-1).Draw(t, "value")))
		}
		if home := rapid.IntRange(0, 4).Draw(t, "home"); home > 1 {
			people[i].Household = fmt.Sprint(home)
		}
	}
	return size, quotas, people
}

// brute lists by person who is on some panel; found says that there is a panel.
func brute(p *Problem, people []Person) (chosen []bool, found bool) {
	chosen = make([]bool, len(people))
	for set := range 1 << len(people) {
		counts, homes, seats, ok := map[string]int64{}, map[string]bool{}, int64(0), true
		for i, person := range people {
			if set>>i&1 == 0 {
				continue
			}
			seats++
			ok = ok && !homes[person.Household]
			if person.Household != "" {
				homes[person.Household] = true
			}
			for f, v := range person.Values {
				counts[p.Features[f].Name+"="+v]++
			}
		}
		for _, r := range p.Rows {
			n := counts[r.Feature+"="+r.Value]
			ok = ok && (r.Kind != OfQuota || r.Min <= n && n <= r.Max)
		}
		if !ok || seats != p.Size {
			continue
		}
		found = true
		for i := range people {
			chosen[i] = chosen[i] || set>>i&1 == 1
		}
	}
	return chosen, found
}

func TestFeasibilityIsThatOfAllPanelsOfTinyPools(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, people := tinyPool(t)
		chosen, found := brute(p, people)
		answer, err := Feasible(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if (answer.Panel != nil) != found || (answer.Conflict != nil) == found {
			t.Fatalf("answer %+v, a panel exists: %t", answer, found)
		}
		if found && !newSystem(p, nil).holds(answer.Panel) {
			t.Fatalf("panel %v breaks a quota", answer.Panel)
		}
		conflicts, err := Unseatable(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range conflicts {
			if err := c.Check(p); err != nil {
				t.Fatal(err)
			}
		}
		if found {
			checkNever(t, p, people, chosen, conflicts)
		} else if len(conflicts) != 1 || conflicts[0].Type != nobody {
			t.Fatalf("conflicts of quotas that cannot be met: %+v", conflicts)
		}
	})
}

// A panel with the people seated, of whom households may have several, and without those excluded.
func TestPeopleSeatedAreOnEveryPanelOfTinyPools(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size, quotas, people := tinyInput(t)
		for i := range people {
			people[i].Standing = rapid.SampledFrom([]Standing{Candidate, Candidate, Seated, Excluded}).Draw(t, "standing")
		}
		found := bruteSeated(size, quotas, people)
		p, err := New(size, quotas, people)
		if err != nil {
			if found {
				t.Fatalf("refused: %v", err)
			}
			return
		}
		answer, err := Feasible(t.Context(), p)
		if err != nil || (answer.Panel != nil) != found {
			t.Fatalf("answer %+v, %v; a panel exists: %t", answer, err, found)
		}
	})
}

func bruteSeated(size int64, quotas []Quota, people []Person) bool {
	all, err := New(size, quotas, people[:0])
	if err != nil {
		return false
	}
	for set := range 1 << len(people) {
		counts, homes, seats, ok := map[string]int64{}, map[string]bool{}, int64(0), true
		for i, person := range people {
			in := set>>i&1 == 1
			ok = ok && (person.Standing != Seated || in) && (person.Standing != Excluded || !in)
			if person.Standing == Seated && person.Household != "" {
				homes[person.Household] = true
			}
		}
		for i, person := range people {
			if set>>i&1 == 0 {
				continue
			}
			seats++
			if person.Standing == Candidate && person.Household != "" {
				ok = ok && !homes[person.Household]
				homes[person.Household] = true
			}
			for f, v := range person.Values {
				counts[all.Features[f].Name+"="+v]++
			}
		}
		for _, q := range quotas {
			n := counts[q.Feature+"="+q.Value]
			ok = ok && q.Min <= n && n <= q.Max
		}
		if ok && seats == size {
			return true
		}
	}
	return false
}

func checkNever(t *rapid.T, p *Problem, people []Person, chosen []bool, conflicts []*Conflict) {
	var never []string
	for _, c := range conflicts {
		never = append(never, p.Types[c.Type].Members...)
	}
	for i, person := range people {
		if chosen[i] == slices.Contains(never, person.ID) {
			t.Fatalf("%s is on a panel: %t, and among those who never are: %t", person.ID, chosen[i], !chosen[i])
		}
	}
}

func TestSearchesEndWhenTheyAreToldTo(t *testing.T) {
	p := instance(t, "syn_m_24", Columns{}).Problem
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"Feasible":   func() error { _, err := Feasible(ctx, p); return err },
		"Seatable":   func() error { _, err := Seatable(ctx, p, 0); return err },
		"Unseatable": func() error { _, err := Unseatable(ctx, p); return err },
		"Nearest":    func() error { _, err := Nearest(ctx, outOfReach(p)); return err },
	} {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// outOfReach is p with the minimums of one feature above the seats.
func outOfReach(p *Problem) *Problem {
	moved := *p
	moved.Rows = slices.Clone(p.Rows)
	moved.Rows[1].Min, moved.Rows[1].Max = p.Size, p.Size
	return &moved
}

func TestASearchAtItsLimitIsUndecided(t *testing.T) {
	p, _ := wholePeople(t)
	if _, _, err := decide(t.Context(), newSystem(p, nil), 1); !errors.Is(err, ErrUndecided) {
		t.Errorf("error %v", err)
	}
}

func TestSeatableRefusesTypesThatAreNot(t *testing.T) {
	p, _ := wholePeople(t)
	for _, typ := range []int{-1, len(p.Types)} {
		if _, err := Seatable(t.Context(), p, typ); err == nil {
			t.Errorf("type %d accepted", typ)
		}
	}
}

// The linear programme only proposes: one of other quotas costs time and changes no answer.
func TestALinearProgrammeThatLiesChangesNoAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, people := tinyPool(t)
		_, found := brute(p, people)
		other := newSystem(p, nil)
		for r := range other.rows {
			other.rows[r].min = rapid.Int64Range(0, 3).Draw(t, "min")
			other.rows[r].max = other.rows[r].min + rapid.Int64Range(0, 3).Draw(t, "more")
		}
		lies, err := other.programme()
		if err != nil {
			t.Fatal(err)
		}
		s := &search{ctx: t.Context(), sys: newSystem(p, nil), lp: lies, left: maxNodes}
		proof, err := s.visit()
		if err != nil || (proof == nil) != found || (s.point != nil) != found {
			t.Fatalf("proof %+v, point %v, %v; a panel exists: %t", proof, s.point, err, found)
		}
		if proof != nil {
			if err := proof.check(newSystem(p, nil)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
