package panels

import (
	"context"
	"fmt"
	"math/big"
	"testing"

	"kleroterion/randomness/sortition/quota"
)

// twoByFive is a pool in which two features leave little choice.
func twoByFive(t *testing.T) *quota.Problem {
	t.Helper()
	var quotas []quota.Quota
	for v := range 5 {
		quotas = append(quotas, quota.Quota{Feature: "age", Value: fmt.Sprint(v), Min: 2, Max: 2})
	}
	for v := range 3 {
		quotas = append(quotas, quota.Quota{Feature: "town", Value: fmt.Sprint(v), Min: 3, Max: 4})
	}
	var people []quota.Person
	for i := range 60 {
		people = append(people, quota.Person{ID: fmt.Sprintf("p%02d", i), Values: []string{fmt.Sprint(i % 5), fmt.Sprint(i * i % 7 % 3)}})
	}
	p, err := quota.New(10, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func expanded(r *Result, types int) []panel {
	var out []panel
	for _, entry := range r.Lottery {
		seats := make(panel, types)
		for _, s := range entry.Seats {
			seats[s.Type] = int32(s.Count)
		}
		for range entry.Copies {
			out = append(out, seats)
		}
	}
	return out
}

func TestRepairBringsEverybodyBackToTheirShare(t *testing.T) {
	p := twoByFive(t)
	r, err := Solve(t.Context(), p, Options{Panels: 200})
	if err != nil {
		t.Fatal(err)
	}
	aims := make([]*big.Rat, len(p.Types))
	for i, q := range r.Probabilities {
		aims[i] = q.Rat
	}
	panels := expanded(r, len(p.Types))
	for i := range 40 { // one panel forty times instead of forty
		panels[i] = panels[len(panels)-1]
	}
	m := &meter{ctx: t.Context(), left: 1 << 40}
	s := newSpace(p)
	if _, astray := m.repair(s, panels, aims, 0); astray == 0 {
		t.Fatal("nothing was broken")
	}
	out, astray := m.repair(s, panels, aims, repairWork)
	if astray != 0 {
		t.Fatalf("%d seats are outside the windows", astray)
	}
	r.Lottery = nil
	for _, seats := range out {
		r.Lottery = append(r.Lottery, newPanel(seats, 1))
	}
	if v, err := Verify(p, r); err != nil || !v.Optimal {
		t.Errorf("after the repair: %+v, %v", v, err)
	}
}

func TestRepairEndsWithItsWorkAndItsContext(t *testing.T) {
	p := twoByFive(t)
	s := newSpace(p)
	seats := make(panel, len(p.Types))
	half := make([]*big.Rat, len(p.Types))
	for i := range half {
		half[i] = big.NewRat(1, 2) // more than all seats together
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, m := range map[string]*meter{
		"its work": {ctx: t.Context(), left: 1 << 40},
		"all work": {ctx: t.Context(), left: 1},
		"stopped":  {ctx: stopped, left: 1 << 40},
	} {
		if _, astray := m.repair(s, []panel{seats, seats, seats, seats}, half, 200_000); astray == 0 {
			t.Errorf("%s: what cannot be repaired was", name)
		}
	}
}
