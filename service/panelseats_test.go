package service_test

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"kleroterion/service"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

// panelPolity has a community, and a drawn panel whose seats are offered.
func panelPolity(t *testing.T) (*polity, service.Register) {
	t.Helper()
	c := &polity{world: newWorld(t), steward: service.Actor{KeyID: "stew", Role: service.RoleSteward, Community: "commons"}, keys: map[string]ed25519.PrivateKey{}}
	reg := c.frozenTown("town")
	c.draw = c.drawnPanel(c.lottery(c.newLottery(reg)), "charter")
	_, err := c.AddCommunity(t.Context(), c.operator, service.NewCommunity{Slug: "commons", Name: "The Commons"})
	must(t, err)
	_, err = c.OpenSeats(t.Context(), c.registrar, service.NewJury{DrawID: c.draw.ID, Answer: 100, Starts: c.clock.Load(), Ends: c.clock.Load() + 1_000_000})
	must(t, err)
	return c, reg
}

// holders are who holds or is offered a seat.
func holders(v service.JuryView) (ids []string) {
	for _, seat := range v.Seats {
		if seat.Holder != "" {
			ids = append(ids, seat.Holder)
		}
	}
	return ids
}

func TestVacantSeatsOfAPanelGoToThoseWhoRestoreItsQuotas(t *testing.T) {
	c, reg := panelPolity(t)
	v, err := c.Jury(t.Context(), c.draw.ID)
	must(t, err)
	if !slices.Equal(holders(v), c.draw.Panel.Seats) || v.Balance == nil || *v.Balance != (service.Balance{}) {
		t.Fatalf("offered to %v with balance %+v, want the line, which meets all quotas", holders(v), v.Balance)
	}
	asked := slices.Clone(c.draw.Panel.Seats)
	for _, gone := range [][]int64{{3}, {1, 2}, {5, 9, 12}} {
		v, err = c.Undeliverable(t.Context(), c.registrar, c.draw.ID, gone)
		must(t, err)
		for _, n := range gone {
			if seat := v.Seats[n-1]; seat.State != seating.Invited || slices.Contains(asked, seat.Holder) {
				t.Errorf("seat %d is %s with %s, who was asked before", n, seat.State, seat.Holder)
			}
			asked = append(asked, v.Seats[n-1].Holder)
		}
		t.Logf("after %v left: cost %d, %d quotas broken", gone, v.Balance.Cost, v.Balance.Broken)
		if *v.Balance != (service.Balance{}) {
			t.Errorf("balance %+v: a pool of 90 restores every quota", *v.Balance)
		}
		c.wantQuotas(t, reg, holders(v), panelQuotas())
	}
	// A process that starts afresh finds the same from the rows and the log.
	fresh, err := service.New(c.Options)
	must(t, err)
	again, err := fresh.Jury(t.Context(), c.draw.ID)
	must(t, err)
	if !slices.Equal(holders(again), holders(v)) {
		t.Errorf("another process sees %v, want %v", holders(again), holders(v))
	}
	c.clock.Add(100) // nobody answers: everybody's offer ends, and others are asked
	c.work()
	v, err = c.Jury(t.Context(), c.draw.ID)
	must(t, err)
	if got := holders(v); len(got) != 12 || slices.ContainsFunc(got, func(id string) bool { return slices.Contains(asked, id) }) {
		t.Errorf("after all deadlines %v are asked", got)
	}
	for v.NextDue != 0 { // until nobody of the town is left
		c.clock.Store(v.NextDue)
		c.work()
		v, err = c.Jury(t.Context(), c.draw.ID)
		must(t, err)
	}
	want := service.Balance{Cost: 2*6*(1000+2000/6) + 6*3*(1000+2000/3), Broken: 8} // every minimum, in full
	if v.Statistics.Seats[seating.Empty] != 12 || *v.Balance != want {
		t.Errorf("at the end %v with balance %+v, want 12 empty seats and %+v", v.Statistics.Seats, *v.Balance, want)
	}
}

func TestAPanelVotesAsAJury(t *testing.T) {
	c, _ := panelPolity(t)
	_, err := c.Undeliverable(t.Context(), c.registrar, c.draw.ID, []int64{4, 7})
	must(t, err)
	letters, err := c.Letters(t.Context(), c.registrar, c.draw.ID, service.CodeAnswer, nil)
	must(t, err)
	if len(letters) != 12 {
		t.Fatalf("%d letters, want 12", len(letters))
	}
	for _, l := range letters[1:] {
		c.accept(l)
	}
	_, err = c.Answer(t.Context(), letters[0].Code, service.Answer{Act: seating.Decline})
	must(t, err)
	c.adoptFirst(nil)
	c.admit(0)
	p := c.openedPoll("bridge")
	c.vote(p, poll.MemberVoter("members", token(0)), no)
	for _, l := range letters[1:] {
		c.vote(p, poll.SeatVoter(l.Seat), yes)
	}
	if got := c.counted(p); got.Records != 12 {
		t.Errorf("%d ballots are counted, want 12", got.Records)
	}
	c.verified(p)
}
