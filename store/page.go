package store

import (
	"bytes"
	"fmt"

	"kleroterion/randomness/register"
	"kleroterion/service"
)

type pageRow struct {
	RegisterID string `gorm:"primaryKey"`
	N          int64  `gorm:"primaryKey;autoIncrement:false"`
	FirstID    digest
	Hash       digest
	Data       blob
}

func (pageRow) TableName() string { return "register_pages" }

func (r pageRow) domain() service.Page {
	return service.Page{N: r.N, Hash: r.Hash, Data: r.Data}
}

// AddPages implements service.RegisterRows. After service.ErrExists the transaction is spoilt.
func (t *tx) AddPages(registerID string, pages []service.Page) error {
	firsts := make([][32]byte, len(pages))
	for i, p := range pages {
		id, err := firstID(p.Data)
		if err != nil {
			return t.broken(fmt.Sprintf("page %d of register %s", p.N, registerID), err)
		}
		firsts[i] = id
	}
	return t.insertMany("pages of register "+registerID, batch{
		table:   "register_pages",
		columns: []string{"register_id", "n", "first_id", "hash", "data"},
		rows:    len(pages),
		row: func(i int, dst []any) []any {
			return append(dst, registerID, pages[i].N, firsts[i][:], pages[i].Hash[:], pages[i].Data)
		},
	})
}

// firstID reads the id of a page's first line.
func firstID(data []byte) ([32]byte, error) {
	line, _, ok := bytes.Cut(data, []byte("\n"))
	if !ok {
		return [32]byte{}, fmt.Errorf("first line has no end")
	}
	entry, err := register.ParseLine(line)
	if err != nil {
		return [32]byte{}, fmt.Errorf("first line: %w", err)
	}
	return entry.ID, nil
}

// Pages implements service.RegisterRows.
func (t *tx) Pages(registerID string, from int64, limit int) ([]service.Page, error) {
	q := t.orm.Where("register_id = ? AND n >= ?", registerID, from).Order("n")
	return list[pageRow](t, "pages of register "+registerID, q, limit)
}

// PageHashes implements service.RegisterRows.
func (t *tx) PageHashes(registerID string) ([][32]byte, error) {
	what := "page hashes of register " + registerID
	rows, err := t.orm.Model(&pageRow{}).Select("hash").Where("register_id = ?", registerID).Order("n").Rows()
	if err != nil {
		return nil, t.broken(what, err)
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	hashes := [][32]byte{}
	for rows.Next() {
		var h digest
		if err := rows.Scan(&h); err != nil {
			return nil, t.broken(what, err)
		}
		hashes = append(hashes, h)
	}
	return hashes, t.broken(what, rows.Err())
}

// PageOf implements service.RegisterRows. An id behind the last line answers the last page.
func (t *tx) PageOf(registerID string, id [32]byte) (service.Page, error) {
	q := t.orm.Where("register_id = ? AND first_id <= ?", registerID, digest(id)).Order("first_id DESC")
	return one[pageRow](t, "page of register "+registerID, q)
}

// DropPages implements service.RegisterRows.
func (t *tx) DropPages(registerID string) error {
	res := t.orm.Where("register_id = ?", registerID).Delete(&pageRow{})
	return t.broken("pages of register "+registerID, res.Error)
}
