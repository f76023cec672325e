package service_test

import (
	"context"
	"testing"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

func TestARoundIsOpenedTakesProjectsAndMoneyAndReplays(t *testing.T) {
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) {
			c := newGivers(t, 4)
			in := c.newRound("spring")
			if mode == poll.ModeSealed {
				in = sealed(in)
			}
			r := c.openedRound(in)
			if r.Status != "applications" || r.State != service.RoundOpen || r.Terms.Roll.Electors != 4 || !r.Rehearsal {
				t.Errorf("%s, %s, %d who may give", r.Status, r.State, r.Terms.Roll.Electors)
			}
			c.approvedProjects(r, "mill", "weir")
			r, err := c.TopUp(t.Context(), c.steward, r.ID, service.NewTopup{Amount: funding.Units(23), Reference: "a friend of the mill"})
			must(t, err)
			_, err = c.SetWeights(t.Context(), c.steward, r.ID, service.NewWeights{Source: "scores of 2026-11", Weights: []funding.Weight{
				{Donor: poll.MemberVoter("members", token(3)), PPM: 500_000}, {Donor: poll.MemberVoter("members", token(0)), PPM: 0}}})
			must(t, err)
			c.movedProject(c.owned(r, grants.Withdraw, 1, "weir"))
			replayed := c.replayRound(t, r.ID)
			if replayed.Pool().String() != "100023" || len(replayed.Projects()) != 2 {
				t.Errorf("pool %s, projects %v", replayed.Pool(), replayed.Projects())
			}
			tops, err := c.Topups(t.Context(), r.ID)
			must(t, err)
			weights, err := c.RoundWeights(t.Context(), r.ID)
			must(t, err)
			if len(tops) != 1 || tops[0].Reference != "a friend of the mill" || len(weights) != 1 || weights[0].Version != 1 || weights[0].Source != "scores of 2026-11" {
				t.Errorf("top-ups %v, weights %v", tops, weights)
			}
		})
	}
}

func TestStatusOfARoundFollowsTheClock(t *testing.T) {
	c := newGivers(t, 1)
	in := c.newRound("later")
	in.Opens = c.clock.Load() + 500
	r := c.openedRound(in)
	c.refusedHere(t, service.KindConflict, grants.RuleWindow, func() error {
		_, err := c.MoveProject(t.Context(), c.owned(r, grants.Apply, 0, "mill"))
		return err
	})
	for _, s := range []struct {
		at   int64
		want string
	}{{in.Opens - 1, "announced"}, {in.Opens, "applications"}, {in.ApplicationsEnd, "review"}, {in.GiftsStart - 1, "review"}, {in.GiftsStart, "gifts"}, {in.GiftsEnd, "closed"}} {
		c.clock.Store(s.at)
		got, err := c.Round(t.Context(), r.ID)
		must(t, err)
		if got.Status != s.want {
			t.Errorf("at %+d the round is %s, want %s", s.at-in.Opens, got.Status, s.want)
		}
		if s.at == in.Opens {
			c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
		}
	}
	v, err := c.VoidRound(t.Context(), c.steward, r.ID, "a test of the bundle")
	must(t, err)
	c.replayRound(t, r.ID)
	c.verifiedRound(v)
}

func TestRoundsAreFoundByIDHashAndCommunity(t *testing.T) {
	c := newGivers(t, 1)
	first := c.openedRound(c.newRound("first"))
	c.clock.Add(1)
	second := c.openedRound(c.newRound("second"))
	byHash, err := c.RoundByHash(t.Context(), first.Hash)
	must(t, err)
	list, err := c.FundingRounds(t.Context(), "commons", service.Window{Limit: 10})
	must(t, err)
	if byHash.ID != first.ID || len(list) != 2 || list[0].ID != second.ID || list[1].Terms.Round != first.Subject {
		t.Errorf("rounds %s and %s: by hash %s, %d in the list", first.ID, second.ID, byHash.ID, len(list))
	}
	none, err := c.FundingRounds(t.Context(), "nowhere", service.Window{Limit: 10})
	must(t, err)
	if len(none) != 0 {
		t.Errorf("%d rounds of a community that has none", len(none))
	}
	for _, find := range []func() error{
		func() error { _, err := c.Round(t.Context(), "nothing"); return err },
		func() error { _, err := c.Topups(t.Context(), "nothing"); return err },
		func() error { _, err := c.Projects(t.Context(), "nothing", service.Window{Limit: 1}); return err },
		func() error { _, err := c.Project(t.Context(), first.ID, "nothing"); return err },
		func() error { _, err := c.ProjectMoves(t.Context(), first.ID, "nothing"); return err },
	} {
		wantRefusal(t, find(), service.KindNotFound, "not_found")
	}
}

func TestRoundsThatDoNotOpen(t *testing.T) {
	c := newGivers(t, 1)
	c.openedRound(c.newRound("taken"))
	for _, x := range []struct {
		name string
		kind service.Kind
		code string
		bad  func(in *service.NewRound)
	}{
		{"a name twice", service.KindConflict, "round_exists", func(in *service.NewRound) { in.Slug = "taken" }},
		{"no slug", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Slug = "" }},
		{"a slug with a slash", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Slug = "a/b" }},
		{"no name", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Name = "" }},
		{"opened yesterday", service.KindInvalid, grants.RuleTimes, func(in *service.NewRound) { in.Opens = c.clock.Load() - 86_400 }},
		{"gifts that ended", service.KindInvalid, grants.RuleTimes, func(in *service.NewRound) { in.GiftsEnd = c.clock.Load() - 1 }},
		{"gifts before applications end", service.KindInvalid, grants.RuleTimes, func(in *service.NewRound) { in.GiftsStart = in.ApplicationsEnd - 1 }},
		{"no time for gifts", service.KindInvalid, grants.RuleTimes, func(in *service.NewRound) { in.GiftsEnd = in.GiftsStart }},
		{"an appeal of less than no time", service.KindInvalid, grants.RuleTimes, func(in *service.NewRound) { in.Appeal = -1 }},
		{"no asset", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Params.Asset = nil }},
		{"19 decimals", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Params.Asset = &funding.Asset{Code: "EUR", Decimals: 19} }},
		{"an unknown rule", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Params.Rule = "plutocracy" }},
		{"pairwise without its bound", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Params.Rule = funding.Pairwise }},
		{"sealed without a size", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Mode = poll.ModeSealed }},
		{"open with a size", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Size = 512 }},
		{"nothing said of own projects", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Self = "" }},
		{"a connector without a key", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) { in.Connectors = []grants.Connector{{ID: "bank"}} }},
		{"the jury of another community", service.KindInvalid, grants.RuleForm, func(in *service.NewRound) {
			in.Jury = &grants.Jury{Poll: "community/elsewhere/poll/pool", Share: ratio.New(1, 2)}
		}},
		{"no such community", service.KindNotFound, "not_found", func(in *service.NewRound) { in.Community = "elsewhere" }},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := c.newRound("refused")
			x.bad(&in)
			c.refusedHere(t, x.kind, x.code, func() error { _, err := c.OpenRound(t.Context(), c.steward, in); return err })
		})
	}
}

func TestACommunityWithoutCharterOrMembersOpensNoRound(t *testing.T) {
	c := newGivers(t, 0)
	c.refusedHere(t, service.KindConflict, "no_members", func() error {
		_, err := c.OpenRound(t.Context(), c.steward, c.newRound("spring"))
		return err
	})
	_, err := c.AddCommunity(t.Context(), c.operator, service.NewCommunity{Slug: "young", Name: "The Young"})
	must(t, err)
	in := c.newRound("spring")
	in.Community = "young"
	c.refusedHere(t, service.KindConflict, "no_charter", func() error {
		_, err := c.OpenRound(t.Context(), service.Actor{KeyID: "y", Role: service.RoleSteward, Community: "young"}, in)
		return err
	})
}

func TestOnlyTheStewardOfTheCommunityRunsItsRounds(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(c.newRound("spring"))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	acts := map[string]func(service.Actor) error{
		"open": func(a service.Actor) error { _, err := c.OpenRound(t.Context(), a, c.newRound("other")); return err },
		"void": func(a service.Actor) error { _, err := c.VoidRound(t.Context(), a, r.ID, "why not"); return err },
		"top up": func(a service.Actor) error {
			_, err := c.TopUp(t.Context(), a, r.ID, service.NewTopup{Amount: funding.Units(1), Reference: "x"})
			return err
		},
		"weigh": func(a service.Actor) error {
			_, err := c.SetWeights(t.Context(), a, r.ID, service.NewWeights{Source: "x"})
			return err
		},
		"review": func(a service.Actor) error {
			_, err := c.ReviewProject(t.Context(), a, c.review(r, "mill", "rita", true))
			return err
		},
	}
	elsewhere := service.Actor{KeyID: "other", Role: service.RoleSteward, Community: "elsewhere"}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			c.refusedHere(t, service.KindUnauthorized, "key_required", func() error { return act(service.Actor{}) })
			c.refusedHere(t, service.KindNotFound, "not_found", func() error { return act(elsewhere) })
			c.refusedHere(t, service.KindNotFound, "not_found", func() error { return act(c.registrar) })
			c.refusedHere(t, service.KindForbidden, "role", func() error { return act(c.operator) })
		})
	}
}

func TestAStewardsActIsDoneOnceForItsKey(t *testing.T) {
	c := newGivers(t, 1)
	in := c.newRound("spring")
	open := func(key string, request byte) (service.RoundView, bool, error) {
		var r service.RoundView
		_, replayed, err := c.Once(t.Context(), c.steward, key, [32]byte{request}, func(ctx context.Context) (_ []byte, err error) {
			r, err = c.OpenRound(ctx, c.steward, in)
			return nil, err
		})
		return r, replayed, err
	}
	first, _, err := open("k", 1)
	must(t, err)
	size := c.logSize()
	second, replayed, err := open("k", 1)
	must(t, err)
	if !replayed || second.ID != first.ID || c.logSize() != size {
		t.Errorf("replayed %v, rounds %s and %s", replayed, first.ID, second.ID)
	}
	_, _, err = open("k", 2)
	wantRefusal(t, err, service.KindConflict, "idempotency_key")
}

func TestAVoidRoundTakesNothing(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(c.newRound("spring"))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	next, pending := c.owned(r, grants.Withdraw, 0, "mill"), c.review(r, "mill", "rita", true)
	c.refusedHere(t, service.KindInvalid, grants.RuleRecord, func() error { _, err := c.VoidRound(t.Context(), c.steward, r.ID, ""); return err })
	v, err := c.VoidRound(t.Context(), c.steward, r.ID, "the payer withdrew")
	must(t, err)
	if v.Status != "void" || v.VoidReason != "the payer withdrew" || v.EndedAt == 0 {
		t.Errorf("%+v", v.Round)
	}
	for name, act := range map[string]func() error{
		"void": func() error { _, err := c.VoidRound(t.Context(), c.steward, r.ID, "again"); return err },
		"move": func() error { _, err := c.MoveProject(t.Context(), next); return err },
		"top up": func() error {
			_, err := c.TopUp(t.Context(), c.steward, r.ID, service.NewTopup{Amount: funding.Units(1), Reference: "x"})
			return err
		},
		"weigh": func() error {
			_, err := c.SetWeights(t.Context(), c.steward, r.ID, service.NewWeights{Source: "x"})
			return err
		},
		"review": func() error { _, err := c.ReviewProject(t.Context(), c.steward, pending); return err },
	} {
		t.Run(name, func(t *testing.T) { c.refusedHere(t, service.KindConflict, grants.RuleStage, act) })
	}
	c.replayRound(t, r.ID)
}

func TestTopupsThatAreRefused(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(c.newRound("spring"))
	most, err := funding.ParseAmount("99999999999999999999999999999999999999")
	must(t, err)
	for _, x := range []struct {
		name, code string
		in         service.NewTopup
	}{
		{"nothing", grants.RuleAmount, service.NewTopup{Reference: "x"}},
		{"no reference", grants.RuleRecord, service.NewTopup{Amount: funding.Units(1)}},
		{"a reference of two lines", grants.RuleRecord, service.NewTopup{Amount: funding.Units(1), Reference: "a\nb"}},
		{"more than 38 digits in all", grants.RuleAmount, service.NewTopup{Amount: most, Reference: "x"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.refusedHere(t, service.KindInvalid, x.code, func() error { _, err := c.TopUp(t.Context(), c.steward, r.ID, x.in); return err })
		})
	}
	c.refusedHere(t, service.KindNotFound, "not_found", func() error {
		_, err := c.TopUp(t.Context(), c.steward, "nothing", service.NewTopup{Amount: funding.Units(1), Reference: "x"})
		return err
	})
	c.replayRound(t, r.ID)
}

func TestAClosedRoundTakesNoTopup(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(sealed(c.newRound("spring")))
	top := func() error {
		_, err := c.TopUp(t.Context(), c.steward, r.ID, service.NewTopup{Amount: funding.Units(7), Reference: "late"})
		return err
	}
	c.clock.Store(r.GiftsEnd)
	must(t, top()) // until the close
	c.work()
	if v, err := c.Round(t.Context(), r.ID); err != nil || v.State != service.RoundClosed {
		t.Fatalf("the round is %s, %v: want closed, waiting for its beacon", v.State, err)
	}
	c.refusedHere(t, service.KindConflict, grants.RuleStage, top)
	_, err := c.VoidRound(t.Context(), c.steward, r.ID, "the bank failed")
	must(t, err)
	c.replayRound(t, r.ID)
}

func TestTimesOfARoundsRecordsDoNotGoBackWithTheClock(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(c.newRound("spring"))
	c.clock.Add(100)
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	c.clock.Add(-90)
	_, err := c.TopUp(t.Context(), c.steward, r.ID, service.NewTopup{Amount: funding.Units(7), Reference: "x"})
	must(t, err)
	c.reviewed(r, "mill", "rita", true)
	c.replayRound(t, r.ID)
}

func TestTheOpeningHasSeenAFreshRoundOfTheChain(t *testing.T) {
	c := newGivers(t, 1)
	c.clock.Add(3600)
	r := c.openedRound(c.newRound("spring"))
	list, err := c.SubjectEntries(t.Context(), r.Subject)
	must(t, err)
	rec, err := audit.Decode(list[0].Record)
	must(t, err)
	at, err := c.network.Chain().TimeOf(rec.Seen.Round)
	must(t, err)
	if at < c.clock.Load()-30 || at > r.Opens {
		t.Errorf("the opening at %d has seen a round of %d", r.Opens, at)
	}
}

func TestAJurysPartNeedsAJury(t *testing.T) {
	c := newPolity(t, 3)
	in := c.newRound("spring")
	in.Jury = &grants.Jury{Poll: "community/commons/poll/bridge", Share: ratio.New(1, 4)}
	p := c.openedPoll("bridge") // yes or no: no votes for projects
	c.refusedHere(t, service.KindInvalid, grants.RuleJury, func() error { _, err := c.OpenRound(t.Context(), c.steward, in); return err })
	in.Jury.Poll = p.Subject + "-pool" // not opened yet
	r := c.openedRound(in)
	if r.Terms.Jury.Poll != in.Jury.Poll {
		t.Errorf("%+v", r.Terms.Jury)
	}
	c.replayRound(t, r.ID)
}

func TestAnAnnouncedRoundIsUnderTheCharterOfItsOpening(t *testing.T) {
	c := newPolityUnder(t, 3, func(_ *polity, ch *charter.Charter) { ch.Amendment.Delay = 300 })
	p, err := c.OpenPoll(t.Context(), c.steward, c.amendment("rename", c.amended(func(n *charter.Charter) { n.Name = "The New Commons" })))
	must(t, err)
	for i := range 3 {
		c.vote(p, poll.MemberVoter("members", token(i)), yes)
		c.vote(p, poll.SeatVoter(int64(2*i+1)), yes)
		c.vote(p, poll.SeatVoter(int64(2*i+2)), yes)
	}
	c.counted(p)
	before := c.openedRound(c.newRound("before"))
	in := c.newRound("after")
	in.Opens = c.clock.Load() + 600
	after := c.openedRound(in)
	if before.Terms.Charter != charterHash(t, c.first) || after.Terms.Charter == before.Terms.Charter {
		t.Errorf("charters %s and %s", before.Terms.Charter, after.Terms.Charter)
	}
	for _, r := range []service.RoundView{before, after} {
		v, err := c.VoidRound(t.Context(), c.steward, r.ID, "a test of the bundle")
		must(t, err)
		c.verifiedRound(v)
	}
}

func charterHash(t *testing.T, ch *charter.Charter) beacon.Hash {
	t.Helper()
	text, err := ch.Canonical()
	must(t, err)
	return charter.HashBytes(text)
}
