package store

import (
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/service"
)

type lotteryRow struct {
	ID         string `gorm:"primaryKey"`
	City       string
	RegisterID string
	State      string
	Terms      blob
	Method     string
	Panels     int64
	File       digest
	Bytes      int64
	Root       digest
	Proved     bool
	Gap        string
	Lowest     int64
	Highest    int64
	Job        string
	DrawID     string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	ClosedAt   int64
	Version    int64
}

func (lotteryRow) TableName() string { return "lotteries" }

func newLotteryRow(l service.Lottery) lotteryRow {
	return lotteryRow{
		ID: l.ID, City: l.City, RegisterID: l.RegisterID, State: string(l.State), Terms: l.Terms,
		Method: string(l.Method), Panels: l.Panels, File: digest(l.File), Bytes: l.Bytes, Root: digest(l.Root),
		Proved: l.Proved, Gap: l.Gap, Lowest: l.Lowest, Highest: l.Highest, Job: l.Job, DrawID: l.DrawID,
		CreatedAt: l.CreatedAt, ClosedAt: l.ClosedAt, Version: l.Version,
	}
}

func (r lotteryRow) domain() service.Lottery {
	return service.Lottery{
		ID: r.ID, City: r.City, RegisterID: r.RegisterID, State: service.LotteryState(r.State), Terms: r.Terms,
		Method: panels.Method(r.Method), Panels: r.Panels, File: beacon.Hash(r.File), Bytes: r.Bytes, Root: beacon.Hash(r.Root),
		Proved: r.Proved, Gap: r.Gap, Lowest: r.Lowest, Highest: r.Highest, Job: r.Job, DrawID: r.DrawID,
		CreatedAt: r.CreatedAt, ClosedAt: r.ClosedAt, Version: r.Version,
	}
}

// AddLottery implements service.LotteryRows.
func (t *tx) AddLottery(l service.Lottery) error {
	row := newLotteryRow(l)
	return t.insert("lottery "+l.ID, &row)
}

// Lottery implements service.LotteryRows.
func (t *tx) Lottery(id string) (service.Lottery, error) {
	return one[lotteryRow](t, "lottery "+id, t.orm.Where("id = ?", id))
}

// Lotteries implements service.LotteryRows.
func (t *tx) Lotteries(city, after string, limit int) ([]service.Lottery, error) {
	q := t.orm.Where("city = ?", city).Order("id DESC")
	if after != "" {
		q = q.Where("id < ?", after)
	}
	return list[lotteryRow](t, "lotteries of "+city, q, limit)
}

// UpdateLottery implements service.LotteryRows.
func (t *tx) UpdateLottery(l service.Lottery) error {
	row := newLotteryRow(l)
	row.Version++
	res := t.orm.Model(&lotteryRow{}).Where("id = ? AND version = ?", l.ID, l.Version).
		Select("*").Omit("id").Updates(&row)
	return t.changed("lottery "+l.ID, res, service.ErrStale)
}

type lotteryFileRow struct {
	Lottery string `gorm:"primaryKey"`
	Data    blob
}

func (lotteryFileRow) TableName() string { return "lottery_files" }

// AddLotteryFile implements service.LotteryRows.
func (t *tx) AddLotteryFile(id string, data []byte) error {
	return t.insert("file of lottery "+id, &lotteryFileRow{Lottery: id, Data: data})
}

// LotteryFile implements service.LotteryRows.
func (t *tx) LotteryFile(id string) ([]byte, error) {
	var r lotteryFileRow
	if err := t.orm.Where("lottery = ?", id).Take(&r).Error; err != nil {
		return nil, t.found("file of lottery "+id, err)
	}
	return r.Data, nil
}

// DropLotteryFile implements service.LotteryRows.
func (t *tx) DropLotteryFile(id string) error {
	return t.broken("file of lottery "+id, t.orm.Where("lottery = ?", id).Delete(&lotteryFileRow{}).Error)
}
