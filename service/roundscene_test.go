package service_test

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// newGivers is a community with n members and no jury: all that a funding round needs.
func newGivers(t testing.TB, n int) *polity {
	t.Helper()
	c := &polity{world: newWorld(t), steward: service.Actor{KeyID: "stew", Role: service.RoleSteward, Community: "commons"}, keys: map[string]ed25519.PrivateKey{}}
	_, err := c.AddCommunity(t.Context(), c.operator, service.NewCommunity{Slug: "commons", Name: "The Commons"})
	must(t, err)
	c.adoptFirst(nil)
	for i := range n {
		c.admit(i)
	}
	return c
}

// newRound asks for an open round whose applications end after 1000 seconds, whose gifts begin after 2000 and
// end after 3000.
func (c *polity) newRound(slug string) service.NewRound {
	now := c.clock.Load()
	return service.NewRound{Community: "commons", Asked: grants.Asked{
		Slug: slug, Name: "The spring round", ApplicationsEnd: now + 1000, GiftsStart: now + 2000, GiftsEnd: now + 3000, Appeal: 500,
		Mode: poll.ModeOpen, Self: grants.SelfRefused, Weights: true,
		Params: funding.Params{Asset: &funding.Asset{Code: "EUR", Decimals: 2}, Pool: funding.Units(100_000), Rule: funding.Quadratic, Spec: funding.Spec},
	}}
}

// sealed makes it a round of sealed gifts.
func sealed(in service.NewRound) service.NewRound {
	in.Mode, in.Size = poll.ModeSealed, 512
	return in
}

func (c *polity) openedRound(in service.NewRound) service.RoundView {
	c.t.Helper()
	r, err := c.OpenRound(c.t.Context(), c.steward, in)
	must(c.t, err)
	return r
}

// owned is what member i signs about a project, as its next move by what is recorded now. Texts are made up
// where the act has one.
func (c *polity) owned(r service.RoundView, act grants.Act, i int, project string) service.NewProjectMove {
	c.t.Helper()
	mv := grants.Move{Act: act, Project: project}
	var text []byte
	if act != grants.Withdraw {
		text = []byte("Why " + project + " is needed:\n" + string(act))
		file := poll.FileOf(text)
		mv.Text = &file
	}
	if act == grants.Apply || act == grants.Change {
		mv.Owner, mv.Title, mv.Account = token(i), "The "+project, "DE-"+project
	}
	p, err := c.Project(c.t.Context(), r.ID, project)
	if err != nil && service.KindOf(err) != service.KindNotFound {
		c.t.Fatal(err)
	}
	return service.NewProjectMove{RoundID: r.ID, Move: c.signedMove(r, mv, i, p.Seq+1), Text: text}
}

func (c *polity) signedMove(r service.RoundView, mv grants.Move, i int, seq int64) grants.Move {
	c.t.Helper()
	mv, err := mv.Sign(c.keys[poll.MemberVoter("members", token(i))], r.Hash, seq)
	must(c.t, err)
	return mv
}

func (c *polity) movedProject(in service.NewProjectMove) service.Project {
	c.t.Helper()
	p, err := c.MoveProject(c.t.Context(), in)
	must(c.t, err)
	return p
}

// review is a decision about the project as it is now.
func (c *polity) review(r service.RoundView, project, reviewer string, approve bool) service.NewReview {
	c.t.Helper()
	p, err := c.Project(c.t.Context(), r.ID, project)
	must(c.t, err)
	in := service.NewReview{RoundID: r.ID, Project: project, Reviewer: reviewer, Approve: approve, Seq: p.Seq}
	if !approve {
		in.Ground, in.Text = grants.Evidence, []byte("The offer of the builder is missing.")
	}
	return in
}

func (c *polity) reviewed(r service.RoundView, project, reviewer string, approve bool) service.Project {
	c.t.Helper()
	p, err := c.ReviewProject(c.t.Context(), c.steward, c.review(r, project, reviewer, approve))
	must(c.t, err)
	return p
}

// approvedProjects lets member i apply with the i-th project, and rita approve it.
func (c *polity) approvedProjects(r service.RoundView, projects ...string) {
	c.t.Helper()
	for i, project := range projects {
		c.movedProject(c.owned(r, grants.Apply, i, project))
		c.reviewed(r, project, "rita", true)
	}
}

// logSize is how many records the log has.
func (c *polity) logSize() int64 {
	c.t.Helper()
	head, err := c.LogHead(c.t.Context())
	must(c.t, err)
	return head.Size
}

// refusedHere checks a refusal by kind and code, and that nothing was recorded.
func (c *polity) refusedHere(t *testing.T, kind service.Kind, code string, do func() error) {
	t.Helper()
	before := c.logSize()
	err := do()
	wantRefusal(t, err, kind, code)
	var e *service.Error
	if errors.As(err, &e) && e.Message == "" {
		t.Errorf("the refusal %s says nothing", e.Code)
	}
	if after := c.logSize(); after != before {
		t.Errorf("what was refused by %s added %d records", code, after-before)
	}
}
