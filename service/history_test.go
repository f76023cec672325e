package service_test

import (
	"testing"

	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/ratio"
)

func ratcheted(t *testing.T, members int) *polity {
	return newPolityUnder(t, members, func(c *polity, ch *charter.Charter) {
		ch.Chambers = append([]charter.Chamber{{ID: charter.ChamberFounders, Share: ratio.New(1, 2)}}, ch.Chambers...)
		ch.Chambers[1].Share = ratio.New(3, 10)
		ch.Founders = &charter.Founders{Members: []string{token(0)}}
		ch.Ratchet = &charter.Ratchet{Age: 0, Epoch: 100, Start: c.clock.Load(), Tiers: []charter.Tier{
			{Share: ratio.New(1, 2)}, {Share: ratio.New(1, 10), Members: 3, Hold: 1, After: 1_000_000}}}
	})
}

func (c *polity) tier() int {
	c.t.Helper()
	v, err := c.Community(c.t.Context(), "commons")
	must(c.t, err)
	return v.Tier
}

func TestTierFollowsTheLogThatIsThere(t *testing.T) {
	few, many := ratcheted(t, 2), ratcheted(t, 5)
	few.clock.Add(150)
	many.clock.Add(150)
	if few.tier() != 0 || many.tier() != 1 {
		t.Fatalf("tiers %d and %d, want 0 with one member beside the founder and 1 with four", few.tier(), many.tier())
	}
	few.Store = many.Store // as after records that were read and never committed
	if got := few.tier(); got != 1 {
		t.Errorf("tier %d of another log, want what its own records give, 1", got)
	}
	many.clock.Add(100)
	for i := range 3 {
		few.admit(10 + i)
	}
	few.clock.Add(200)
	if got := few.tier(); got != 1 {
		t.Errorf("tier %d after more records, want 1", got)
	}
}

func TestPollsAreTheirOwnStewardsAlone(t *testing.T) {
	c := newPolity(t, 1)
	p := c.openedPoll("own")
	other := service.Actor{KeyID: "other", Role: service.RoleSteward, Community: "elsewhere"}
	for _, refused := range []struct {
		who  service.Actor
		kind service.Kind
		code string
	}{
		{service.Actor{}, service.KindUnauthorized, "key_required"},
		{other, service.KindNotFound, "not_found"},
		{c.registrar, service.KindNotFound, "not_found"},
		{c.auditor, service.KindNotFound, "not_found"},
		{c.operator, service.KindForbidden, "role"},
	} {
		_, err := c.VoidPoll(t.Context(), refused.who, p.ID, "why not")
		wantRefusal(t, err, refused.kind, refused.code)
		_, err = c.OpenPoll(t.Context(), refused.who, c.question("theirs"))
		wantRefusal(t, err, refused.kind, refused.code)
		_, err = c.AdoptCharter(t.Context(), refused.who, "commons", []byte("{}"))
		wantRefusal(t, err, refused.kind, refused.code)
	}
	for _, who := range []service.Actor{c.steward, c.auditor, c.operator, c.stranger, {}} {
		if _, err := c.Letters(t.Context(), who, c.draw.ID, service.CodeAnswer, nil); err == nil {
			t.Errorf("%s of %q%q printed letters", who.Role, who.City, who.Community)
		}
		if _, err := c.Undeliverable(t.Context(), who, c.draw.ID, []int64{1}); err == nil || service.KindOf(err) == service.KindConflict {
			t.Errorf("%s: %v", who.Role, err)
		}
		if _, err := c.ProposeSeat(t.Context(), who, service.SeatMove{DrawID: c.draw.ID, Seat: 1, Act: "withdraw", Ground: "other"}); err == nil {
			t.Errorf("%s proposed for a juror", who.Role)
		}
	}
	if _, err := c.StewardKeys(t.Context(), other, "commons"); service.KindOf(err) != service.KindNotFound {
		t.Errorf("another steward lists keys: %v", err)
	}
	_, _, err := c.AddKey(t.Context(), other, service.NewKey{Community: "commons", Role: service.RoleSteward, Label: "x"})
	wantRefusal(t, err, service.KindNotFound, "not_found")
	own, _, err := c.AddKey(t.Context(), c.steward, service.NewKey{Community: "commons", Role: service.RoleSteward, Label: "x"})
	must(t, err)
	if err := c.RevokeKey(t.Context(), other, own.ID); service.KindOf(err) != service.KindNotFound {
		t.Errorf("another steward revokes: %v", err)
	}
	_, err = c.VoidPoll(t.Context(), c.steward, p.ID, "a mistake in the question")
	must(t, err)
}

func TestProposalIsItsCitysAlone(t *testing.T) {
	c := newPolity(t, 1)
	in := service.SeatMove{DrawID: c.draw.ID, Seat: 1, Act: "withdraw", Ground: "moved"}
	p, err := c.ProposeSeat(t.Context(), c.registrar, in)
	must(t, err)
	for _, who := range []service.Actor{c.stranger, c.auditor, c.steward, c.operator, {}} {
		if _, err := c.Approve(t.Context(), who, p.ID); err == nil {
			t.Errorf("%s %s approved", who.Role, who.City)
		}
		if _, err := c.Proposal(t.Context(), who, p.ID); err == nil {
			t.Errorf("%s %s read it", who.Role, who.City)
		}
		if _, err := c.Reject(t.Context(), who, p.ID); err == nil {
			t.Errorf("%s %s rejected it", who.Role, who.City)
		}
	}
	second := service.Actor{KeyID: "second", Role: service.RoleRegistrar, City: "example"}
	_, err = c.Approve(t.Context(), second, p.ID)
	must(t, err)
	v, err := c.Jury(t.Context(), c.draw.ID)
	must(t, err)
	if v.Seats[0].State != "invited" {
		t.Errorf("seat 1 is %s after a withdrawal, want invited with the next alternate", v.Seats[0].State)
	}
}
