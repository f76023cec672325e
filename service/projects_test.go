package service_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

func TestAProjectIsChangedRejectedAppealedAndApproved(t *testing.T) {
	c := newGivers(t, 2)
	r := c.openedRound(c.newRound("spring"))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	changed := c.owned(r, grants.Change, 0, "mill")
	changed.Text = []byte("https://example.org/the-builder's-offer\r\n\tSee page 2.")
	file := poll.FileOf(changed.Text)
	changed.Move.Text, changed.Move.Title = &file, "The mill, with its wheel"
	changed.Move = c.signedMove(r, changed.Move, 0, 2)
	c.movedProject(changed)
	c.reviewed(r, "mill", "rita", false)
	c.clock.Add(499)
	c.movedProject(c.owned(r, grants.Appeal, 0, "mill"))
	p := c.reviewed(r, "mill", "sam", true)
	if p.State != grants.Approved || p.Seq != 5 || p.Title != "The mill, with its wheel" || p.Account != "DE-mill" || p.AppliedAt != r.Opens {
		t.Errorf("%+v", p)
	}
	text, err := c.Blob(t.Context(), p.Text.SHA256)
	must(t, err)
	if !bytes.Equal(text, changed.Text) {
		t.Errorf("the description is %q", text)
	}
	c.sameHistory(t, r, "mill", grants.Apply, grants.Change, grants.Reject, grants.Appeal, grants.Approve)
	c.replayRound(t, r.ID)
}

// sameHistory compares a project's public history with the acts that are expected.
func (c *polity) sameHistory(t *testing.T, r service.RoundView, project string, want ...grants.Act) {
	t.Helper()
	moves, err := c.ProjectMoves(t.Context(), r.ID, project)
	must(t, err)
	var acts []grants.Act
	for i, mv := range moves {
		acts = append(acts, mv.Act)
		if mv.Seq != int64(i+1) || mv.Project != project || mv.N < 2 {
			t.Errorf("move %d: %+v", i+1, mv)
		}
		if mv.Act == grants.Reject && (mv.Reviewer != "rita" || mv.Ground != grants.Evidence || mv.Text == nil) {
			t.Errorf("the rejection says %+v", mv)
		}
	}
	if diff := cmp.Diff(want, acts); diff != "" {
		t.Error(diff)
	}
}

func TestProjectsAreListedByTheirIds(t *testing.T) {
	c := newGivers(t, 3)
	r, other := c.openedRound(c.newRound("spring")), c.openedRound(c.newRound("autumn"))
	for i, id := range []string{"weir", "mill", "mill-2"} {
		c.movedProject(c.owned(r, grants.Apply, i, id))
	}
	c.movedProject(c.owned(other, grants.Apply, 0, "mill"))
	c.sameHistory(t, r, "mill", grants.Apply)
	var ids []string
	for after := ""; ; {
		page, err := c.Projects(t.Context(), r.ID, service.Window{After: after, Limit: 2})
		must(t, err)
		for _, p := range page {
			ids, after = append(ids, p.ID), p.ID
		}
		if len(page) < 2 {
			break
		}
	}
	if strings.Join(ids, " ") != "mill mill-2 weir" {
		t.Errorf("projects %v", ids)
	}
}

func TestTheSameMoveSentAgainHasTheSameAnswer(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(c.newRound("spring"))
	apply := c.owned(r, grants.Apply, 0, "mill")
	first := c.movedProject(apply)
	change := c.owned(r, grants.Change, 0, "mill")
	second := c.movedProject(change)
	c.clock.Add(10)
	c.reviewed(r, "mill", "rita", true)
	withdraw := c.owned(r, grants.Withdraw, 0, "mill")
	last := c.movedProject(withdraw)
	size := c.logSize()
	c.clock.Store(r.GiftsEnd) // an answer that got lost is asked for late
	for _, x := range []struct {
		in   service.NewProjectMove
		want service.Project
	}{{apply, first}, {change, second}, {withdraw, last}} {
		if diff := cmp.Diff(x.want, c.movedProject(x.in)); diff != "" {
			t.Errorf("%s again: %s", x.in.Move.Act, diff)
		}
	}
	if c.logSize() != size {
		t.Errorf("the same moves added %d records", c.logSize()-size)
	}
	c.replayRound(t, r.ID)
}

func TestTheSameMoveTwiceAtOnceIsOneMove(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(c.newRound("spring"))
	in := c.owned(r, grants.Apply, 0, "mill")
	got, errs := make([]service.Project, 8), make([]error, 8)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i], errs[i] = c.MoveProject(t.Context(), in) })
	}
	all.Wait()
	for i := range got {
		must(t, errs[i])
		if diff := cmp.Diff(got[0], got[i]); diff != "" {
			t.Error(diff)
		}
	}
	c.sameHistory(t, r, "mill", grants.Apply)
	c.replayRound(t, r.ID)
}

func TestMovesThatAreRefused(t *testing.T) {
	c := newGivers(t, 3)
	r := c.openedRound(c.newRound("spring"))
	other := c.openedRound(c.newRound("autumn"))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	apply := func(change func(in *service.NewProjectMove)) func() service.NewProjectMove {
		return func() service.NewProjectMove {
			in := c.owned(r, grants.Apply, 1, "weir")
			change(&in)
			return in
		}
	}
	for _, x := range []struct {
		name string
		kind service.Kind
		code string
		in   func() service.NewProjectMove
	}{
		{"an id twice by another", service.KindConflict, grants.RuleState, func() service.NewProjectMove { return c.owned(r, grants.Apply, 1, "mill") }},
		{"an id twice by its owner", service.KindConflict, grants.RuleState, func() service.NewProjectMove { return c.owned(r, grants.Apply, 0, "mill") }},
		{"a change of nothing", service.KindInvalid, grants.RuleUnknown, func() service.NewProjectMove { return c.owned(r, grants.Change, 1, "weir") }},
		{"a change by another", service.KindConflict, grants.RuleState, func() service.NewProjectMove { return c.owned(r, grants.Change, 1, "mill") }},
		{"withdrawn by another", service.KindInvalid, grants.RuleSignature, func() service.NewProjectMove { return c.owned(r, grants.Withdraw, 1, "mill") }},
		{"an appeal against nothing", service.KindConflict, grants.RuleState, func() service.NewProjectMove { return c.owned(r, grants.Appeal, 0, "mill") }},
		{"of another round", service.KindInvalid, grants.RuleSignature, func() service.NewProjectMove {
			in := c.owned(other, grants.Apply, 1, "weir")
			in.RoundID = r.ID
			return in
		}},
		{"of no round", service.KindNotFound, "not_found", apply(func(in *service.NewProjectMove) { in.RoundID = "nothing" })},
		{"who is not on the roll", service.KindForbidden, grants.RuleNotOnRoll, apply(func(in *service.NewProjectMove) { in.Move.Owner = token(77) })},
		{"another's name", service.KindInvalid, grants.RuleSignature, apply(func(in *service.NewProjectMove) { in.Move.Owner = token(2) })},
		{"a forged signature", service.KindInvalid, grants.RuleSignature, apply(func(in *service.NewProjectMove) { in.Move.Signature.Signature[3] ^= 1 })},
		{"signed as a later move", service.KindInvalid, grants.RuleSignature, apply(func(in *service.NewProjectMove) { in.Move = c.signedMove(r, in.Move, 1, 2) })},
		{"a title that nobody signed", service.KindInvalid, grants.RuleSignature, apply(func(in *service.NewProjectMove) { in.Move.Title = "Another" })},
		{"an account that nobody signed", service.KindInvalid, grants.RuleSignature, apply(func(in *service.NewProjectMove) { in.Move.Account = "Mine" })},
		{"no signature", service.KindInvalid, grants.RuleRecord, apply(func(in *service.NewProjectMove) { in.Move.Signature = nil })},
		{"no title", service.KindInvalid, grants.RuleRecord, apply(func(in *service.NewProjectMove) { in.Move.Title = "" })},
		{"no slug", service.KindInvalid, grants.RuleRecord, apply(func(in *service.NewProjectMove) { in.Move.Project = "The Weir" })},
		{"an unknown act", service.KindInvalid, grants.RuleRecord, apply(func(in *service.NewProjectMove) { in.Move.Act = "celebrate" })},
		{"an approval by its owner", service.KindForbidden, grants.RuleRecord, apply(func(in *service.NewProjectMove) { in.Move.Act = grants.Approve })},
		{"without its text", service.KindInvalid, grants.RuleRecord, apply(func(in *service.NewProjectMove) { in.Text = nil })},
		{"another text", service.KindInvalid, grants.RuleRecord, apply(func(in *service.NewProjectMove) { in.Text[0] ^= 1 })},
		{"a text that is none", service.KindInvalid, grants.RuleRecord, apply(c.withText(r, 1, "\xff\xfe"))},
		{"a text with a bell", service.KindInvalid, grants.RuleRecord, apply(c.withText(r, 1, "Ring\a"))},
		{"a text of no bytes", service.KindInvalid, grants.RuleRecord, apply(c.withText(r, 1, ""))},
		{"a text too long", service.KindInvalid, grants.RuleRecord, apply(c.withText(r, 1, strings.Repeat("x", 65_537)))},
		{"a text that no act names", service.KindInvalid, grants.RuleRecord, func() service.NewProjectMove {
			in := c.owned(r, grants.Withdraw, 0, "mill")
			in.Text = []byte("because")
			return in
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := x.in()
			c.refusedHere(t, x.kind, x.code, func() error { _, err := c.MoveProject(t.Context(), in); return err })
		})
	}
	if list, err := c.Projects(t.Context(), r.ID, service.Window{Limit: 10}); err != nil || len(list) != 1 || list[0].Seq != 1 {
		t.Errorf("%v, projects %v: refused moves changed something", err, list)
	}
	c.replayRound(t, r.ID)
}

// withText signs the move of member i anew, over another text.
func (c *polity) withText(r service.RoundView, i int, text string) func(*service.NewProjectMove) {
	return func(in *service.NewProjectMove) {
		file := poll.FileOf([]byte(text))
		in.Text, in.Move.Text = []byte(text), &file
		in.Move = c.signedMove(r, in.Move, i, 1)
	}
}

func TestMovesComeInTheirTime(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(sealed(c.newRound("spring")))
	refused := func(code string, in service.NewProjectMove) {
		t.Helper()
		c.refusedHere(t, service.KindConflict, code, func() error { _, err := c.MoveProject(t.Context(), in); return err })
	}
	for _, id := range []string{"mill", "weir", "ferry"} {
		c.movedProject(c.owned(r, grants.Apply, 0, id))
	}
	c.clock.Store(r.Terms.ApplicationsEnd - 1)
	c.movedProject(c.owned(r, grants.Change, 0, "mill"))
	c.reviewed(r, "weir", "rita", true)
	c.clock.Store(r.Terms.ApplicationsEnd)
	refused(grants.RuleWindow, c.owned(r, grants.Change, 0, "mill"))
	refused(grants.RuleWindow, c.owned(r, grants.Apply, 0, "late"))
	c.clock.Store(r.GiftsStart)
	c.refusedHere(t, service.KindConflict, grants.RuleWindow, func() error { // gifts may be on their way
		_, err := c.ReviewProject(t.Context(), c.steward, c.review(r, "weir", "rita", false))
		return err
	})
	c.reviewed(r, "mill", "rita", true)
	c.clock.Store(r.GiftsEnd - 1)
	c.movedProject(c.owned(r, grants.Withdraw, 0, "weir"))
	refused(grants.RuleState, c.owned(r, grants.Withdraw, 0, "weir"))
	c.clock.Store(r.GiftsEnd)
	refused(grants.RuleWindow, c.owned(r, grants.Withdraw, 0, "mill"))
	c.refusedHere(t, service.KindConflict, grants.RuleWindow, func() error {
		_, err := c.ReviewProject(t.Context(), c.steward, c.review(r, "ferry", "rita", true))
		return err
	})
	c.replayRound(t, r.ID)
}

func TestAnAppealHasItsTimeAndIsOne(t *testing.T) {
	c := newGivers(t, 2)
	r := c.openedRound(c.newRound("spring"))
	refused := func(in service.NewProjectMove) {
		t.Helper()
		c.refusedHere(t, service.KindConflict, grants.RuleAppeal, func() error { _, err := c.MoveProject(t.Context(), in); return err })
	}
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	c.movedProject(c.owned(r, grants.Apply, 1, "weir"))
	c.reviewed(r, "mill", "rita", false)
	c.reviewed(r, "weir", "rita", false)
	c.clock.Add(499)
	c.movedProject(c.owned(r, grants.Appeal, 0, "mill"))
	c.clock.Add(1)
	refused(c.owned(r, grants.Appeal, 1, "weir"))
	c.reviewed(r, "mill", "sam", false)
	refused(c.owned(r, grants.Appeal, 0, "mill"))
	c.replayRound(t, r.ID)
}

func TestWhoDecidedBeforeAnAppealDecidesNothingAfterIt(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(c.newRound("spring"))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	c.reviewed(r, "mill", "olga", true)
	c.reviewed(r, "mill", "rita", false)
	c.movedProject(c.owned(r, grants.Appeal, 0, "mill"))
	refused := func(reviewer string, approve bool) {
		t.Helper()
		c.refusedHere(t, service.KindForbidden, grants.RuleReviewer, func() error {
			_, err := c.ReviewProject(t.Context(), c.steward, c.review(r, "mill", reviewer, approve))
			return err
		})
	}
	refused("rita", false)
	refused("olga", true)
	c.reviewed(r, "mill", "sam", true)
	refused("rita", false) // nor undoes what the appeal brought
	c.replayRound(t, r.ID)
}

func TestReviewsThatAreRefused(t *testing.T) {
	c := newGivers(t, 2)
	r := c.openedRound(c.newRound("spring"))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	c.movedProject(c.owned(r, grants.Apply, 1, "weir"))
	c.reviewed(r, "weir", "rita", true)
	stale := c.review(r, "mill", "rita", true)
	c.movedProject(c.owned(r, grants.Change, 0, "mill"))
	reject := func(change func(*service.NewReview)) service.NewReview {
		in := c.review(r, "mill", "rita", false)
		change(&in)
		return in
	}
	for _, x := range []struct {
		name string
		kind service.Kind
		code string
		in   service.NewReview
	}{
		{"a text that has changed since", service.KindConflict, "project_seq", stale},
		{"a project that is not there", service.KindNotFound, "not_found", reject(func(in *service.NewReview) { in.Project = "bridge" })},
		{"approved twice", service.KindConflict, grants.RuleState, c.review(r, "weir", "sam", true)},
		{"no reviewer", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Reviewer = "" })},
		{"a reviewer who is no slug", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Reviewer = "Rita R." })},
		{"no ground", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Ground = "" })},
		{"a ground that is none", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Ground = "dislike" })},
		{"no reasons", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Text = nil })},
		{"reasons that nobody can read", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Text = []byte("\x00") })},
		{"approved on a ground", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Approve, in.Text = true, nil })},
		{"approved with reasons", service.KindInvalid, grants.RuleRecord, reject(func(in *service.NewReview) { in.Approve, in.Ground = true, "" })},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.refusedHere(t, x.kind, x.code, func() error { _, err := c.ReviewProject(t.Context(), c.steward, x.in); return err })
		})
	}
	c.replayRound(t, r.ID)
}

// TestAKnownRoundEndsASealedRoundWhateverTheClockSays has a clock that is behind: nobody who could read the
// gifts reviews, withdraws or weighs.
func TestAKnownRoundEndsASealedRoundWhateverTheClockSays(t *testing.T) {
	c := newGivers(t, 1)
	r := c.openedRound(sealed(c.newRound("spring")))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	withdraw, review := c.owned(r, grants.Withdraw, 0, "mill"), c.review(r, "mill", "rita", true)
	b, err := c.network.Sign(r.Beacon)
	must(t, err)
	_, err = c.PasteBeacon(t.Context(), c.operator, r.Chain, b)
	must(t, err)
	for name, act := range map[string]func() error{
		"move":   func() error { _, err := c.MoveProject(t.Context(), withdraw); return err },
		"review": func() error { _, err := c.ReviewProject(t.Context(), c.steward, review); return err },
		"weigh": func() error {
			_, err := c.SetWeights(t.Context(), c.steward, r.ID, service.NewWeights{Source: "x"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { c.refusedHere(t, service.KindConflict, grants.RuleWindow, act) })
	}
	c.replayRound(t, r.ID)
}

func TestTheRollOfARoundIsThatOfItsOpening(t *testing.T) {
	c := newGivers(t, 2)
	r := c.openedRound(c.newRound("spring"))
	_, err := c.MoveMember(t.Context(), "commons", c.statement(identity.ActionSuspend, 1, 2, nil))
	must(t, err)
	c.admit(2)
	c.movedProject(c.owned(r, grants.Apply, 1, "weir")) // suspended since
	late := c.owned(r, grants.Apply, 2, "mill")
	c.refusedHere(t, service.KindForbidden, grants.RuleNotOnRoll, func() error { _, err := c.MoveProject(t.Context(), late); return err })
	c.replayRound(t, r.ID)
}

func TestWeightsThatAreRefused(t *testing.T) {
	c := newGivers(t, 2)
	r := c.openedRound(c.newRound("spring"))
	plain := c.newRound("plain")
	plain.Weights = false
	without := c.openedRound(plain)
	donor := poll.MemberVoter("members", token(0))
	one := func(donor string, ppm int64) []funding.Weight { return []funding.Weight{{Donor: donor, PPM: ppm}} }
	for _, x := range []struct {
		name  string
		round string
		kind  service.Kind
		code  string
		in    service.NewWeights
	}{
		{"a round that wants none", without.ID, service.KindConflict, grants.RuleWeights, service.NewWeights{Source: "x", Weights: one(donor, 1)}},
		{"a stranger", r.ID, service.KindInvalid, grants.RuleWeights, service.NewWeights{Source: "x", Weights: one(poll.MemberVoter("members", token(9)), 1)}},
		{"a seat of the jury", r.ID, service.KindInvalid, grants.RuleWeights, service.NewWeights{Source: "x", Weights: one(poll.SeatVoter(1), 1)}},
		{"a donor twice", r.ID, service.KindInvalid, grants.RuleWeights, service.NewWeights{Source: "x", Weights: append(one(donor, 1), one(donor, 1)...)}},
		{"above a million", r.ID, service.KindInvalid, grants.RuleWeights, service.NewWeights{Source: "x", Weights: one(donor, 1_000_001)}},
		{"below 0", r.ID, service.KindInvalid, grants.RuleWeights, service.NewWeights{Source: "x", Weights: one(donor, -1)}},
		{"no source", r.ID, service.KindInvalid, grants.RuleRecord, service.NewWeights{Weights: one(donor, 1)}},
		{"no round", "nothing", service.KindNotFound, "not_found", service.NewWeights{Source: "x", Weights: one(donor, 1)}},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.refusedHere(t, x.kind, x.code, func() error { _, err := c.SetWeights(t.Context(), c.steward, x.round, x.in); return err })
		})
	}
	c.replayRound(t, r.ID)
}

func TestWeightsAreReplacedUntilTheirTimeEnds(t *testing.T) {
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) {
			c := newGivers(t, 2)
			in := c.newRound("spring")
			if mode == poll.ModeSealed {
				in = sealed(in)
			}
			r := c.openedRound(in)
			weigh := func(list ...funding.Weight) error {
				_, err := c.SetWeights(t.Context(), c.steward, r.ID, service.NewWeights{Source: "scores", Weights: list})
				return err
			}
			first, second := funding.Weight{Donor: poll.MemberVoter("members", token(0)), PPM: 7}, funding.Weight{Donor: poll.MemberVoter("members", token(1)), PPM: 8}
			must(t, weigh(second, first))
			must(t, weigh(first, second)) // the same file again is a version of its own
			must(t, weigh())              // none have one any more
			c.clock.Store(r.GiftsEnd)
			if mode == poll.ModeSealed {
				c.refusedHere(t, service.KindConflict, grants.RuleWindow, func() error { return weigh(first) })
			} else {
				must(t, weigh(first))
			}
			list, err := c.RoundWeights(t.Context(), r.ID)
			must(t, err)
			if list[0].File != list[1].File || list[2].File.Bytes != 0 {
				t.Errorf("files %v", list)
			}
			c.replayRound(t, r.ID)
		})
	}
}
