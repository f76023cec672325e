package web

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
	"kleroterion/service/grants"
)

// project is one project of a funding round as people see it.
type project struct {
	fundingRound
	P       service.Project
	Text    []piece
	History []actRow
	Row     *projectRow // by the gifts so far; nil: there are no figures
	Sheet   *sheet      // nil before the result
	Changes bool        // its owner may change the application
	Appeals bool
	Leaves  bool // its owner may withdraw it
	Script  bool
}

// actRow is one move in words.
type actRow struct {
	N, At    int64
	Text     string
	Reasons  []piece
	Digest   string // of a text that the log names, "" where there is none
	Reviewer string
}

func (p *Pages) project(c *gin.Context) error {
	ctx := c.Request.Context()
	x, err := p.readProject(c)
	if err != nil {
		return err
	}
	moves, err := p.Service.ProjectMoves(ctx, x.ID, x.P.ID)
	if err != nil {
		return err
	}
	if x.History, err = p.history(ctx, moves); err != nil {
		return err
	}
	switch {
	case x.Versions > 0 && x.P.State == grants.Approved:
		first, _ := strconv.Atoi(c.Query("from"))
		if err := p.explain(ctx, &x, first); err != nil {
			return err
		}
	case x.State != service.RoundVoid && !x.Sealed() && x.P.State == grants.Approved:
		if err := p.fillRow(ctx, &x); err != nil {
			return err
		}
	}
	x.may(p.Now().Unix())
	script := ""
	if x.Script {
		script = "project.js"
	}
	return p.show(c, "project", 200, view{Title: x.P.Title, Rehearsal: x.Rehearsal, Script: script, Page: x})
}

func (p *Pages) readProject(c *gin.Context) (x project, err error) {
	ctx := c.Request.Context()
	id, err := named(c, "project")
	if err != nil {
		return x, err
	}
	if x.fundingRound, err = p.readRound(c); err != nil {
		return x, err
	}
	if x.P, err = p.Service.Project(ctx, x.ID, id); err != nil {
		return x, err
	}
	text, err := p.Service.Blob(ctx, x.P.Text.SHA256)
	x.Text = linked(string(text))
	return x, err
}

// history says each move, with the reasons of those that have some.
func (p *Pages) history(ctx context.Context, moves []service.ProjectAct) (list []actRow, err error) {
	for _, mv := range moves {
		row := actRow{N: mv.N, At: mv.At, Text: actWords[mv.Act], Reviewer: mv.Reviewer}
		if mv.Ground != "" {
			row.Text += ": " + groundsOf[mv.Ground]
		}
		if mv.Text != nil {
			row.Digest = mv.Text.SHA256.String()
		}
		if mv.Text != nil && (mv.Act == grants.Reject || mv.Act == grants.Appeal) {
			text, err := p.Service.Blob(ctx, mv.Text.SHA256)
			if err != nil {
				return nil, err
			}
			row.Reasons = linked(string(text))
		}
		list = append(list, row)
	}
	return list, nil
}

// fillRow takes the project's row from the estimate.
func (p *Pages) fillRow(ctx context.Context, x *project) error {
	e, err := p.Service.Estimate(ctx, x.ID)
	if service.KindOf(err) == service.KindConflict { // void meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	for _, q := range e.Projects {
		if q.Project == x.P.ID {
			row := projectRow{ID: q.Project, Title: x.P.Title, Donors: q.Donors, Given: q.Sum, Match: q.Amount, Gets: q.Amount, Capped: q.Capped}
			row.draw(x.Asset, row.total())
			x.Row = &row
		}
	}
	return nil
}

// may says what the owner can do at this second.
func (x *project) may(now int64) {
	open := x.State == service.RoundOpen && now < x.GiftsEnd
	x.Changes = open && x.P.State == grants.Applied && now < x.Terms.ApplicationsEnd
	x.Appeals = open && x.P.State == grants.Rejected && x.P.Appeals == 0 && now < x.P.RejectedAt+x.Terms.Appeal
	x.Leaves = open && x.P.State != grants.Withdrawn
	x.Script = x.Appeals || x.Leaves
}

// AppealUntil is when it is too late to appeal.
func (x project) AppealUntil() int64 { return min(x.P.RejectedAt+x.Terms.Appeal, x.GiftsEnd) }

// Next is the number of the move that its owner would sign.
func (x project) Next() int64 { return x.P.Seq + 1 }
