package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// attempt runs fn in one transaction. Its COMMIT cannot be cancelled, only the statements of fn can:
// an answer that came too late would otherwise look like a failure.
func (e *postgresEngine) attempt(ctx context.Context, o *sql.TxOptions, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	running, err := e.begin(context.WithoutCancel(ctx), o)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { _ = running.Rollback() }() // nothing after Commit; it also ends a fn that panics
	if err := newTx(ctx, e.orm, &guard{pool: running, onQuery: e.options.OnQuery}).run(fn); err != nil {
		return err
	}
	return committed(running.Commit())
}

// begin passes over connections that the server has ended while they were idle, as it does when it
// restarts: nothing has been done on them yet.
func (e *postgresEngine) begin(ctx context.Context, o *sql.TxOptions) (t *sql.Tx, err error) {
	for range e.options.Connections + 1 {
		if t, err = e.pool.BeginTx(ctx, o); err == nil || !dead(err) {
			break
		}
	}
	return t, err
}

// dead reports an error of a connection that was good once. One that could not be made is another
// matter, and so is any refusal by a server that goes on.
func dead(err error) bool {
	var said *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case errors.As(err, &connect), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &said):
		return said.Code == "57P01" || said.Code == "57P02" // admin_shutdown, crash_shutdown
	}
	return true
}

// committed names the one failure after which the caller must look: the server may have committed
// before the connection broke.
func committed(err error) error {
	var said *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said):
		return fmt.Errorf("commit: %w", err)
	}
	return fmt.Errorf("commit: the connection broke, and whether it happened is not known: %w", err)
}
