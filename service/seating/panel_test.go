package seating_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service/seating"
)

// chamber is a draw of method panels: persons 1 to 4 are the line, two of each district; 1 and 11 are of
// one household, and so are 12 and 13. Persons 11 to 14 are of the north, 21 to 23 of the south.
type chamber struct {
	result sortition.Result
	panel  seating.Panel
}

func newChamber(tb testing.TB) chamber {
	tb.Helper()
	homes := map[int]string{1: "canal 1", 11: "canal 1", 12: "mill 3", 13: "mill 3"}
	var everybody []quota.Person
	for _, n := range []int{1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23} {
		district := "north"
		if n == 3 || n == 4 || n > 20 {
			district = "south"
		}
		everybody = append(everybody, quota.Person{ID: person(n), Household: homes[n], Values: []string{district}})
	}
	problem, err := quota.New(4, []quota.Quota{
		{Feature: "district", Value: "north", Min: 2, Max: 2}, {Feature: "district", Value: "south", Min: 2, Max: 2},
	}, everybody)
	if err != nil {
		tb.Fatal(err)
	}
	pool, err := alternates.NewPool(problem, randomness.Seed{2})
	if err != nil {
		tb.Fatal(err)
	}
	drawn := int64(7)
	return chamber{
		result: sortition.Result{Commit: beacon.Hash{1}, Panel: &drawn, Seed: beacon.Hash{2}, V: 1},
		panel:  seating.Panel{Line: people(1, 5), Pool: pool},
	}
}

func (c chamber) jury(tb testing.TB) *seating.Jury {
	tb.Helper()
	j, err := seating.NewOfPanel(subject, c.result, digest(tb, c.result), terms(tb, c.result), false, c.panel)
	if err != nil {
		tb.Fatal(err)
	}
	return j
}

func TestTheLineOfAPanelIsInvitedAtOnce(t *testing.T) {
	j := newChamber(t).jury(t)
	want := []seating.Move{invite(0, 1, person(1)), invite(0, 2, person(2)), invite(0, 3, person(3)), invite(0, 4, person(4))}
	if diff := cmp.Diff(want, j.Due(opened)); diff != "" {
		t.Error(diff)
	}
	settle(t, j, opened)
	if diff := cmp.Diff(people(1, 5), j.Holding()); diff != "" {
		t.Error(diff)
	}
}
