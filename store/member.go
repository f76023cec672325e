package store

import (
	"errors"
	"fmt"

	"kleroterion/service"
)

type memberRow struct {
	Community  string `gorm:"primaryKey"`
	ID         string `gorm:"primaryKey"`
	State      string
	Key        blob
	Seq        int64
	AdmittedAt int64
	LeftAt     int64
	Version    int64
}

func (memberRow) TableName() string { return "members" }

func newMemberRow(m service.Member) memberRow {
	return memberRow{
		Community: m.Community, ID: m.ID, State: m.State, Key: m.Key, Seq: m.Seq,
		AdmittedAt: m.AdmittedAt, LeftAt: m.LeftAt, Version: m.Version,
	}
}

func (r memberRow) domain() service.Member {
	return service.Member{
		Community: r.Community, ID: r.ID, State: r.State, Key: r.Key, Seq: r.Seq,
		AdmittedAt: r.AdmittedAt, LeftAt: r.LeftAt, Version: r.Version,
	}
}

// Member implements service.MemberRows.
func (t *tx) Member(community, id string) (service.Member, error) {
	return one[memberRow](t, "member of "+community, t.orm.Where("community = ? AND id = ?", community, id))
}

// PutMember implements service.MemberRows. It looks before it writes, because an update that meets the
// unique index would abort PostgreSQL's transaction; the index is there for what was never to be.
func (t *tx) PutMember(m service.Member) error {
	what := fmt.Sprintf("version %d of a member of %s", m.Version, m.Community)
	if m.Version < 1 {
		return t.broken(what, errors.New("versions begin at 1"))
	}
	switch kept, err := t.Member(m.Community, m.ID); {
	case err != nil && !errors.Is(err, service.ErrNotFound):
		return err
	case kept.Version != m.Version-1:
		return fmt.Errorf("%s: version %d is kept: %w", what, kept.Version, service.ErrStale)
	}
	if err := t.keyFree(m); err != nil {
		return err
	}
	row := newMemberRow(m)
	if m.Version == 1 {
		return t.insert(what, &row)
	}
	res := t.orm.Model(&memberRow{}).Where("community = ? AND id = ? AND version = ?", m.Community, m.ID, m.Version-1).
		Select("*").Omit("community", "id").Updates(&row)
	return t.changed(what, res, service.ErrStale)
}

// keyFree answers service.ErrExists where another member who has not left has the key of m.
func (t *tx) keyFree(m service.Member) error {
	if m.State == "left" {
		return nil
	}
	what := "key of a member of " + m.Community
	var others int64
	err := t.orm.Model(&memberRow{}).
		Where("community = ? AND key = ? AND state <> 'left' AND id <> ?", m.Community, blob(m.Key), m.ID).
		Count(&others).Error
	if err == nil && others > 0 {
		return fmt.Errorf("%s: another has it: %w", what, service.ErrExists)
	}
	return t.broken(what, err)
}

// Members implements service.MemberRows.
func (t *tx) Members(community, after string, limit int) ([]service.Member, error) {
	q := t.orm.Where("community = ? AND id > ?", community, after).Order("id")
	return list[memberRow](t, "members of "+community, q, limit)
}

// CountMembers implements service.MemberRows.
func (t *tx) CountMembers(community string) (active int64, err error) {
	err = t.orm.Model(&memberRow{}).Where("community = ? AND state = 'active'", community).Count(&active).Error
	return active, t.broken("number of members of "+community, err)
}
