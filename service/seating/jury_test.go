package seating_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/seating"
)

func TestEverybodyDrawnIsInvitedAtOnce(t *testing.T) {
	j := newJury(t, drawn())
	want := []seating.Move{invite(0, 1, person(1)), invite(0, 2, person(2)), invite(0, 3, person(3))}
	if diff := cmp.Diff(want, j.Due(opened)); diff != "" {
		t.Error(diff)
	}
	if got := j.Due(opened - 1); got != nil {
		t.Errorf("before the opening: %v", got)
	}
	if at, ok := j.NextDue(); !ok || at != opened {
		t.Errorf("next due %d, %t", at, ok)
	}
}

func TestSilencePassesTheSeatOnAndThenEmptiesIt(t *testing.T) {
	j := newJury(t, drawn())
	settle(t, j, opened)
	apply(t, j, accepted, seating.Move{Act: seating.Accept, At: opened + 11, ID: person(2), Seat: 2})
	if at, ok := j.NextDue(); !ok || at != opened+answer {
		t.Fatalf("next due %d, %t", at, ok)
	}
	settle(t, j, opened+answer)
	settle(t, j, opened+2*answer)
	got := j.Seats()[2]
	want := seating.Seat{N: 3, Stratum: "south", State: seating.Empty, Offers: 2, History: []seating.Offer{
		{ID: person(3), At: opened, Deadline: opened + answer, End: seating.Expire, EndedAt: opened + answer},
		{ID: person(21), At: opened + answer, Deadline: opened + 2*answer, End: seating.Expire, EndedAt: opened + 2*answer},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if at, ok := j.NextDue(); !ok || at != ends {
		t.Errorf("next due %d, %t", at, ok)
	}
}

func TestTheTermEndsForAll(t *testing.T) {
	j := newJury(t, drawn())
	settle(t, j, opened)
	apply(t, j, accepted)
	settle(t, j, ends-10)
	for _, s := range j.Seats() {
		if s.State == seating.Invited && s.Deadline != ends {
			t.Errorf("seat %d: deadline %d is past the term's end %d", s.N, s.Deadline, ends)
		}
	}
	settle(t, j, ends)
	states := []seating.State{}
	for _, s := range j.Seats() {
		states = append(states, s.State)
	}
	if diff := cmp.Diff([]seating.State{seating.Completed, seating.Vacant, seating.Vacant}, states); diff != "" {
		t.Error(diff)
	}
	if got := j.Panel(poll); len(got) != 0 {
		t.Errorf("panel after the term: %v", got)
	}
	if at, ok := j.NextDue(); ok {
		t.Errorf("next due %d", at)
	}
}

func TestPanelIsWhoServesAndIsNotRecused(t *testing.T) {
	j := newJury(t, drawn())
	settle(t, j, opened)
	two := seating.Move{Act: seating.Accept, At: opened + 10, ID: person(2), Key: keyOf(2), Seat: 2}
	apply(t, j, accepted, two, recused)
	if diff := cmp.Diff([]seating.Juror{{Seat: 2, ID: person(2), Key: keyOf(2)}}, j.Panel(poll)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{1}, j.Recused(poll)); diff != "" {
		t.Error(diff)
	}
	other := poll + "2"
	if diff := cmp.Diff([]seating.Juror{{Seat: 1, ID: person(1)}, {Seat: 2, ID: person(2), Key: keyOf(2)}}, j.Panel(other)); diff != "" {
		t.Error(diff)
	}
	changed := seating.Move{Act: seating.GiveKey, At: opened + 30, ID: person(2), Key: keyOf(3), Seat: 2}
	apply(t, j, changed)
	changed.Key.Public[0]++
	if got := j.Panel(poll)[0].Key; !got.Equal(*keyOf(3)) {
		t.Errorf("key is %v", got)
	}
}

func TestARecusalGoesWithThePerson(t *testing.T) {
	j := newJury(t, drawn())
	settle(t, j, opened)
	apply(t, j, accepted, recused, givenUp)
	settle(t, j, opened+30)
	apply(t, j, act(seating.Accept, 40, person(11)))
	if got := j.Panel(poll); len(got) != 1 || got[0].ID != person(11) {
		t.Errorf("panel %v", got)
	}
	if got := j.Recused(poll); len(got) != 0 {
		t.Errorf("recused %v", got)
	}
	apply(t, j, with(recused, func(m *seating.Move) { m.ID, m.At = person(11), opened+50 }))
}

func TestSeatsAreCopies(t *testing.T) {
	j := newJury(t, drawn())
	settle(t, j, opened)
	apply(t, j, with(accepted, func(m *seating.Move) { m.Key = keyOf(1) }), recused)
	want := j.Seats()
	got := j.Seats()
	got[0].Key.Public[0]++
	got[0].History[0].ID = "x"
	got[0].History[0].Recusals[0].Poll = "x"
	j.Panel("x")[0].Key.Public[0]++
	if diff := cmp.Diff(want, j.Seats()); diff != "" {
		t.Error(diff)
	}
}

func TestStatisticsCountEveryOfferOnce(t *testing.T) {
	j := newJury(t, drawn())
	settle(t, j, opened)
	deferred := seating.Move{Act: seating.Defer, At: opened + 12, Ground: seating.Studies, ID: person(2), Seat: 2}
	gone := seating.Move{Act: seating.Undeliverable, At: opened + 13, ID: person(3), Seat: 3}
	apply(t, j, accepted, deferred, gone)
	settle(t, j, opened+20)
	apply(t, j, recused, givenUp)
	settle(t, j, opened+20)
	settle(t, j, opened+20+answer)
	apply(t, j, seating.Move{Act: seating.Decline, At: opened + 30 + answer, ID: person(13), Seat: 1})
	want := seating.Statistics{
		Seats: map[seating.State]int64{seating.Vacant: 1, seating.Empty: 2},
		Outcomes: map[seating.Act]int64{
			seating.Withdraw: 1, seating.Defer: 1, seating.Undeliverable: 1, seating.Expire: 3, seating.Decline: 1,
		},
		Grounds: map[seating.Act]map[seating.Ground]int64{
			seating.Defer: {seating.Studies: 1}, seating.Withdraw: {seating.Moved: 1}, seating.Recuse: {seating.Interest: 1},
		},
		Strata: []seating.Response{
			{Stratum: "north", Seats: 2, Offers: 5, Accepted: 1, Deferred: 1, Declined: 1, Silent: 2},
			{Stratum: "south", Seats: 1, Offers: 2, Silent: 1, Undeliverable: 1},
		},
	}
	if diff := cmp.Diff(want, j.Statistics()); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersByOfficialsStayMarked(t *testing.T) {
	j := newJury(t, drawn())
	settle(t, j, opened)
	apply(t, j, with(accepted, func(m *seating.Move) { m.Assisted = true }))
	if got := j.Statistics().Outcomes[seating.Accept]; got != 1 {
		t.Errorf("%d accepted and serving, want 1", got)
	}
	apply(t, j, givenUp)
	want := seating.Offer{
		ID: person(1), At: opened, Deadline: opened + answer, Accepted: opened + 10, Assisted: true,
		End: seating.Withdraw, EndedAt: opened + 20, Ground: seating.Moved,
	}
	if diff := cmp.Diff(want, j.Seats()[0].History[0]); diff != "" {
		t.Error(diff)
	}
}

func TestReplayStopsAtTheFirstRefusal(t *testing.T) {
	j := newJury(t, drawn())
	moves := append(j.Due(opened), accepted, accepted, declined)
	n, err := seating.Replay(j, moves)
	if n != 4 || rule(err) != "state" {
		t.Errorf("applied %d, %v", n, err)
	}
	if s := j.Seats()[0]; s.State != seating.Serving || j.Last() != accepted.At {
		t.Errorf("seat 1 is %s, the newest record at %d", s.State, j.Last())
	}
	if j.Subject() != subject || j.Draw() != "city/town/draw/canal" {
		t.Errorf("subject %s, draw %s", j.Subject(), j.Draw())
	}
}

func TestWhatIsNotOfItsFormIsNotWritten(t *testing.T) {
	if b, err := (seating.Move{Act: seating.Accept, At: 5, Seat: 1}).Canonical(); rule(err) != "move_form" || b != nil {
		t.Errorf("got %s, %v", b, err)
	}
	if b, err := (seating.Open{}).Canonical(); rule(err) != "open_form" || b != nil {
		t.Errorf("got %s, %v", b, err)
	}
}
