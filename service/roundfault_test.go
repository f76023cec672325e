package service_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// dying is the real store of a process that dies at the last write of each transaction about rounds.
type dying struct{ service.Store }

type dyingTx struct{ service.Tx }

var errDied = errors.New("the disk is gone")

func (d dying) Write(ctx context.Context, fn func(service.Tx) error) error {
	return d.Store.Write(ctx, func(tx service.Tx) error { return fn(dyingTx{tx}) })
}

func (d dyingTx) UpdateRound(r service.Round) error {
	return errors.Join(d.Tx.UpdateRound(r), errDied)
}

func (d dyingTx) AddAct(a service.Act) error {
	if a.N == 1 { // an opening writes no more than this
		return errors.Join(d.Tx.AddAct(a), errDied)
	}
	return d.Tx.AddAct(a)
}

func TestAnActThatDiesBeforeItsCommitLeavesNothing(t *testing.T) {
	c := newGivers(t, 2)
	r := c.openedRound(c.newRound("spring"))
	c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
	options := c.Options
	options.Store = dying{c.Options.Store}
	died, err := service.New(options)
	must(t, err)
	in, apply, review := c.newRound("other"), c.owned(r, grants.Apply, 1, "weir"), c.review(r, "mill", "rita", false)
	for _, x := range []struct {
		name string
		act  func(*service.Service) error
	}{
		{"open", func(s *service.Service) error { _, err := s.OpenRound(t.Context(), c.steward, in); return err }},
		{"apply", func(s *service.Service) error { _, err := s.MoveProject(t.Context(), apply); return err }},
		{"review", func(s *service.Service) error { _, err := s.ReviewProject(t.Context(), c.steward, review); return err }},
		{"top up", func(s *service.Service) error {
			_, err := s.TopUp(t.Context(), c.steward, r.ID, service.NewTopup{Amount: funding.Units(5), Reference: "x"})
			return err
		}},
		{"weigh", func(s *service.Service) error {
			_, err := s.SetWeights(t.Context(), c.steward, r.ID, service.NewWeights{Source: "x", Weights: []funding.Weight{{Donor: poll.MemberVoter("members", token(0)), PPM: 1}}})
			return err
		}},
		{"void", func(s *service.Service) error { _, err := s.VoidRound(t.Context(), c.steward, r.ID, "x"); return err }},
	} {
		size := c.logSize()
		if err := x.act(died); !errors.Is(err, errDied) {
			t.Errorf("%s: %v, want that the disk is gone", x.name, err)
		}
		if c.logSize() != size {
			t.Errorf("%s left records", x.name)
		}
		c.replayRound(t, r.ID)
		must(t, x.act(c.Service)) // the same again is new
		c.replayRound(t, r.ID)
	}
}

func TestActsThatMeetAreAllRecorded(t *testing.T) {
	c := newGivers(t, 4)
	r := c.openedRound(c.newRound("spring"))
	moves := make([]service.NewProjectMove, 4)
	for i := range moves {
		moves[i] = c.owned(r, grants.Apply, i, fmt.Sprint("project-", i))
	}
	var all sync.WaitGroup
	for i := range moves {
		all.Go(func() {
			_, err := c.MoveProject(t.Context(), moves[i])
			if err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			_, err := c.TopUp(t.Context(), c.steward, r.ID, service.NewTopup{Amount: funding.Units(1), Reference: fmt.Sprint(i)})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := c.replayRound(t, r.ID); len(got.Projects()) != 4 || got.Pool().String() != "100004" {
		t.Errorf("%d projects, pool %s", len(got.Projects()), got.Pool())
	}
}

// crowded is the real store, in which each round has so many approved projects more.
type crowded struct {
	service.Store
	more int64
}

type crowdedTx struct {
	service.Tx
	more int64
}

func (s crowded) Write(ctx context.Context, fn func(service.Tx) error) error {
	return s.Store.Write(ctx, func(tx service.Tx) error { return fn(crowdedTx{tx, s.more}) })
}

func (t crowdedTx) CountProjects(round string, state grants.State) (int64, error) {
	n, err := t.Tx.CountProjects(round, state)
	if state == grants.Approved {
		n += t.more
	}
	return n, err
}

func TestARoundHoldsNoMoreProjectsThanItsRuleMatches(t *testing.T) {
	c := newGivers(t, 1)
	for rule, most := range map[funding.Rule]int64{funding.Cluster: 5_000, funding.Quadratic: 100_000} {
		in := c.newRound("by-" + string(rule))
		in.Params.Rule = rule
		r := c.openedRound(in)
		c.movedProject(c.owned(r, grants.Apply, 0, "mill"))
		c.movedProject(c.owned(r, grants.Apply, 0, "weir"))
		options := c.Options
		options.Store = crowded{c.Options.Store, most - 1}
		full, err := service.New(options)
		must(t, err)
		_, err = full.ReviewProject(t.Context(), c.steward, c.review(r, "mill", "rita", true))
		must(t, err)
		c.refusedHere(t, service.KindConflict, grants.RuleTooMany, func() error {
			_, err := full.ReviewProject(t.Context(), c.steward, c.review(r, "weir", "rita", true))
			return err
		})
		_, err = full.ReviewProject(t.Context(), c.steward, c.review(r, "weir", "rita", false))
		must(t, err) // rejections are always taken
		c.replayRound(t, r.ID)
	}
}

// TestWhateverIsAskedOfARoundItsRecordsReplay asks in any order and at any time, by clocks that go back too:
// what is refused is refused for a rule, and the log is what an auditor accepts.
func TestWhateverIsAskedOfARoundItsRecordsReplay(t *testing.T) {
	c := newGivers(t, 2)
	script := rapid.SliceOfN(rapid.IntRange(0, 1<<16), 60, 60)
	for i := range 2 {
		in := c.newRound(fmt.Sprint("round-", i))
		if i%2 == 1 {
			in = sealed(in)
		}
		r := c.openedRound(in)
		var sent []service.NewProjectMove
		before := c.logSize()
		for _, step := range script.Example(i) {
			if err := c.anyAct(r, step, &sent); service.KindOf(err) == service.KindInternal {
				t.Fatalf("round %d, step %d: %v", i, step, err)
			}
		}
		if c.replayRound(t, r.ID); c.logSize()-before < 8 {
			t.Errorf("round %d took %d of 60 acts: the script says little", i, c.logSize()-before)
		}
		v, err := c.VoidRound(t.Context(), c.steward, r.ID, "the end of the script")
		must(t, err)
		c.audited(v)
	}
}

// anyAct does what a number says.
func (c *polity) anyAct(r service.RoundView, step int, sent *[]service.NewProjectMove) error {
	ctx, who, project := c.t.Context(), step>>4&1, []string{"mill", "weir"}[step>>5&1]
	acts := []grants.Act{grants.Apply, grants.Apply, grants.Change, grants.Appeal, grants.Withdraw}
	switch what := step % 13; what {
	case 0, 1, 2, 3, 4:
		in := c.owned(r, acts[what], who, project)
		*sent = append(*sent, in)
		_, err := c.MoveProject(ctx, in)
		return err
	case 5, 6, 7:
		p, err := c.Project(ctx, r.ID, project)
		if err != nil {
			return err
		}
		in := service.NewReview{RoundID: r.ID, Project: project, Reviewer: []string{"rita", "sam"}[who], Approve: what == 5, Seq: p.Seq}
		if !in.Approve {
			in.Ground, in.Text = grants.Scope, []byte("Not here.")
		}
		_, err = c.ReviewProject(ctx, c.steward, in)
		return err
	case 8:
		_, err := c.TopUp(ctx, c.steward, r.ID, service.NewTopup{Amount: funding.Units(uint64(step) + 1), Reference: "x"})
		return err
	case 9:
		_, err := c.SetWeights(ctx, c.steward, r.ID, service.NewWeights{Source: "x", Weights: []funding.Weight{{Donor: poll.MemberVoter("members", token(who)), PPM: int64(step)}}})
		return err
	case 10:
		if len(*sent) > 0 {
			_, err := c.MoveProject(ctx, (*sent)[step%len(*sent)])
			return err
		}
	}
	c.clock.Add(int64(step%500) - 150)
	return nil
}
