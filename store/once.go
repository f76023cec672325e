package store

import "kleroterion/service"

type onceRow struct {
	Principal string `gorm:"primaryKey"`
	Key       string `gorm:"primaryKey"`
	Request   digest
	Answer    blob
	At        int64
}

func (onceRow) TableName() string { return "once" }

func (r onceRow) domain() service.Once {
	return service.Once{Principal: r.Principal, Key: r.Key, Request: r.Request, Answer: r.Answer, At: r.At}
}

// Claim implements service.OnceRows.
func (t *tx) Claim(o service.Once) error {
	return t.insert("request "+o.Key, &onceRow{
		Principal: o.Principal, Key: o.Key, Request: o.Request, Answer: o.Answer, At: o.At,
	})
}

// Claimed implements service.OnceRows.
func (t *tx) Claimed(principal, key string) (service.Once, error) {
	return one[onceRow](t, "request "+key, t.orm.Where("principal = ? AND key = ?", principal, key))
}

// DropClaimsBefore implements service.OnceRows.
func (t *tx) DropClaimsBefore(at int64) error {
	return t.broken("old requests", t.orm.Where("at < ?", at).Delete(&onceRow{}).Error)
}
