package store

import (
	"errors"

	"gorm.io/gorm/clause"

	"kleroterion/service"
)

type cursorRow struct {
	Name string `gorm:"primaryKey"`
	Seq  int64
}

func (cursorRow) TableName() string { return "cursors" }

func (r cursorRow) domain() int64 { return r.Seq }

// Cursor implements service.CursorRows.
func (t *tx) Cursor(name string) (seq int64, err error) {
	seq, err = one[cursorRow](t, "cursor "+name, t.orm.Where("name = ?", name))
	if errors.Is(err, service.ErrNotFound) {
		return 0, nil
	}
	return seq, err
}

// SetCursor implements service.CursorRows.
func (t *tx) SetCursor(name string, seq int64) error {
	err := t.orm.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, UpdateAll: true}).
		Create(&cursorRow{Name: name, Seq: seq}).Error
	return t.broken("cursor "+name, err)
}
