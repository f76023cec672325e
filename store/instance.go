package store

import (
	"context"
	"errors"
	"fmt"

	"kleroterion/service"
)

// Instance says whose log the database holds. It is written once.
type Instance struct {
	Origin    string // name of the log and of its key
	VKey      string // verifier key in the form of golang.org/x/mod/sumdb/note
	CreatedAt int64
}

type instanceRow struct {
	ID        int64 `gorm:"primaryKey;autoIncrement:false"` // 1
	Origin    string
	VKey      string `gorm:"column:vkey"`
	CreatedAt int64  `gorm:"autoCreateTime:false"`
}

func (instanceRow) TableName() string { return "instance" }

func (r instanceRow) domain() Instance {
	return Instance{Origin: r.Origin, VKey: r.VKey, CreatedAt: r.CreatedAt}
}

// ErrOtherLog reports a key or origin that is not that of the database's log.
var ErrOtherLog = errors.New("not the log of this database")

// KeepInstance gives the database its log. Repeated with the same origin and key it does nothing;
// with another it is ErrOtherLog.
func (db *DB) KeepInstance(ctx context.Context, i Instance) error {
	return db.engine.write(ctx, func(t *tx) error {
		err := t.insert("instance", &instanceRow{ID: 1, Origin: i.Origin, VKey: i.VKey, CreatedAt: i.CreatedAt})
		if !errors.Is(err, service.ErrExists) {
			return err
		}
		kept, err := t.instance()
		if err != nil {
			return err
		}
		if kept.Origin != i.Origin || kept.VKey != i.VKey {
			return fmt.Errorf("%w: it belongs to %s with key %s, this is %s with key %s", ErrOtherLog, kept.Origin, kept.VKey, i.Origin, i.VKey)
		}
		return nil
	})
}

// Instance returns whose log this is, service.ErrNotFound before KeepInstance.
func (db *DB) Instance(ctx context.Context) (i Instance, err error) {
	err = db.engine.read(ctx, func(t *tx) error {
		i, err = t.instance()
		return err
	})
	return i, err
}

func (t *tx) instance() (Instance, error) {
	return one[instanceRow](t, "instance", t.orm.Where("id = 1"))
}
