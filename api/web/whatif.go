package web

import (
	"errors"

	"github.com/gin-gonic/gin"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/poll"
)

// question is what somebody asks about a gift that they think of.
type question struct {
	Can             bool // such questions can be answered
	Project, Amount string
	Wrong           string
	Answered        bool
	Money           funding.Amount
	Changes         []changeRow
	More            int // changes that are not shown
}

// changeRow is one project's amount before and after.
type changeRow struct {
	Project       string
	Title         string
	Before, After funding.Amount
	Change        string
	Asked         bool // the project of the question
}

// maxChanges is how many projects an answer lists.
const maxChanges = 20

// ask answers the question in the address, if there is one: what a gift would change. It is asked with
// nobody's name in it.
func (p *Pages) ask(c *gin.Context, r fundingRound) (q question, err error) {
	q = question{Project: c.Query("project"), Amount: c.Query("amount")}
	m := r.Terms
	q.Can = r.Board != nil && len(r.Board.Rows) > 0 && m.Mode == poll.ModeOpen && m.Params.Rule != funding.Cluster && r.Status != "closed"
	if !q.Can || q.Project == "" || q.Amount == "" {
		return q, nil
	}
	q.Amount = q.Amount[:min(len(q.Amount), 80)]
	amount, err := readMoney(q.Amount, r.Asset)
	if err != nil {
		return q.refused(err)
	}
	changes, err := p.Service.WhatIf(c.Request.Context(), r.ID, service.WhatIf{Project: q.Project, Amount: amount})
	if err != nil {
		return q.refused(err)
	}
	q.Answered, q.Money = true, amount
	q.list(changes, r)
	return q, nil
}

// refused says why there is no answer. What is no refusal is not for the reader.
func (q question) refused(err error) (question, error) {
	var why *service.Error
	if !errors.As(err, &why) {
		return q, err
	}
	q.Wrong = why.Message
	return q, nil
}

// list puts the project of the question first.
func (q *question) list(changes []funding.Change, r fundingRound) {
	called := map[string]string{}
	for _, row := range r.Board.Rows {
		called[row.ID] = row.Title
	}
	for _, x := range changes {
		row := changeRow{x.Project, called[x.Project], x.Before, x.After, change(x.Before, x.After, r.Asset), x.Project == q.Project}
		if row.Title == "" {
			row.Title = x.Project
		}
		if row.Asked {
			q.Changes = append([]changeRow{row}, q.Changes...)
			continue
		}
		q.Changes = append(q.Changes, row)
	}
	if len(q.Changes) > maxChanges {
		q.More, q.Changes = len(q.Changes)-maxChanges, q.Changes[:maxChanges]
	}
}
