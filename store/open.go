package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kleroterion/service"
)

// Options says which database to open and how.
type Options struct {
	// URL is "sqlite:PATH", or "postgres://…" (also "postgresql://…", or pgx's "key=value" words after
	// "postgres:").
	URL string
	// Migrate lets Open apply pending migrations on PostgreSQL, where other replicas may still run the
	// older version. A SQLite database is always migrated, after a copy of it was made.
	Migrate bool
	// Connections bounds the pool that reads (SQLite) or the whole pool (PostgreSQL); 0 is 16.
	Connections int
	// Entropy spreads the retries of conflicting transactions; nil is crypto/rand.
	Entropy io.Reader
	// OnQuery, if set, hears of each statement when it is done: for metrics. It gets no SQL and no
	// values, because those hold personal data.
	OnQuery func(took time.Duration, err error)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine engine
}

// DB implements the contract that package service declares.
var _ service.Store = (*DB)(nil)

// engine is what differs between the databases.
type engine interface {
	read(ctx context.Context, fn func(*tx) error) error
	write(ctx context.Context, fn func(*tx) error) error
	backup(ctx context.Context, path string) error
	migrations() (migrator, error)
	stats() Stats
	close() error
}

// ErrClosed is returned by every method of a DB after Close has begun.
var ErrClosed = errors.New("database is closed")

// Open opens the database, brings its schema up to date where Options allows that, and checks that
// it keeps its promises on durability. The caller closes it.
func Open(ctx context.Context, o Options) (*DB, error) {
	e, err := open(ctx, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return &DB{engine: e}, nil
}

func open(ctx context.Context, o Options) (engine, error) {
	scheme, rest, _ := strings.Cut(o.URL, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest, o)
	case "postgres", "postgresql":
		return openPostgres(ctx, postgresDSN(o.URL), o)
	}
	return nil, fmt.Errorf("scheme %q is not known: use sqlite:PATH or postgres://user@host/name", scheme)
}

func (o Options) withDefaults() Options {
	if o.Connections == 0 {
		o.Connections = 16
	}
	if o.Entropy == nil {
		o.Entropy = rand.Reader
	}
	return o
}

// Read runs fn on one consistent snapshot; a write in it fails.
func (db *DB) Read(ctx context.Context, fn func(service.Tx) error) error {
	return db.engine.read(ctx, func(t *tx) error { return fn(t) })
}

// Write runs fn in one transaction. fn may run more than once and must not call Write: on SQLite the
// inner call would wait for the outer for ever. A context that ends before fn has begun stops it;
// afterwards Write waits for the commit, so that its answer is the truth. A panic of fn rolls back and goes on
// to the caller.
func (db *DB) Write(ctx context.Context, fn func(service.Tx) error) error {
	return db.engine.write(ctx, func(t *tx) error { return fn(t) })
}

// Close waits for the writes that have begun and closes the database.
func (db *DB) Close() error { return db.engine.close() }
