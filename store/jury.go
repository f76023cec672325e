package store

import (
	"fmt"

	"gorm.io/gorm/clause"

	"kleroterion/service"
)

type juryRow struct {
	Subject    string `gorm:"primaryKey"`
	DrawID     string
	City       string
	RegisterID string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (juryRow) TableName() string { return "juries" }

func (r juryRow) domain() service.Jury {
	return service.Jury{Subject: r.Subject, DrawID: r.DrawID, City: r.City, Register: r.RegisterID, CreatedAt: r.CreatedAt}
}

// AddJury implements service.JuryRows.
func (t *tx) AddJury(j service.Jury) error {
	return t.insert("jury "+j.Subject, &juryRow{
		Subject: j.Subject, DrawID: j.DrawID, City: j.City, RegisterID: j.Register, CreatedAt: j.CreatedAt,
	})
}

// Jury implements service.JuryRows.
func (t *tx) Jury(subject string) (service.Jury, error) {
	return one[juryRow](t, "jury "+subject, t.orm.Where("subject = ?", subject))
}

// JuryOf implements service.JuryRows.
func (t *tx) JuryOf(drawID string) (service.Jury, error) {
	return one[juryRow](t, "jury of draw "+drawID, t.orm.Where("draw_id = ?", drawID))
}

type codeRow struct {
	Subject   string `gorm:"primaryKey"`
	Seat      int64  `gorm:"primaryKey;autoIncrement:false"`
	Purpose   string `gorm:"primaryKey"`
	Hash      digest
	Person    string
	Deadline  int64
	PrintedAt int64
	UsedAt    int64
}

func (codeRow) TableName() string { return "codes" }

func (r codeRow) domain() service.Code {
	return service.Code{
		Subject: r.Subject, Seat: r.Seat, Purpose: service.CodePurpose(r.Purpose), Hash: r.Hash,
		Person: r.Person, Deadline: r.Deadline, PrintedAt: r.PrintedAt, UsedAt: r.UsedAt,
	}
}

// PutCode implements service.JuryRows. The digest of another seat's code is a defect of the caller's
// entropy, and spoils the transaction.
func (t *tx) PutCode(c service.Code) error {
	place := []clause.Column{{Name: "subject"}, {Name: "seat"}, {Name: "purpose"}}
	err := t.orm.Clauses(clause.OnConflict{Columns: place, UpdateAll: true}).Create(&codeRow{
		Subject: c.Subject, Seat: c.Seat, Purpose: string(c.Purpose), Hash: c.Hash,
		Person: c.Person, Deadline: c.Deadline, PrintedAt: c.PrintedAt, UsedAt: c.UsedAt,
	}).Error
	return t.broken(fmt.Sprintf("code of seat %d of %s", c.Seat, c.Subject), err)
}

// CodeByHash implements service.JuryRows.
func (t *tx) CodeByHash(hash [32]byte) (service.Code, error) {
	return one[codeRow](t, "code", t.orm.Where("hash = ?", digest(hash)))
}

// UseCode implements service.JuryRows.
func (t *tx) UseCode(hash [32]byte, at int64) error {
	if at < 1 {
		return t.broken("use of a code", fmt.Errorf("time is %d, which stands for unused", at))
	}
	res := t.orm.Model(&codeRow{}).Where("hash = ? AND used_at = 0", digest(hash)).Update("used_at", at)
	return t.changed("unused code", res, service.ErrStale)
}

// DropCodesBefore implements service.JuryRows.
func (t *tx) DropCodesBefore(deadline int64) error {
	t.scrub = true // a code says who was invited to which seat
	return t.broken("old codes", t.orm.Where("deadline < ?", deadline).Delete(&codeRow{}).Error)
}
