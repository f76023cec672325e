package store

import "kleroterion/service"

type proposalRow struct {
	ID         string `gorm:"primaryKey"`
	City       string
	Request    blob
	ProposedBy string
	ApprovedBy string
	State      string
	DrawID     string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	Version    int64
}

func (proposalRow) TableName() string { return "proposals" }

func newProposalRow(p service.Proposal) proposalRow {
	return proposalRow{
		ID: p.ID, City: p.City, Request: p.Request, ProposedBy: p.ProposedBy, ApprovedBy: p.ApprovedBy,
		State: string(p.State), DrawID: p.DrawID, CreatedAt: p.CreatedAt, Version: p.Version,
	}
}

func (r proposalRow) domain() service.Proposal {
	return service.Proposal{
		ID: r.ID, City: r.City, Request: r.Request, ProposedBy: r.ProposedBy, ApprovedBy: r.ApprovedBy,
		State: service.ProposalState(r.State), DrawID: r.DrawID, CreatedAt: r.CreatedAt, Version: r.Version,
	}
}

// AddProposal implements service.ProposalRows.
func (t *tx) AddProposal(p service.Proposal) error {
	row := newProposalRow(p)
	return t.insert("proposal "+p.ID, &row)
}

// Proposal implements service.ProposalRows.
func (t *tx) Proposal(id string) (service.Proposal, error) {
	return one[proposalRow](t, "proposal "+id, t.orm.Where("id = ?", id))
}

// Proposals implements service.ProposalRows.
func (t *tx) Proposals(city, after string, limit int) ([]service.Proposal, error) {
	q := t.orm.Where("city = ?", city).Order("id DESC")
	if after != "" {
		q = q.Where("id < ?", after)
	}
	return list[proposalRow](t, "proposals of "+city, q, limit)
}

// UpdateProposal implements service.ProposalRows.
func (t *tx) UpdateProposal(p service.Proposal) error {
	row := newProposalRow(p)
	row.Version++
	res := t.orm.Model(&proposalRow{}).Where("id = ? AND version = ?", p.ID, p.Version).
		Select("State", "DrawID", "ApprovedBy", "Version").Updates(&row)
	return t.changed("proposal "+p.ID, res, service.ErrStale)
}
