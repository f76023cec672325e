package store

import "kleroterion/service"

type cityRow struct {
	Slug      string `gorm:"primaryKey"`
	Name      string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (cityRow) TableName() string { return "cities" }

func (r cityRow) domain() service.City { return service.City(r) }

// AddCity implements service.CityRows.
func (t *tx) AddCity(c service.City) error {
	r := cityRow(c)
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
