package store

import (
	"bytes"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"kleroterion/service"
)

type residentRow struct {
	RegisterID string `gorm:"primaryKey"`
	RowNumber  int64  `gorm:"primaryKey;autoIncrement:false"`
	ID         digest
	Record     []byte // NULL once erased
	Salt       []byte // NULL once erased
	Line       blob
}

func (residentRow) TableName() string { return "residents" }

func (r residentRow) domain() service.Resident {
	return service.Resident{
		RegisterID: r.RegisterID, Row: r.RowNumber, ID: r.ID, Record: r.Record, Salt: r.Salt, Line: r.Line,
	}
}

var residentColumns = []string{"register_id", "row_number", "id", "record", "salt", "line"}

// AddResidents implements service.ResidentRows. After service.ErrExists the transaction is spoilt. It
// writes in the order of the ids, so that the index of ids is walked once instead of searched for each
// row: the more rows a call has, the less a row costs.
func (t *tx) AddResidents(residents []service.Resident) error {
	residents = slices.Clone(residents)
	slices.SortFunc(residents, func(a, b service.Resident) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return t.insertMany("residents", batch{
		table:   "residents",
		columns: residentColumns,
		rows:    len(residents),
		row: func(i int, dst []any) []any {
			r := &residents[i]
			return append(dst, r.RegisterID, r.Row, r.ID[:], r.Record, r.Salt, r.Line)
		},
	})
}

// Resident implements service.ResidentRows.
func (t *tx) Resident(registerID string, id [32]byte) (service.Resident, error) {
	q := t.orm.Where("register_id = ? AND id = ?", registerID, digest(id))
	return one[residentRow](t, "resident of register "+registerID, q)
}

// Lines implements service.ResidentRows.
func (t *tx) Lines(registerID string, after []byte, limit int) ([]service.Resident, error) {
	what := "lines of register " + registerID
	if limit < 1 {
		return nil, t.broken(what, fmt.Errorf("limit is %d, want at least 1", limit))
	}
	rows, err := t.orm.Raw("SELECT id, line FROM residents WHERE register_id = ? AND id > ? ORDER BY id LIMIT ?",
		registerID, blob(after), limit).Rows()
	if err != nil {
		return nil, t.broken(what, err)
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	out := make([]service.Resident, 0, min(limit, maxBatch))
	for rows.Next() {
		r := service.Resident{RegisterID: registerID}
		if err := rows.Scan((*digest)(&r.ID), &r.Line); err != nil {
			return nil, t.broken(what, err)
		}
		out = append(out, r)
	}
	return out, t.broken(what, rows.Err())
}

// EraseResident implements service.ResidentRows.
func (t *tx) EraseResident(registerID string, id [32]byte) error {
	t.scrub = true
	res := t.orm.Model(&residentRow{}).
		Where("register_id = ? AND id = ? AND record IS NOT NULL", registerID, digest(id)).
		Updates(map[string]any{"record": gorm.Expr("NULL"), "salt": gorm.Expr("NULL")})
	return t.changed("unerased resident of register "+registerID, res, service.ErrNotFound)
}

// DropResidents implements service.ResidentRows.
func (t *tx) DropResidents(registerID string, limit int) (deleted int64, err error) {
	t.scrub = true
	rows := t.orm.Model(&residentRow{}).Select("row_number").Where("register_id = ?", registerID).
		Order("row_number").Limit(limit)
	res := t.orm.Where("register_id = ? AND row_number IN (?)", registerID, rows).Delete(&residentRow{})
	return res.RowsAffected, t.broken("residents of register "+registerID, res.Error)
}
