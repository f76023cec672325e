package store

import (
	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

type registerRow struct {
	ID         string `gorm:"primaryKey"`
	City       string
	Name       string
	State      string
	Mapping    blob
	Secret     digest // the register key
	RowCount   int64
	Report     blob
	K          int64
	SmallCells string
	Root       digest
	File       digest
	Bytes      int64
	Features   names
	Households bool
	Sealed     bool
	Erased     int64
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	FrozenAt   int64
	Version    int64
}

func (registerRow) TableName() string { return "registers" }

func newRegisterRow(r service.Register) registerRow {
	return registerRow{
		ID: r.ID, City: r.City, Name: r.Name, State: string(r.State), Mapping: r.Mapping,
		Secret: r.Key, RowCount: r.Rows, Report: r.Report, K: r.K, SmallCells: r.SmallCells,
		Root: digest(r.Root), File: digest(r.File), Bytes: r.Bytes, Features: r.Features,
		Households: r.Households, Sealed: r.Sealed, Erased: r.Erased,
		CreatedAt: r.CreatedAt, FrozenAt: r.FrozenAt, Version: r.Version,
	}
}

func (r registerRow) domain() service.Register {
	return service.Register{
		ID: r.ID, City: r.City, Name: r.Name, State: service.RegisterState(r.State), Mapping: r.Mapping,
		Key: r.Secret, Rows: r.RowCount, Report: r.Report, K: r.K, SmallCells: r.SmallCells,
		Root: beacon.Hash(r.Root), File: beacon.Hash(r.File), Bytes: r.Bytes, Features: r.Features,
		Households: r.Households, Sealed: r.Sealed, Erased: r.Erased,
		CreatedAt: r.CreatedAt, FrozenAt: r.FrozenAt, Version: r.Version,
	}
}

// AddRegister implements service.RegisterRows.
func (t *tx) AddRegister(r service.Register) error {
	row := newRegisterRow(r)
	return t.insert("register "+r.ID, &row)
}

// Register implements service.RegisterRows.
func (t *tx) Register(id string) (service.Register, error) {
	return one[registerRow](t, "register "+id, t.orm.Where("id = ?", id))
}

// RegisterByRoot implements service.RegisterRows.
func (t *tx) RegisterByRoot(root beacon.Hash) (service.Register, error) {
	q := t.orm.Where("root = ? AND state = ?", digest(root), string(service.RegisterFrozen))
	return one[registerRow](t, "frozen register "+root.String(), q.Order("frozen_at DESC, id DESC"))
}

// Registers implements service.RegisterRows.
func (t *tx) Registers(city, after string, limit int) ([]service.Register, error) {
	q := t.orm.Where("city = ? AND id > ?", city, after).Order("id")
	return list[registerRow](t, "registers of "+city, q, limit)
}

// UpdateRegister implements service.RegisterRows.
func (t *tx) UpdateRegister(r service.Register) error {
	row := newRegisterRow(r)
	row.Version++
	res := t.orm.Model(&registerRow{}).Where("id = ? AND version = ?", r.ID, r.Version).
		Select("*").Omit("id").Updates(&row)
	return t.changed("register "+r.ID, res, service.ErrStale)
}
