package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"gorm.io/gorm"
)

const (
	maxPrepared  = 256  // statements that a connection keeps; this package has fewer short ones
	maxStatement = 4096 // bytes; those of many rows are longer, come seldom and would hold memory
)

// prepared is SQLite's writing connection with the statements that it has parsed. Parsing costs as much
// as running where a transaction reads and writes a few rows, and they are the same few every time.
type prepared struct {
	conn *sql.Conn
	mu   sync.Mutex
	kept map[string]*sql.Stmt
}

var _ gorm.ConnPool = (*prepared)(nil)

// statement returns the parsed statement, nil for one that is not to be kept. None is ever dropped: to
// close one waits for whoever reads its rows.
func (p *prepared) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if len(query) > maxStatement {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.kept[query]; s != nil || len(p.kept) >= maxPrepared {
		return s, nil
	}
	s, err := p.conn.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept until close
	if err != nil {
		return nil, err
	}
	p.kept[query] = s
	return s, nil
}

// PrepareContext is part of gorm.ConnPool.
func (p *prepared) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.conn.PrepareContext(ctx, query)
}

// ExecContext is part of gorm.ConnPool.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.statement(ctx, query) //nolint:sqlclosecheck // kept until close
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return p.conn.ExecContext(ctx, query, args...)
	}
	return s.ExecContext(ctx, args...)
}

// QueryContext is part of gorm.ConnPool.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(ctx, query) //nolint:sqlclosecheck // kept until close
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return p.conn.QueryContext(ctx, query, args...)
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext is part of gorm.ConnPool. A statement that cannot be parsed says so once more.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s, err := p.statement(ctx, query); err == nil && s != nil { //nolint:sqlclosecheck // kept until close
		return s.QueryRowContext(ctx, args...)
	}
	return p.conn.QueryRowContext(ctx, query, args...)
}

// close ends the statements and their connection.
func (p *prepared) close() error {
	var errs []error
	for _, s := range p.kept {
		errs = append(errs, s.Close())
	}
	if err := errors.Join(append(errs, p.conn.Close())...); err != nil {
		return fmt.Errorf("writing connection: %w", err)
	}
	return nil
}
