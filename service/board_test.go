package service_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

func (c *polity) estimate(t testing.TB, s *service.Service, r service.RoundView) service.EstimateView {
	t.Helper()
	v, err := s.Estimate(t.Context(), r.ID)
	must(t, err)
	return v
}

// wantEstimate holds a view against what the round would give if it ended with these records.
func (c *polity) wantEstimate(t testing.TB, r service.RoundView, got service.EstimateView, jury *voting.Result) {
	t.Helper()
	round := c.replayRound(t, r.ID)
	records, err := c.SubjectEntries(t.Context(), r.Subject)
	must(t, err)
	if round.Last() < r.GiftsEnd {
		must(t, round.ApplyClose(grants.Close{At: r.GiftsEnd, Gifts: round.Gifts()}))
	}
	want, err := round.Compute(nil, jury)
	must(t, err)
	view := service.EstimateView{
		Round: r.ID, Through: records[len(records)-1].N, Gifts: round.Gifts(), Pool: round.Pool(), Solidarity: want.File.Solidarity,
		Unallocated: want.File.Unallocated, Projects: want.File.Projects, Exact: r.Terms.Params.Rule != funding.Cluster,
	}
	if want.File.Jury != nil {
		view.JuryPart, view.Solidarity = want.File.Jury.Part, want.File.Jury.Solidarity
	}
	if diff := cmp.Diff(view, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("estimate (-computed +shown):\n%s", diff)
	}
}

// wholeShare is a count that gives the jury's part away: as is assumed until the poll is counted.
func wholeShare(in service.NewRound, project string) *voting.Result {
	if in.Jury == nil {
		return nil
	}
	return &voting.Result{Method: voting.Quadratic, Chambers: []voting.ChamberCount{{ID: voting.Jury, QuorumMet: true}},
		Options: []voting.OptionCount{{ID: project, Sums: []int64{1}}}}
}

func drawTerms(rt *rapid.T, in service.NewRound) service.NewRound {
	p := &in.Params
	in.Self = grants.SelfAllowed
	if rapid.Bool().Draw(rt, "pairwise") {
		p.Rule, p.M = funding.Pairwise, funding.Units(rapid.Uint64Range(1, 5000).Draw(rt, "m"))
	}
	some := func(name string, most uint64) funding.Amount {
		if !rapid.Bool().Draw(rt, name) {
			return funding.Amount{}
		}
		return funding.Units(rapid.Uint64Range(1, most).Draw(rt, name+" amount"))
	}
	p.Min, p.Max, p.Cap = some("min", 50), some("max", 9000), some("cap", 60_000)
	if !p.Max.IsZero() && p.Max.Cmp(p.Min) < 0 {
		p.Max = p.Min
	}
	p.MatchBelowPool = rapid.Bool().Draw(rt, "below")
	if rapid.Bool().Draw(rt, "solidarity") {
		p.Solidarity = "1/7"
	}
	if rapid.Bool().Draw(rt, "default weight") {
		p.DefaultWeight = new(int64)
		*p.DefaultWeight = rapid.Int64Range(0, funding.Million-1).Draw(rt, "weight of the others")
	}
	if rapid.Bool().Draw(rt, "jury") {
		in.Jury = &grants.Jury{Poll: "community/commons/poll/" + in.Slug, Share: ratio.New(rapid.Int64Range(1, 6).Draw(rt, "share"), 7)}
	}
	return in
}

// boardCase is one round of the property.
type boardCase struct {
	*polity
	t     testing.TB
	r     service.RoundView
	gifts []int64
	nonce int
}

const boardMembers = 6

func (b *boardCase) add(rt *rapid.T) (i int, project string, amount uint64) {
	return rapid.IntRange(0, boardMembers-1).Draw(rt, "donor"), rapid.SampledFrom([]string{"dam", "mill", "pond", "weir"}).Draw(rt, "project"),
		rapid.Uint64Range(1, 20_000).Draw(rt, "amount")
}

func (b *boardCase) give(rt *rapid.T) {
	i, project, amount := b.add(rt)
	b.nonce++
	g := b.gift(b.r, i, project, fmt.Sprint(amount), b.nonce)
	if rapid.Bool().Draw(rt, "paid") {
		g = b.payment(b.r, i, project, fmt.Sprint(amount), fmt.Sprint(b.nonce))
	}
	before := b.estimate(b.t, b.Service, b.r)
	changes, refused := b.WhatIf(b.t.Context(), b.r.ID, service.WhatIf{Donor: donor(i), Project: project, Amount: funding.Units(amount)})
	got, err := b.Give(b.t.Context(), b.r.ID, g)
	if service.KindOf(err) != service.KindOf(refused) {
		rt.Fatalf("giving: %v; asking before: %v", err, refused)
	}
	if err != nil {
		wantRefusal(b.t.(*testing.T), err, service.KindConflict, grants.RuleNotApproved)
		return
	}
	b.gifts = append(b.gifts, got.Promise.N)
	b.wantChanges(rt, before, b.estimate(b.t, b.Service, b.r), changes)
}

// wantChanges holds what was said before a gift against what it did.
func (b *boardCase) wantChanges(rt *rapid.T, before, after service.EstimateView, said []funding.Change) {
	var did []funding.Change
	for i, p := range after.Projects {
		if was := before.Projects[i].Amount; was != p.Amount {
			did = append(did, funding.Change{Project: p.Project, Before: was, After: p.Amount})
		}
	}
	if diff := cmp.Diff(did, said, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("what a gift changed (-did +said):\n%s", diff)
	}
}

func (b *boardCase) step(rt *rapid.T) {
	t, ctx := b.t, b.t.Context()
	switch rapid.IntRange(0, 9).Draw(rt, "kind") {
	case 0:
		_, err := b.TopUp(ctx, b.steward, b.r.ID, service.NewTopup{Amount: funding.Units(rapid.Uint64Range(1, 99_999).Draw(rt, "topup")), Reference: "x"})
		must(t, err)
	case 1:
		if p, err := b.Project(ctx, b.r.ID, "dam"); err == nil && p.State == grants.Applied {
			b.reviewed(b.r, "dam", "rita", true)
		}
	case 2:
		i := rapid.IntRange(2, 3).Draw(rt, "withdraw")
		project := []string{"dam", "mill", "pond", "weir"}[i]
		if p, err := b.Project(ctx, b.r.ID, project); err == nil && p.State != grants.Withdrawn {
			b.movedProject(b.owned(b.r, grants.Withdraw, i, project))
		}
	case 3:
		list := []funding.Weight{{Donor: donor(0), PPM: rapid.Int64Range(0, funding.Million).Draw(rt, "ppm")}, {Donor: donor(5), PPM: 500_000}}
		_, err := b.SetWeights(ctx, b.steward, b.r.ID, service.NewWeights{Source: "x", Weights: list[:rapid.IntRange(0, 2).Draw(rt, "weights")]})
		must(t, err)
	case 4, 5:
		if len(b.gifts) > 0 {
			i := rapid.IntRange(0, len(b.gifts)-1).Draw(rt, "refund")
			_, err := b.RefundGift(ctx, b.steward, b.r.ID, b.gifts[i], grants.ForAsked)
			must(t, err)
			b.gifts = slices.Delete(b.gifts, i, i+1)
		}
	default:
		b.give(rt)
	}
}

// Whatever is given, refunded, added, approved, withdrawn and weighed: the estimate is what the round would
// give if it ended now, to the unit, in the process that did it and in another one that only reads.
func TestTheEstimateIsWhatTheRecordsWouldGive(t *testing.T) {
	c := newGivers(t, boardMembers)
	reader, err := service.New(c.Options)
	must(t, err)
	cases := 0
	rapid.Check(t, func(rt *rapid.T) {
		if cases++; cases > 8 && !t.Failed() {
			return // a world of files and signatures: the property of funding.Estimate itself has thousands of cases
		}
		in := drawTerms(rt, c.newRound(fmt.Sprint("spring", cases)))
		in.Connectors = []grants.Connector{{ID: bank, Key: publicKey(person(bank))}}
		b := &boardCase{polity: c, t: t, r: c.openedRound(in)}
		for i, project := range []string{"dam", "mill", "pond", "weir"} {
			c.movedProject(c.owned(b.r, grants.Apply, i, project))
			if project != "dam" {
				c.reviewed(b.r, project, "rita", true)
			}
		}
		c.clock.Store(b.r.GiftsStart)
		for n := range rapid.IntRange(1, 14).Draw(rt, "steps") {
			b.step(rt)
			if n%4 == 0 {
				c.wantEstimate(t, b.r, c.estimate(t, reader, b.r), wholeShare(in, "mill"))
			}
		}
		c.wantEstimate(t, b.r, c.estimate(t, c.Service, b.r), wholeShare(in, "mill"))
		c.wantEstimate(t, b.r, c.estimate(t, reader, b.r), wholeShare(in, "mill"))
	})
}

func TestASecondProcessSeesGiftsAndRefundsOfTheFirst(t *testing.T) {
	c := newGivers(t, 4)
	r := c.giversRound(c.newRound("spring"), "mill", "weir")
	second, err := service.New(c.Options)
	must(t, err)
	for n := range 5 {
		got := c.gave(r, c.gift(r, 2, "mill", "900", n), c.payment(r, 3, "weir", "400", fmt.Sprint(n)))
		c.wantEstimate(t, r, c.estimate(t, second, r), nil)
		_, err := c.RefundGift(t.Context(), c.steward, r.ID, got[n%2].Promise.N, grants.ForFailed)
		must(t, err)
		c.wantEstimate(t, r, c.estimate(t, second, r), nil)
	}
}

func TestReadersGetNoLessThanWasRecordedWhenTheyAsked(t *testing.T) {
	c := newGivers(t, 4)
	r := c.giversRound(c.newRound("spring"), "mill", "weir")
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for n := range 6 {
				got, err := c.Give(t.Context(), r.ID, c.gift(r, 2+w%2, "mill", "5", 100*w+n))
				if err != nil {
					t.Error(err)
					return
				}
				v, err := c.Estimate(t.Context(), r.ID)
				if err != nil || v.Through < got.Promise.N {
					t.Errorf("after record %d the estimate goes to %d: %v", got.Promise.N, v.Through, err)
				}
				if _, err := c.WhatIf(t.Context(), r.ID, service.WhatIf{Project: "weir", Amount: funding.Units(7)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c.wantEstimate(t, r, c.estimate(t, c.Service, r), nil)
}

func TestAskingForWhatIntakeWouldRefuse(t *testing.T) {
	c := newGivers(t, 3)
	in := c.newRound("spring")
	r := c.openedRound(in)
	c.approvedProjects(r, "mill")
	c.movedProject(c.owned(r, grants.Apply, 1, "weir"))
	ask := func(round, donor, project, amount string) error {
		n, err := funding.ParseAmount(amount)
		must(t, err)
		_, err = c.WhatIf(t.Context(), round, service.WhatIf{Donor: donor, Project: project, Amount: n})
		return err
	}
	must(t, ask(r.ID, "", "mill", "5"))
	must(t, ask(r.ID, donor(2), "mill", "5"))
	wantRefusal(t, ask(r.ID, donor(9), "mill", "5"), service.KindForbidden, grants.RuleNotOnRoll)
	wantRefusal(t, ask(r.ID, donor(0), "mill", "5"), service.KindForbidden, grants.RuleOwn)
	wantRefusal(t, ask(r.ID, "", "bridge", "5"), service.KindInvalid, grants.RuleUnknown)
	wantRefusal(t, ask(r.ID, "", "weir", "5"), service.KindConflict, grants.RuleNotApproved)
	wantRefusal(t, ask(r.ID, "", "mill", "0"), service.KindInvalid, grants.RuleAmount)
	wantRefusal(t, ask(r.ID, "", "mill", "10000000000000000000000000000"), service.KindInvalid, grants.RuleAmount)
	wantRefusal(t, ask("none", "", "mill", "5"), service.KindNotFound, "not_found")
	wantRefusal(t, ask("none", donor(2), "mill", "5"), service.KindNotFound, "not_found")
	_, err := c.Estimate(t.Context(), "none")
	wantRefusal(t, err, service.KindNotFound, "not_found")
	_, err = c.VoidRound(t.Context(), c.steward, r.ID, "a mistake")
	must(t, err)
	wantRefusal(t, ask(r.ID, "", "mill", "5"), service.KindConflict, "round_void")
	_, err = c.Estimate(t.Context(), r.ID)
	wantRefusal(t, err, service.KindConflict, "round_void")
}

// In a sealed round the estimate knows payments alone, and says so.
func TestTheEstimateOfASealedRoundShowsNothingSealed(t *testing.T) {
	c := newGivers(t, 5)
	r := c.giversRound(sealed(c.newRound("spring")), "mill", "weir")
	got := c.gave(r, c.gift(r, 2, "mill", "900", 1), c.payment(r, 3, "mill", "1600", "t-1"), c.gift(r, 4, "weir", "400", 1), c.payment(r, 2, "weir", "100", "t-2"))
	_, err := c.RefundGift(t.Context(), c.steward, r.ID, got[0].Promise.N, grants.ForAsked)
	must(t, err)
	params := r.Terms.Params
	want, err := funding.Match(params, []funding.Contribution{
		{Donor: c.pseudonym(r, 3), Project: "mill", Amount: funding.Units(1600)}, {Donor: c.pseudonym(r, 2), Project: "weir", Amount: funding.Units(100)}}, nil)
	must(t, err)
	v := c.estimate(t, c.Service, r)
	if diff := cmp.Diff(want.Projects, v.Projects); diff != "" || !v.Sealed || !v.Exact || v.Gifts != 4 {
		t.Errorf("%d gifts, sealed %v, exact %v: %s", v.Gifts, v.Sealed, v.Exact, diff)
	}
}

// A round of rule cocm, and a pairwise one with large amounts, is matched as a whole, and not more often than
// every three seconds.
func TestARoundWithoutRunningEstimateIsMatchedEveryFewSeconds(t *testing.T) {
	c := newGivers(t, 5)
	in := c.newRound("spring")
	in.Params.Rule = funding.Cluster
	r := c.giversRound(in, "mill", "weir")
	c.gave(r, c.gift(r, 2, "mill", "900", 1), c.gift(r, 3, "weir", "400", 1))
	first := c.estimate(t, c.Service, r)
	c.wantEstimate(t, r, first, nil)
	c.gave(r, c.gift(r, 4, "mill", "1600", 1))
	c.clock.Add(2)
	if diff := cmp.Diff(first, c.estimate(t, c.Service, r)); diff != "" {
		t.Errorf("two seconds later it was matched again: %s", diff)
	}
	c.clock.Add(1)
	c.wantEstimate(t, r, c.estimate(t, c.Service, r), nil)
	_, err := c.WhatIf(t.Context(), r.ID, service.WhatIf{Project: "mill", Amount: funding.Units(5)})
	wantRefusal(t, err, service.KindConflict, "estimate")
}

func TestAmountsTooLargeForARunningEstimateAreMatchedWhole(t *testing.T) {
	c := newGivers(t, 5)
	in := c.newRound("spring")
	in.Params.Rule, in.Params.M = funding.Pairwise, funding.Units(1<<40)
	r := c.giversRound(in, "mill", "weir")
	c.gave(r, c.gift(r, 2, "mill", "900", 1))
	c.wantEstimate(t, r, c.estimate(t, c.Service, r), nil)
	c.gave(r, c.gift(r, 3, "weir", "1152921504606846976", 1), c.gift(r, 2, "weir", "1152921504606846976", 2))
	v := c.estimate(t, c.Service, r)
	if v.Exact {
		t.Error("a running estimate took amounts that it cannot hold")
	}
	v.Exact = true // the same but for that
	c.wantEstimate(t, r, v, nil)
}

// The jury's part follows its poll: the whole share until it is counted, then what its votes have.
func TestTheJurysPartOfTheEstimateFollowsThePoll(t *testing.T) {
	c := newPolity(t, 6)
	in := c.newRound("spring")
	in.GiftsEnd += 10_000
	in.Params.Solidarity, in.Jury = "1/10", &grants.Jury{Poll: "community/commons/poll/parts", Share: ratio.New(1, 3)}
	r := c.giversRound(in, "mill", "weir")
	c.gave(r, c.gift(r, 2, "mill", "900", 1), c.gift(r, 3, "weir", "400", 1), c.gift(r, 4, "mill", "100", 1))
	c.wantEstimate(t, r, c.estimate(t, c.Service, r), wholeShare(in, "mill"))
	q := c.question("parts")
	q.Method, q.Winners, q.Credits, q.Negative = voting.Quadratic, 1, 100, true
	q.Options, q.Names = []string{"mill", "weir"}, map[string]string{"mill": "The mill", "weir": "The weir"}
	p, err := c.OpenPoll(t.Context(), c.steward, q)
	must(t, err)
	for seat := range int64(6) {
		c.vote(p, poll.SeatVoter(seat+1), `{"votes":{"mill":-2,"weir":5}}`)
	}
	c.wantEstimate(t, r, c.estimate(t, c.Service, r), wholeShare(in, "weir"))
	count := c.counted(p).Count
	c.wantEstimate(t, r, c.estimate(t, c.Service, r), &count)
	c.movedProject(c.owned(r, grants.Withdraw, 1, "weir")) // what only the weir had goes to the members
	v := c.estimate(t, c.Service, r)
	c.wantEstimate(t, r, v, &count)
	if !v.JuryPart.IsZero() {
		t.Errorf("the jury's part is %s, and no project that counts has a vote of it", v.JuryPart)
	}
}
