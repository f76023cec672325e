package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kleroterion/service/grants"
)

// application is the form for a project: a new one, or one that its owner changes.
type application struct {
	fundingRound
	Open    bool
	Change  bool
	Project string // that is changed
	Title   string
	Owner   string
	Funds   string // account
	Seq     int64  // of the move that would be signed
	Source  string // description as it stands
}

func (p *Pages) apply(c *gin.Context) error {
	r, err := p.readRound(c)
	if err != nil {
		return err
	}
	return p.showApplication(c, application{fundingRound: r, Open: r.Status == "applications", Seq: 1})
}

// change is apply for a project that is there.
func (p *Pages) change(c *gin.Context) error {
	x, err := p.readProject(c)
	if err != nil {
		return err
	}
	a := application{
		fundingRound: x.fundingRound, Change: true, Project: x.P.ID, Title: x.P.Title, Owner: x.P.Owner, Funds: x.P.Account, Seq: x.P.Seq + 1,
		Open: x.Status == "applications" && x.P.State == grants.Applied,
	}
	for _, piece := range x.Text {
		a.Source += piece.Text
	}
	return p.showApplication(c, a)
}

func (p *Pages) showApplication(c *gin.Context, a application) error {
	return p.show(c, "apply", http.StatusOK, view{Title: "Apply: " + a.Terms.Name, Rehearsal: a.Rehearsal, Private: true, Script: "project.js", Page: a})
}
