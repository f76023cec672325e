package store

import "kleroterion/service"

type cityRow struct {
	Slug      string `gorm:"primaryKey"`
	Name      string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	Approvals int64
}

func (cityRow) TableName() string { return "cities" }

func (r cityRow) domain() service.City { return service.City(r) }

// AddCity implements service.CityRows.
func (t *tx) AddCity(c service.City) error {
	r := cityRow(c)
	r.Approvals = approvals(c.Approvals)
	return t.insert("city "+c.Slug, &r)
}

// City implements service.CityRows.
func (t *tx) City(slug string) (service.City, error) {
	return one[cityRow](t, "city "+slug, t.orm.Where("slug = ?", slug))
}

// Cities implements service.CityRows.
func (t *tx) Cities(after string, limit int) ([]service.City, error) {
	return list[cityRow](t, "cities", t.orm.Where("slug > ?", after).Order("slug"), limit)
}

// SetApprovals implements service.CityRows.
func (t *tx) SetApprovals(slug string, n int64) error {
	res := t.orm.Model(&cityRow{}).Where("slug = ?", slug).Update("approvals", approvals(n))
	return t.changed("city "+slug, res, service.ErrNotFound)
}

// approvals is what a city stores: without a number of its own it needs one official.
func approvals(n int64) int64 {
	if n == 0 {
		return 1
	}
	return n
}
