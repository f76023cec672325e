package store

import (
	"gorm.io/gorm"

	"kleroterion/service"
)

type keyRow struct {
	ID         string `gorm:"primaryKey"`
	City       string
	Community  string
	Role       string
	Label      string
	SecretHash digest
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	ExpiresAt  int64
	RevokedAt  int64
}

func (keyRow) TableName() string { return "keys" }

func (r keyRow) domain() service.Key {
	return service.Key{
		ID: r.ID, City: r.City, Community: r.Community, Role: service.Role(r.Role), Label: r.Label, SecretHash: r.SecretHash,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, RevokedAt: r.RevokedAt,
	}
}

// AddKey implements service.KeyRows.
func (t *tx) AddKey(k service.Key) error {
	return t.insert("key "+k.ID, &keyRow{
		ID: k.ID, City: k.City, Community: k.Community, Role: string(k.Role), Label: k.Label, SecretHash: k.SecretHash,
		CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt,
	})
}

// Key implements service.KeyRows.
func (t *tx) Key(id string) (service.Key, error) {
	return one[keyRow](t, "key "+id, t.orm.Where("id = ?", id))
}

// Keys implements service.KeyRows. Stewards belong to no city either, and are not among the operators.
func (t *tx) Keys(city string) ([]service.Key, error) {
	return all[keyRow](t, "keys", t.orm.Where("city = ? AND community = ''", city).Order("created_at, id"))
}

// StewardKeys implements service.KeyRows.
func (t *tx) StewardKeys(community string) ([]service.Key, error) {
	q := t.orm.Where("community = ? AND community <> ''", community).Order("created_at, id")
	return all[keyRow](t, "keys of stewards", q)
}

// RevokeKey implements service.KeyRows. A key that is revoked already keeps its first time.
func (t *tx) RevokeKey(id string, at int64) error {
	res := t.orm.Model(&keyRow{}).Where("id = ?", id).
		Update("revoked_at", gorm.Expr("CASE WHEN revoked_at = 0 THEN ? ELSE revoked_at END", at))
	return t.changed("key "+id, res, service.ErrNotFound)
}
