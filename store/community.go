package store

import (
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

type communityRow struct {
	Slug      string `gorm:"primaryKey"`
	Name      string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (communityRow) TableName() string { return "communities" }

func (r communityRow) domain() service.Community { return service.Community(r) }

// AddCommunity implements service.CommunityRows.
func (t *tx) AddCommunity(c service.Community) error {
	row := communityRow(c)
	return t.insert("community "+c.Slug, &row)
}

// Community implements service.CommunityRows.
func (t *tx) Community(slug string) (service.Community, error) {
	return one[communityRow](t, "community "+slug, t.orm.Where("slug = ?", slug))
}

// Communities implements service.CommunityRows.
func (t *tx) Communities(after string, limit int) ([]service.Community, error) {
	return list[communityRow](t, "communities", t.orm.Where("slug > ?", after).Order("slug"), limit)
}

type charterRow struct {
	Community string `gorm:"primaryKey"`
	Seq       int64  `gorm:"primaryKey;autoIncrement:false"`
	Hash      digest
	Charter   blob
	At        int64
	Effective int64
	Poll      string
}

func (charterRow) TableName() string { return "charters" }

func (r charterRow) domain() service.Charter {
	return service.Charter{
		Community: r.Community, Seq: r.Seq, Hash: beacon.Hash(r.Hash), Charter: r.Charter,
		At: r.At, Effective: r.Effective, Poll: r.Poll,
	}
}

// AddCharter implements service.CommunityRows.
func (t *tx) AddCharter(c service.Charter) error {
	return t.insert(fmt.Sprintf("charter %d of %s", c.Seq, c.Community), &charterRow{
		Community: c.Community, Seq: c.Seq, Hash: digest(c.Hash), Charter: c.Charter,
		At: c.At, Effective: c.Effective, Poll: c.Poll,
	})
}

// Charters implements service.CommunityRows.
func (t *tx) Charters(community string) ([]service.Charter, error) {
	return all[charterRow](t, "charters of "+community, t.orm.Where("community = ?", community).Order("seq"))
}
