package web

import (
	"context"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// fundingRound is a funding round as people see it.
type fundingRound struct {
	service.RoundView
	Community string // its name
	Asset     funding.Asset
	Wait      string // until the stage ends, or its beacon is due
	Stages    []stage
	Rule      string
	Bounds    []string
	Chain     *beacon.Chain
	File      string // name of the bundle
	Topups    []grants.Topup
	Start     funding.Amount // the pool at the opening
	Board     *board         // nil: there are no figures
	Others    []service.Project
	Asked     question
	Outcome   *outcome
	More      bool // there are more projects than are shown
}

// stage is one window of a round.
type stage struct {
	Name, Text  string
	From, Until int64 // Until 0: it has no end
	Now, Over   bool
}

// Sealed reports whether nobody can read what donors give before the end.
func (r fundingRound) Sealed() bool { return r.Beacon != 0 }

// Live reports whether the page changes while it is read.
func (r fundingRound) Live() bool {
	return r.State != service.RoundFinal && r.State != service.RoundVoid
}

func (p *Pages) fundingRound(c *gin.Context) error {
	ctx := c.Request.Context()
	r, err := p.readRound(c)
	if err != nil {
		return err
	}
	if r.Topups, err = p.Service.Topups(ctx, r.ID); err != nil {
		return err
	}
	if r.Outcome, err = p.readOutcome(ctx, r); err != nil {
		return err
	}
	if err := p.fillBoard(ctx, &r); err != nil {
		return err
	}
	if r.Asked, err = p.ask(c, r); err != nil {
		return err
	}
	script := ""
	if r.Live() {
		script = "round.js"
	}
	return p.show(c, "round", 200, view{Title: r.Terms.Name, Rehearsal: r.Rehearsal, Script: script, Page: r})
}

func (p *Pages) readRound(c *gin.Context) (r fundingRound, err error) {
	ctx := c.Request.Context()
	id, err := named(c, "round")
	if err != nil {
		return r, err
	}
	if r.RoundView, err = p.Service.Round(ctx, id); err != nil {
		return r, err
	}
	place, err := p.Service.Community(ctx, r.RoundView.Community)
	if err != nil {
		return r, err
	}
	r.Community = place.Name
	for _, chain := range p.Service.ChainList() {
		if chain.Hash == r.RoundView.Chain {
			r.Chain = chain
		}
	}
	r.fill(p.Now())
	return r, nil
}

func (r *fundingRound) fill(now time.Time) {
	m := r.Terms
	r.File = strings.ReplaceAll(r.Subject, "/", "_") + ".klero"
	if m.Params.Asset != nil {
		r.Asset = *m.Params.Asset
	}
	r.Start, r.Rule, r.Bounds = m.Params.Pool, ruleWords(m.Params.Rule), boundsOf(m, r.Asset)
	r.Stages = stagesOf(r.RoundView)
	for _, end := range []struct {
		status string
		at     int64
	}{{"announced", r.Opens}, {"applications", m.ApplicationsEnd}, {"review", r.GiftsStart}, {"gifts", r.GiftsEnd}, {"closed", r.DueAt}} {
		if left := time.Unix(end.at, 0).Sub(now); end.status == r.Status && left > 0 {
			r.Wait = span(left)
		}
	}
}

// stagesOf is the timeline of a round.
func stagesOf(r service.RoundView) []stage {
	m := r.Terms
	list := []stage{{Name: "Applications", Text: "Members apply with projects.", From: m.Opens, Until: m.ApplicationsEnd, Now: r.Status == "applications"}}
	if m.ApplicationsEnd < m.GiftsStart {
		list = append(list, stage{Name: "Review", Text: "Reviewers approve or reject.", From: m.ApplicationsEnd, Until: m.GiftsStart, Now: r.Status == "review"})
	}
	list = append(list, stage{Name: "Gifts", Text: "Members give to projects.", From: m.GiftsStart, Until: m.GiftsEnd, Now: r.Status == "gifts"})
	if m.Mode == poll.ModeSealed {
		list = append(list, stage{Name: "Opening", Text: "The sealed gifts open with a public random number.", From: r.DueAt, Now: r.Status == "closed"})
	} else {
		list = append(list, stage{Name: "Result", Text: "The pool is matched.", From: m.GiftsEnd, Now: r.Status == "closed"})
	}
	before := r.Status != "announced"
	for i := range list {
		before = before && !list[i].Now
		list[i].Over = before && r.Status != "void" && i < len(list)-1
	}
	return list
}

// fillBoard adds the projects and, where there are some, figures. A round that is void meanwhile has none.
func (p *Pages) fillBoard(ctx context.Context, r *fundingRound) error {
	list, err := p.Service.Projects(ctx, r.ID, service.Window{Limit: most})
	if err != nil {
		return err
	}
	r.More = len(list) == most
	for _, x := range list {
		if x.State != grants.Approved || r.State == service.RoundVoid {
			r.Others = append(r.Others, x)
		}
	}
	if r.Outcome != nil || r.State == service.RoundVoid {
		return nil
	}
	e, err := p.Service.Estimate(ctx, r.ID)
	if service.KindOf(err) == service.KindConflict {
		return nil
	}
	if err != nil {
		return err
	}
	r.Board, err = newBoard(e, r.Asset, p.titlesOf(ctx, r.ID, list))
	return err
}

// titlesOf finds what projects are called: those of the list are at hand, others are asked for.
func (p *Pages) titlesOf(ctx context.Context, round string, list []service.Project) titles {
	known := map[string]string{}
	for _, x := range list {
		known[x.ID] = x.Title
	}
	return func(id string) (string, error) {
		if title, has := known[id]; has {
			return title, nil
		}
		x, err := p.Service.Project(ctx, round, id)
		return x.Title, err
	}
}
