package store

import (
	"errors"
	"fmt"

	"kleroterion/service"
)

// The statements of an append and of a ballot are written out: a poll runs them for each voter, and
// GORM's way to the same SQL takes longer than SQLite's work on it.

// exec runs one statement and says how many rows it met. The names of its values are $1, $2 and so on,
// which both databases know.
func (t *tx) exec(statement string, args ...any) (int64, error) {
	res, err := t.pool.ExecContext(t.orm.Statement.Context, statement, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// met turns the count of a statement that met no row into none.
func met(n int64, err, none error) error {
	if err == nil && n == 0 {
		return none
	}
	return err
}

// take reads the first row into dst; service.ErrNotFound where there is none.
func (t *tx) take(dst []any, statement string, args ...any) (err error) {
	rows, err := t.pool.QueryContext(t.orm.Statement.Context, statement, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	if !rows.Next() {
		return met(0, rows.Err(), service.ErrNotFound)
	}
	if err := rows.Scan(dst...); err != nil {
		return err
	}
	return rows.Close()
}

// read is take with the error that callers see: what names the row.
func (t *tx) read(what string, dst []any, statement string, args ...any) error {
	err := t.take(dst, statement, args...)
	if errors.Is(err, service.ErrNotFound) {
		return fmt.Errorf("%s: %w", what, err)
	}
	return t.broken(what, err)
}
