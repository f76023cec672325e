package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"kleroterion/service"
	"kleroterion/store/tlog"
)

// tx is one running transaction; the methods of service.Tx are in the file of their resource.
type tx struct {
	orm     *gorm.DB
	pool    *guard
	dialect dialect
	log     *tlog.Log // nil until the first append
	desk    desk
	// settling means that what was promised is being written.
	settling bool
	// spoilt is the first error after which nothing of this transaction may be kept.
	spoilt error
	// scrub asks SQLite to empty its write-ahead log after the commit: personal data was deleted.
	scrub bool
}

var _ service.Tx = (*tx)(nil)

// newTx starts the bookkeeping of a transaction that already runs on pool.
func newTx(ctx context.Context, g *gorm.DB, pool *guard) *tx {
	orm := g.Session(&gorm.Session{NewDB: true, Context: ctx})
	orm.Statement.ConnPool = pool
	t := &tx{orm: orm, pool: pool, dialect: dialect(g.Name())}
	pool.before = t.before
	return t
}

// run calls fn, then ends the transaction for those who kept it. The answer is nil only when all of
// it may be committed.
func (t *tx) run(fn func(*tx) error) error {
	defer t.pool.end()
	err := fn(t)
	if err == nil && t.spoilt == nil {
		err = t.settle()
	}
	switch {
	case t.spoilt == nil:
		return err
	case err == nil:
		return fmt.Errorf("transaction has a failed statement: %w", t.spoilt)
	case errors.Is(err, t.spoilt):
		return err
	}
	return fmt.Errorf("%w (after: %w)", err, t.spoilt)
}

// spoil makes the transaction fail and returns err.
func (t *tx) spoil(err error) error {
	if t.spoilt == nil {
		t.spoilt = err
	}
	return err
}

// broken reports an error that is no ordinary outcome; nil stays nil. An update that runs into another
// row is service.ErrExists, but PostgreSQL has aborted the transaction by then.
func (t *tx) broken(what string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrDuplicatedKey):
		err = fmt.Errorf("%w: %w", service.ErrExists, err)
	}
	return t.spoil(fmt.Errorf("%s: %w", what, err))
}

// found turns the absence of a row into service.ErrNotFound.
func (t *tx) found(what string, err error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, service.ErrNotFound)
	}
	return t.broken(what, err)
}

// insert adds one row. A row that is already there is service.ErrExists and does not disturb the
// transaction, which PostgreSQL would otherwise abort.
func (t *tx) insert(what string, row any) error {
	res := t.orm.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
	if res.Error == nil && res.RowsAffected == 0 {
		return fmt.Errorf("%s: %w", what, service.ErrExists)
	}
	return t.broken(what, res.Error)
}

// changed turns an update that met no row into err.
func (t *tx) changed(what string, res *gorm.DB, err error) error {
	if res.Error == nil && res.RowsAffected == 0 {
		return fmt.Errorf("%s: %w", what, err)
	}
	return t.broken(what, res.Error)
}

// row is a model that knows the domain value it stands for.
type row[T any] interface{ domain() T }

// one reads the row that q selects.
func one[R row[T], T any](t *tx, what string, q *gorm.DB) (T, error) {
	var r R
	if err := q.Take(&r).Error; err != nil {
		var none T
		return none, t.found(what, err)
	}
	return r.domain(), nil
}

// list reads up to limit rows in the order of q.
func list[R row[T], T any](t *tx, what string, q *gorm.DB, limit int) ([]T, error) {
	if limit < 1 {
		return nil, t.broken(what, fmt.Errorf("limit is %d, want at least 1", limit))
	}
	return all[R](t, what, q.Limit(limit))
}

// all reads every row of q.
func all[R row[T], T any](t *tx, what string, q *gorm.DB) ([]T, error) {
	var rows []R
	if err := q.Find(&rows).Error; err != nil {
		return nil, t.broken(what, err)
	}
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = r.domain()
	}
	return out, nil
}
