package store

import (
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

type drawRow struct {
	ID         string `gorm:"primaryKey"`
	City       string
	Subject    string
	Seq        int64
	State      string
	RegisterID string
	LotteryID  string
	Manifest   blob
	Commitment digest
	Chain      digest
	Round      uint64
	DrawTime   int64
	DueAt      int64
	Rehearsal  bool
	Result     blob
	VoidReason string
	OpenedAt   int64
	ClosedAt   int64
	Version    int64
}

func (drawRow) TableName() string { return "draws" }

func newDrawRow(d service.Draw) drawRow {
	return drawRow{
		ID: d.ID, City: d.City, Subject: d.Subject, Seq: d.Seq, State: string(d.State),
		RegisterID: d.RegisterID, LotteryID: d.LotteryID, Manifest: d.Manifest, Commitment: digest(d.Commit),
		Chain: digest(d.Chain), Round: d.Round, DrawTime: d.DrawTime, DueAt: d.DueAt,
		Rehearsal: d.Rehearsal, Result: d.Result, VoidReason: d.VoidReason,
		OpenedAt: d.OpenedAt, ClosedAt: d.ClosedAt, Version: d.Version,
	}
}

func (r drawRow) domain() service.Draw {
	return service.Draw{
		ID: r.ID, City: r.City, Subject: r.Subject, Seq: r.Seq, State: service.DrawState(r.State),
		RegisterID: r.RegisterID, LotteryID: r.LotteryID, Manifest: r.Manifest, Commit: beacon.Hash(r.Commitment),
		Chain: beacon.Hash(r.Chain), Round: r.Round, DrawTime: r.DrawTime, DueAt: r.DueAt,
		Rehearsal: r.Rehearsal, Result: r.Result, VoidReason: r.VoidReason,
		OpenedAt: r.OpenedAt, ClosedAt: r.ClosedAt, Version: r.Version,
	}
}

// AddDraw implements service.DrawRows.
func (t *tx) AddDraw(d service.Draw) error {
	row := newDrawRow(d)
	return t.insert(fmt.Sprintf("draw %d of %s", d.Seq, d.Subject), &row)
}

// Draw implements service.DrawRows.
func (t *tx) Draw(id string) (service.Draw, error) {
	return one[drawRow](t, "draw "+id, t.orm.Where("id = ?", id))
}

// DrawByCommit implements service.DrawRows.
func (t *tx) DrawByCommit(commit beacon.Hash) (service.Draw, error) {
	return one[drawRow](t, "draw with commit "+commit.String(), t.orm.Where("commitment = ?", digest(commit)))
}

// DrawsOf implements service.DrawRows.
func (t *tx) DrawsOf(subject string) ([]service.Draw, error) {
	return all[drawRow](t, "draws of "+subject, t.orm.Where("subject = ?", subject).Order("seq"))
}

// Draws implements service.DrawRows.
func (t *tx) Draws(city, after string, limit int) ([]service.Draw, error) {
	q := t.orm.Order("id DESC")
	if city != "" {
		q = q.Where("city = ?", city)
	}
	if after != "" {
		q = q.Where("id < ?", after)
	}
	return list[drawRow](t, "draws", q, limit)
}

// UpdateDraw implements service.DrawRows.
func (t *tx) UpdateDraw(d service.Draw) error {
	row := newDrawRow(d)
	row.Version++
	res := t.orm.Model(&drawRow{}).Where("id = ? AND version = ?", d.ID, d.Version).
		Select("*").Omit("id").Updates(&row)
	return t.changed("draw "+d.ID, res, service.ErrStale)
}
