package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/gorm"
)

// postgresEngine is a pool; each transaction takes a connection of its own.
type postgresEngine struct {
	options   Options
	pool      *sql.DB
	orm       *gorm.DB
	conflicts conflicts
	door      door
	writes    atomic.Int64
}

// postgresDSN is what pgx reads: a URL as it is, words after "postgres:" alone.
func postgresDSN(url string) string {
	if _, words, ok := strings.Cut(url, ":"); ok && !strings.HasPrefix(words, "//") {
		return words
	}
	return url
}

func openPostgres(ctx context.Context, dsn string, o Options) (engine, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("address of the database: %w", err) // pgx leaves the password out
	}
	if _, ok := config.RuntimeParams["application_name"]; !ok {
		config.RuntimeParams["application_name"] = "kleroterion"
	}
	e := &postgresEngine{options: o, pool: stdlib.OpenDB(*config), conflicts: conflicts{entropy: o.Entropy}}
	e.pool.SetMaxOpenConns(o.Connections)
	e.pool.SetMaxIdleConns(o.Connections)
	if err := e.start(ctx); err != nil {
		return nil, errors.Join(err, e.pool.Close())
	}
	return e, nil
}

func (e *postgresEngine) start(ctx context.Context) (err error) {
	if err := e.pool.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	if err := checkDurable(ctx, e.pool); err != nil {
		return err
	}
	if err := e.migrate(ctx); err != nil {
		return err
	}
	e.orm, err = newGORM(e.pool, dialectPostgres)
	return err
}

// checkDurable refuses a session whose COMMIT does not wait for the disk: an acknowledged write
// could be lost.
func checkDurable(ctx context.Context, pool *sql.DB) error {
	var mode string
	if err := pool.QueryRowContext(ctx, "SHOW synchronous_commit").Scan(&mode); err != nil {
		return fmt.Errorf("durability of the database: %w", err)
	}
	if mode == "off" {
		return errors.New("synchronous_commit is off for this user or database: set it to on, or acknowledged writes are lost in a crash")
	}
	return nil
}

// migrate applies what is pending where Options allows that. A table lock keeps replicas that start
// together apart; it works where there are no advisory locks.
func (e *postgresEngine) migrate(ctx context.Context) error {
	m, err := newMigrator(e.pool, dialectPostgres)
	if err != nil {
		return err
	}
	have, know, err := m.check(ctx)
	if err != nil || have == know {
		return err
	}
	if !e.options.Migrate {
		return &VersionError{Have: have, Know: know}
	}
	if m.locker, err = newTableLock(); err != nil {
		return fmt.Errorf("migration: %w", err)
	}
	return m.up(ctx)
}

func newTableLock() (lock.Locker, error) {
	return lock.NewPostgresTableLocker(
		lock.WithTableLockTimeout(200*time.Millisecond, 1500), // 5 minutes
		lock.WithTableUnlockTimeout(200*time.Millisecond, 300),
	)
}

func (e *postgresEngine) read(ctx context.Context, fn func(*tx) error) error {
	leave, err := e.door.enter()
	if err != nil {
		return err
	}
	defer leave()
	return e.attempt(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
}

func (e *postgresEngine) write(ctx context.Context, fn func(*tx) error) error {
	leave, err := e.door.enter()
	if err != nil {
		return err
	}
	defer leave()
	return e.conflicts.retry(ctx, func() error {
		e.writes.Add(1)
		return e.attempt(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable}, fn)
	})
}

func (e *postgresEngine) migrations() (migrator, error) { return newMigrator(e.pool, dialectPostgres) }

// backup implements engine.
func (e *postgresEngine) backup(context.Context, string) error {
	return errors.New("PostgreSQL makes its own: use pg_dump --format=custom, or base backups with archived WAL")
}

// close waits for the transactions that run.
func (e *postgresEngine) close() error {
	e.door.shut()
	return e.pool.Close()
}
