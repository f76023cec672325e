package service_test

import (
	"crypto/ed25519"
	"math"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/register"
	"kleroterion/service"
	"kleroterion/service/audit"
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

// town is a register as anybody has it.
type town map[string]register.Entry

func (w *world) town(t testing.TB, reg service.Register) town {
	t.Helper()
	var file strings.Builder
	_, err := w.RegisterFile(t.Context(), reg.Root, &file)
	must(t, err)
	people := town{}
	for line := range strings.Lines(file.String()) {
		e := entryOf(t, line)
		people[audit.Hash(e.ID).String()] = e
	}
	return people
}

// cost is what the quotas of the town are missed by, in thousandths (docs/spec/panels.md, Alternates).
func (p town) cost(ids []string) (cost int64) {
	for _, q := range panelQuotas() {
		var n int64
		for _, id := range ids {
			if p[id].Features[q.Feature] == q.Value {
				n++
			}
		}
		if n < q.Min {
			cost += (q.Min - n) * (1000 + 2000/q.Min)
		}
		cost += max(0, n-q.Max) * 1000
	}
	return cost
}

// best is the least cost with so many more people, none of whom was asked or shares a household.
func (p town) best(holding, asked []string, more int) int64 {
	if more == 0 {
		return p.cost(holding)
	}
	least := int64(math.MaxInt64)
	for id, e := range p {
		if slices.Contains(asked, id) || slices.ContainsFunc(holding, func(h string) bool { return h == id || p[h].Household == e.Household }) {
			continue
		}
		least = min(least, p.best(append(slices.Clone(holding), id), asked, more-1))
	}
	return least
}

func TestVacantSeatsOfAPanelGoToThoseWhoRestoreItsQuotas(t *testing.T) {
	c, reg := panelPolity(t)
	v, err := c.Jury(t.Context(), c.draw.ID)
	must(t, err)
	if !slices.Equal(holders(v), c.draw.Panel.Seats) || v.Balance == nil || *v.Balance != (service.Balance{}) {
		t.Fatalf("offered to %v with balance %+v, want the line, which meets all quotas", holders(v), v.Balance)
	}
	people, asked := c.town(t, reg), slices.Clone(c.draw.Panel.Seats)
	for _, gone := range [][]int64{{3}, {1, 2}, {5, 9, 12}} {
		var left []string
		for i, id := range holders(v) {
			if !slices.Contains(gone, int64(i+1)) {
				left = append(left, id)
			}
		}
		v, err = c.Undeliverable(t.Context(), c.registrar, c.draw.ID, gone)
		must(t, err)
		for _, n := range gone {
			if seat := v.Seats[n-1]; seat.State != seating.Invited || slices.Contains(asked, seat.Holder) {
				t.Errorf("seat %d is %s with %s, who was asked before", n, seat.State, seat.Holder)
			}
		}
		t.Logf("after %v left: cost %d, %d quotas broken", gone, v.Balance.Cost, v.Balance.Broken)
		if got := people.cost(holders(v)); v.Balance.Cost != got || (got == 0) != (v.Balance.Broken == 0) {
			t.Errorf("balance %+v, counted %d", *v.Balance, got)
		}
		if len(gone) <= 2 { // for one or two the rule is the best that there is
			if best := people.best(left, asked, len(gone)); v.Balance.Cost != best {
				t.Errorf("balance %+v, the best replacement costs %d", *v.Balance, best)
			}
		}
		asked = append(asked, holders(v)...)
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
	for rounds := 0; v.NextDue != 0 && rounds < 40; rounds++ { // until nobody of the town is left
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
