package store

import (
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

type projectRow struct {
	Round      string `gorm:"primaryKey"`
	ID         string `gorm:"primaryKey"`
	AppliedAt  int64
	Owner      string
	Title      string
	Account    string
	TextBytes  int64
	TextSHA256 digest `gorm:"column:text_sha256"`
	State      string
	Seq        int64
	RejectedAt int64
	Decided    texts
	Appeals    int64
}

func (projectRow) TableName() string { return "projects" }

func newProjectRow(p service.Project) projectRow {
	return projectRow{
		Round: p.Round, ID: p.ID, AppliedAt: p.AppliedAt, Owner: p.Owner, Title: p.Title, Account: p.Account,
		TextBytes: p.Text.Bytes, TextSHA256: digest(p.Text.SHA256), State: string(p.State), Seq: p.Seq,
		RejectedAt: p.RejectedAt, Decided: p.Decided, Appeals: p.Appeals,
	}
}

func (r projectRow) domain() service.Project {
	return service.Project{Round: r.Round, AppliedAt: r.AppliedAt, Project: grants.Project{
		ID: r.ID, Owner: r.Owner, Title: r.Title, Account: r.Account,
		Text:  poll.File{Bytes: r.TextBytes, SHA256: beacon.Hash(r.TextSHA256)},
		State: grants.State(r.State), Seq: r.Seq, RejectedAt: r.RejectedAt, Decided: r.Decided, Appeals: r.Appeals,
	}}
}

// PutProject implements service.ProjectRows.
func (t *tx) PutProject(p service.Project) error {
	what := fmt.Sprintf("move %d of project %s in round %s", p.Seq, p.ID, p.Round)
	row := newProjectRow(p)
	if p.Seq == 1 {
		err := t.insert(what, &row)
		if errors.Is(err, service.ErrExists) {
			err = fmt.Errorf("%s: the project is kept already: %w", what, service.ErrStale)
		}
		return err
	}
	res := t.orm.Model(&projectRow{}).Where("round = ? AND id = ? AND seq = ?", p.Round, p.ID, p.Seq-1).
		Select("*").Omit("round", "id").Updates(&row)
	return t.changed(what, res, service.ErrStale)
}

// Project implements service.ProjectRows.
func (t *tx) Project(round, id string) (service.Project, error) {
	r := projectRow{Round: round, ID: id}
	err := t.read("project "+id+" in round "+round,
		[]any{&r.AppliedAt, &r.Owner, &r.Title, &r.Account, &r.TextBytes, &r.TextSHA256, &r.State, &r.Seq, &r.RejectedAt, &r.Decided, &r.Appeals},
		`SELECT applied_at, owner, title, account, text_bytes, text_sha256, state, seq, rejected_at, decided, appeals
		FROM projects WHERE round = $1 AND id = $2`, round, id)
	if err != nil {
		return service.Project{}, err
	}
	return r.domain(), nil
}

// Projects implements service.ProjectRows.
func (t *tx) Projects(round, after string, limit int) ([]service.Project, error) {
	q := t.orm.Where("round = ? AND id > ?", round, after).Order("id")
	return list[projectRow](t, "projects of round "+round, q, limit)
}

// CountProjects implements service.ProjectRows.
func (t *tx) CountProjects(round string, state grants.State) (n int64, err error) {
	q := t.orm.Model(&projectRow{}).Where("round = ? AND state = ?", round, string(state))
	return n, t.broken("projects of round "+round, q.Count(&n).Error)
}
