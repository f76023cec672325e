package seating_test

import (
	"slices"
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

func decline(after, seat int64, id string) seating.Move {
	return seating.Move{Act: seating.Decline, At: opened + after, ID: id, Seat: seat}
}

// Person 2 of the north leaves: 11 lives with 1, so one of 12, 13 and 14 is asked; whoever it is, nobody of the south.
func TestAPlaceGoesToWhoRestoresTheQuotas(t *testing.T) {
	j := newChamber(t).jury(t)
	settle(t, j, opened)
	apply(t, j, accepted, decline(20, 2, person(2)))
	due := j.Due(opened + 20)
	if len(due) != 1 || due[0].Seat != 2 || !slices.Contains(people(12, 15), due[0].ID) {
		t.Fatalf("due %+v", due)
	}
	settle(t, j, opened+20)
	if diff := cmp.Diff([]string{person(1), due[0].ID, person(3), person(4)}, j.Holding()); diff != "" {
		t.Error(diff)
	}
}

// With 1 gone, 11 of the same household may be asked again, and 12 and 13 never both.
func TestEverybodyIsAskedOnceAndNoHouseholdTwiceAtATime(t *testing.T) {
	j := newChamber(t).jury(t)
	settle(t, j, opened)
	asked := map[string]bool{}
	for round := range int64(6) {
		for _, s := range j.Seats() {
			if s.State == seating.Invited {
				asked[s.Holder] = true
				apply(t, j, decline(10*round, s.N, s.Holder))
			}
		}
		settle(t, j, opened+10*round)
		held := j.Holding()
		if slices.Contains(held, person(12)) && slices.Contains(held, person(13)) {
			t.Errorf("12 and 13 of one household hold seats: %v", held)
		}
		for _, id := range held {
			if asked[id] {
				t.Errorf("%s is asked again", id)
			}
		}
	}
	if len(asked) != 11 {
		t.Errorf("%d people were asked of 11", len(asked))
	}
	for _, s := range j.Seats() {
		if s.State != seating.Empty {
			t.Errorf("seat %d is %s with nobody left", s.N, s.State)
		}
	}
}

func TestSilenceOfAllIsFilledTogether(t *testing.T) {
	j := newChamber(t).jury(t)
	settle(t, j, opened)
	due := j.Due(opened + answer)
	if len(due) != 8 {
		t.Fatalf("due %+v", due)
	}
	for i, m := range due {
		want := seating.Expire
		if i >= 4 {
			want = seating.Invite
		}
		if m.Act != want || m.Seat != int64(i%4+1) {
			t.Errorf("move %d is %+v", i, m)
		}
	}
	early := due[4]
	apply(t, j, due[0])
	if err := j.Apply(early); rule(err) != "out_of_order" {
		t.Errorf("seat 1 filled while three offers are past their deadline: %v", err)
	}
	apply(t, j, due[1:]...)
}

func TestWhatIsDueIsAskedWithoutATrace(t *testing.T) {
	a, b := newChamber(t).jury(t), newChamber(t).jury(t)
	settle(t, a, opened)
	settle(t, b, opened)
	moves := []seating.Move{decline(20, 2, person(2)), decline(30, 3, person(3))}
	for _, m := range moves {
		apply(t, a, m)
		apply(t, b, m)
		a.Due(opened + 40)
		a.Due(opened + answer)
	}
	if diff := cmp.Diff(b.Due(opened+50), a.Due(opened+50)); diff != "" {
		t.Error(diff)
	}
}

func TestStatisticsOfAPanelHaveOneStratum(t *testing.T) {
	j := newChamber(t).jury(t)
	apply(t, j, j.Due(opened)[:3]...)
	apply(t, j, accepted, decline(20, 2, person(2)))
	want := []seating.Response{{Seats: 4, Offers: 3, Accepted: 1, Declined: 1, Open: 1, Left: 8}}
	if diff := cmp.Diff(want, j.Statistics().Strata); diff != "" {
		t.Error(diff)
	}
	settle(t, j, opened+30)
	if got := j.Statistics().Strata[0].Left; got != 6 {
		t.Errorf("%d of the pool are left, want 6: 11 candidates, 5 asked", got)
	}
}

func TestPanelsThatAreNotOfTheDrawAreRefused(t *testing.T) {
	for name, change := range map[string]func(*chamber, *seating.Open){
		"a result with strata":    func(c *chamber, o *seating.Open) { c.result = drawn(); o.Result = digest(t, c.result) },
		"another result":          func(_ *chamber, o *seating.Open) { o.Result[0]++ },
		"another commit":          func(_ *chamber, o *seating.Open) { o.Commit[0]++ },
		"nobody":                  func(c *chamber, _ *seating.Open) { c.panel.Line = nil },
		"no pool":                 func(c *chamber, _ *seating.Open) { c.panel.Pool = nil },
		"out of order":            func(c *chamber, _ *seating.Open) { c.panel.Line = []string{person(2), person(1)} },
		"a person twice":          func(c *chamber, _ *seating.Open) { c.panel.Line = []string{person(1), person(1)} },
		"a stranger":              func(c *chamber, _ *seating.Open) { c.panel.Line = people(4, 6) },
		"more people than seats":  func(c *chamber, _ *seating.Open) { c.panel.Line = append(people(1, 5), person(12)) },
		"an id of another form":   func(c *chamber, _ *seating.Open) { c.panel.Line = []string{"anna"} },
		"somebody of no register": func(c *chamber, _ *seating.Open) { c.panel.Line = []string{person(99)} },
	} {
		t.Run(name, func(t *testing.T) {
			c := newChamber(t)
			o := terms(t, c.result)
			sha := digest(t, c.result)
			change(&c, &o)
			if c.result.Panel == nil {
				sha = digest(t, c.result)
			}
			j, err := seating.NewOfPanel(subject, c.result, sha, o, false, c.panel)
			if rule(err) != "result" || j != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestThePanelIsTheCallersToChange(t *testing.T) {
	c := newChamber(t)
	j := c.jury(t)
	c.panel.Line[0] = person(99)
	settle(t, j, opened)
	held := j.Holding()
	held[1] = "x"
	if diff := cmp.Diff(people(1, 5), j.Holding()); diff != "" {
		t.Error(diff)
	}
}
