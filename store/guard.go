package store

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

// guard lets one transaction use a connection and nobody after its end. SQLite's writing connection
// outlives the transaction, so a Tx that was kept would otherwise write into a stranger's.
type guard struct {
	pool    gorm.ConnPool
	onQuery func(took time.Duration, err error)
	before  func(statement string) error // called before each statement; nil for none
	ended   atomic.Bool
}

func (g *guard) end() { g.ended.Store(true) }

// enter lets a statement through, once what has to come before it is done.
func (g *guard) enter(statement string) error {
	if g.ended.Load() {
		return sql.ErrTxDone
	}
	if g.before == nil {
		return nil
	}
	return g.before(statement)
}

func (g *guard) observe(start time.Time, err error) {
	if g.onQuery != nil {
		g.onQuery(time.Since(start), err)
	}
}

// PrepareContext is part of gorm.ConnPool.
func (g *guard) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := g.enter(query); err != nil {
		return nil, err
	}
	return g.pool.PrepareContext(ctx, query)
}

// ExecContext is part of gorm.ConnPool.
func (g *guard) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := g.enter(query); err != nil {
		return nil, err
	}
	start := time.Now()
	res, err := g.pool.ExecContext(ctx, query, args...)
	g.observe(start, err)
	return res, err
}

// QueryContext is part of gorm.ConnPool.
func (g *guard) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := g.enter(query); err != nil {
		return nil, err
	}
	start := time.Now()
	rows, err := g.pool.QueryContext(ctx, query, args...)
	g.observe(start, err)
	return rows, err
}

// QueryRowContext is part of gorm.ConnPool. A *sql.Row cannot be made with an error of ours; an
// ended context gives it one.
func (g *guard) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if g.enter(query) != nil {
		var stop context.CancelFunc
		ctx, stop = context.WithCancel(ctx)
		stop()
	}
	return g.pool.QueryRowContext(ctx, query, args...)
}
