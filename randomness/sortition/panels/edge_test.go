package panels_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// town is n people with a gender and one of ages each, all different when ages is n.
func town(n, ages int) []quota.Person {
	var people []quota.Person
	for i := range n {
		people = append(people, quota.Person{ID: fmt.Sprintf("p%03d", i), Values: []string{[]string{"f", "m"}[i%2], fmt.Sprint(i % ages)}})
	}
	return people
}

func townQuotas(least, most int64, ages int) []quota.Quota {
	q := []quota.Quota{{Feature: "gender", Value: "f", Min: least, Max: most}, {Feature: "gender", Value: "m", Min: least, Max: most}}
	for a := range ages {
		q = append(q, quota.Quota{Feature: "age", Value: fmt.Sprint(a), Max: most})
	}
	return q
}

func TestSolveAtTheEdges(t *testing.T) {
	gender := func(f, m int64) []quota.Quota {
		return []quota.Quota{{Feature: "gender", Value: "f", Min: f, Max: f}, {Feature: "gender", Value: "m", Min: m, Max: m}}
	}
	only := func(people []quota.Person) []quota.Person {
		for i := range people {
			people[i].Values = people[i].Values[:1]
		}
		return people
	}
	for name, c := range map[string]struct {
		size   int64
		quotas []quota.Quota
		people []quota.Person
		want   []string // probabilities by type
	}{
		"one type": {3, []quota.Quota{{Feature: "gender", Value: "f", Max: 3}}, []quota.Person{
			{ID: "a", Values: []string{"f"}}, {ID: "b", Values: []string{"f"}}, {ID: "c", Values: []string{"f"}}, {ID: "d", Values: []string{"f"}},
		}, []string{"3/4"}},
		"exact quotas":            {4, gender(1, 3), only(town(12, 1)), []string{"1/6", "1/2"}},
		"everybody sits":          {12, gender(6, 6), only(town(12, 1)), []string{"1/1", "1/1"}},
		"no seats":                {0, gender(0, 0), only(town(4, 1)), []string{"0/1", "0/1"}},
		"nobody and no seats":     {0, gender(0, 0), nil, []string{}},
		"a quota of nobody":       {2, gender(2, 0), only(town(8, 1)), []string{"1/2", "0/1"}},
		"a value without people":  {2, append(gender(1, 1), quota.Quota{Feature: "gender", Value: "x", Max: 2}), only(town(8, 1)), []string{"1/4", "1/4"}},
		"two pairs, one of each":  {2, []quota.Quota{{Feature: "gender", Value: "f", Max: 2}, {Feature: "gender", Value: "m", Max: 2}}, only(town(20, 1)), []string{"1/10", "1/10"}},
		"two thousand, three few": {200, []quota.Quota{{Feature: "gender", Value: "f", Min: 99, Max: 200}, {Feature: "gender", Value: "m", Min: 99, Max: 200}}, only(town(2000, 1)), []string{"1/10", "1/10"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := quota.New(c.size, c.quotas, c.people)
			if err != nil {
				t.Fatal(err)
			}
			r, v := solve(t, p, panels.Options{Panels: 40})
			got := []string{}
			for _, q := range r.Probabilities {
				got = append(got, q.Rat.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" || !v.Optimal {
				t.Errorf("optimal: %t\n%s", v.Optimal, diff)
			}
		})
	}
}

func TestEverybodyDifferent(t *testing.T) {
	p, err := quota.New(6, townQuotas(3, 3, 30), town(30, 30))
	if err != nil {
		t.Fatal(err)
	}
	r, v := solve(t, p, panels.Options{})
	if len(p.Types) != 30 || !v.Optimal || v.Lowest != 200 || v.Highest != 200 {
		t.Errorf("%d types, verdict %+v, %d panels", len(p.Types), v, r.Panels)
	}
}

func TestQuotasThatCannotBeMet(t *testing.T) {
	for name, quotas := range map[string][]quota.Quota{
		"not even in fractions": append(townQuotas(0, 1, 1), quota.Quota{Feature: "age", Value: "1", Max: 4}),
		"in fractions only":     nil,
	} {
		t.Run(name, func(t *testing.T) {
			people, size := town(8, 2), int64(4)
			if quotas == nil { // three people of whom any two clash, two of them wanted
				in := gapPool(2, 0)
				people, quotas, size = in.people, in.quotas, in.size
				for i := range quotas {
					quotas[i].Max = 1
				}
			}
			p, err := quota.New(size, quotas, people)
			if err != nil {
				t.Fatal(err)
			}
			if r, err := panels.Solve(t.Context(), p, panels.Options{}); !errors.Is(err, panels.ErrInfeasible) || r != nil {
				t.Errorf("got %v, %v", r, err)
			}
		})
	}
}

func TestSolveRefusesOptionsThatMakeNoSense(t *testing.T) {
	p := twoOfThree(t)
	for name, o := range map[string]panels.Options{
		"unknown method":  {Method: "fairest"},
		"negative panels": {Panels: -1},
		"too many panels": {Panels: 1_000_001},
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := panels.Solve(t.Context(), p, o); err == nil {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestSolveStopsWhenCancelled(t *testing.T) {
	p := load(t, "testdata/syn_a_20", quota.Columns{})
	ctx, cancel := context.WithCancel(t.Context())
	told := 0
	_, err := panels.Solve(ctx, p, panels.Options{Progress: func(panels.Progress) {
		if told++; told == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || told > 4 {
		t.Errorf("error %v after %d reports", err, told)
	}
}

// A budget that is spent early ends with a lottery that is still right, and with its gap, or with
// ErrBudget, and always at the same place.
func TestSolveWithLittleWorkSaysWhatItCouldNotProve(t *testing.T) {
	p := load(t, "testdata/syn_a_20", quota.Columns{})
	gaps, none := 0, 0
	for _, work := range []int64{1, 1_000_000, 3_000_000, 6_000_000} {
		r, err := panels.Solve(t.Context(), p, panels.Options{Work: work})
		if errors.Is(err, panels.ErrBudget) {
			none++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		v, err := panels.Verify(p, r)
		if err != nil {
			t.Fatal(err)
		}
		if !v.Optimal {
			gaps++
		}
		again, err := panels.Solve(t.Context(), p, panels.Options{Work: work})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(marshal(t, r), marshal(t, again)); diff != "" {
			t.Fatal(diff)
		}
	}
	if none == 0 || gaps == 0 {
		t.Errorf("%d budgets gave nothing, %d a gap: want some of both", none, gaps)
	}
}

func marshal(t *testing.T, r *panels.Result) string {
	t.Helper()
	b, err := panels.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkSeats seats the lottery and checks what people see: the right number on every panel, nobody
// twice, one person a household, and everybody within one panel of their probability.
func checkSeats(t *testing.T, p *quota.Problem, r *panels.Result, household map[string]string) {
	t.Helper()
	lists, err := panels.Seat(p, r.Lottery)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(lists)) != r.Panels {
		t.Fatalf("%d panels, want %d", len(lists), r.Panels)
	}
	times := map[string]int64{}
	for i, ids := range lists {
		if int64(len(ids)) != p.Size || !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Fatalf("panel %d: %v for %d seats", i, ids, p.Size)
		}
		homes := map[string]bool{}
		for _, id := range ids {
			times[id]++
			if h := household[id]; h != "" {
				if homes[h] {
					t.Fatalf("panel %d has two people of household %s", i, h)
				}
				homes[h] = true
			}
		}
	}
	for ty, q := range r.Probabilities {
		exact := float(q.Rat) * float64(r.Panels)
		for _, id := range p.Types[ty].Members {
			if d := float64(times[id]) - exact; d > 1+1e-9 || d < -1-1e-9 {
				t.Errorf("%s is on %d panels, should be on %.3f", id, times[id], exact)
			}
		}
	}
}

func TestHouseholdsSendOnePersonAtMost(t *testing.T) {
	big := town(16, 4)
	home := map[string]string{}
	for i := range big { // a household of eight, a couple, two more couples that look alike
		switch {
		case i < 8:
			big[i].Household = "eight"
		case i < 10:
			big[i].Household = "couple"
		case i < 14:
			big[i].Household = fmt.Sprint("pair", i%2)
		}
		home[big[i].ID] = big[i].Household
	}
	p, err := quota.New(4, townQuotas(1, 3, 4), big)
	if err != nil {
		t.Fatal(err)
	}
	r, v := solve(t, p, panels.Options{Panels: 60})
	if !v.Optimal {
		t.Errorf("verdict %+v", v)
	}
	checkSeats(t, p, r, home)
}

func TestHouseholdLevelsAgreeWithTheReference(t *testing.T) {
	p := load(t, "testdata/syn_m_24", quota.Columns{Address: []string{"address"}})
	r, v := solve(t, p, panels.Options{})
	if !v.Optimal {
		t.Errorf("verdict %+v", v)
	}
	sameLevels(t, levels(r), readExpected(t)["syn_m_24"].Households)
	home := map[string]string{}
	for i, c := range p.Classes {
		for k, h := range c.Households {
			for _, ids := range h.Members {
				for _, id := range ids {
					home[id] = fmt.Sprint(i, "/", k)
				}
			}
		}
	}
	checkSeats(t, p, r, home)
}

func TestSeatsOfAWholeInstance(t *testing.T) {
	p := load(t, "testdata/syn_b_40", quota.Columns{})
	r, _ := solve(t, p, panels.Options{Panels: 100})
	checkSeats(t, p, r, nil)
}
