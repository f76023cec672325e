package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gorm.io/gorm"
)

// sqliteEngine is one file: a pool that reads snapshots and a goroutine that writes.
type sqliteEngine struct {
	path    string
	options Options
	pool    *sql.DB // read-only
	readers *gorm.DB
	writer  *sqliteWriter
}

func openSQLite(ctx context.Context, path string, o Options) (engine, error) {
	path, err := prepareFile(path)
	if err != nil {
		return nil, err
	}
	if err := migrateSQLite(ctx, path); err != nil {
		return nil, err
	}
	e := &sqliteEngine{path: path, options: o}
	if err := e.connect(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// prepareFile returns the absolute path and creates the file, readable by its owner alone, where it
// is absent. SQLite gives the files beside it the same permissions.
func prepareFile(path string) (string, error) {
	path = strings.TrimPrefix(path, "//")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return "", fmt.Errorf("path %q: name a file, a database in memory keeps nothing", path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("path of the database: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("directory of the database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		return path, f.Close()
	case errors.Is(err, fs.ErrExist):
		return path, nil
	}
	return "", fmt.Errorf("file of the database: %w", err)
}

// busyTimeout is how long a connection waits for another process, in milliseconds.
const busyTimeout = 10_000

// sqliteDSN names the file with the pragmas of every connection. FULL syncs the write-ahead log at
// each commit; secure_delete overwrites what is deleted.
func sqliteDSN(path string, more ...string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	q := []string{
		fmt.Sprintf("_pragma=busy_timeout(%d)", busyTimeout), "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)", "_pragma=secure_delete(1)", "_pragma=temp_store(2)",
		"_time_format=sqlite", "_timezone=UTC",
	}
	return u.String() + "?" + strings.Join(append(q, more...), "&")
}

// connect opens the writing connection first: only it may create the files beside the database. An
// import touches pages all over the index of ids; 64 MB of cache, and as much write-ahead log before
// the pages move to the file, write each of them less often.
func (e *sqliteEngine) connect(ctx context.Context) error {
	writing, err := sql.Open("sqlite", sqliteDSN(e.path, "_txlock=immediate",
		"_pragma=cache_size(-65536)", "_pragma=wal_autocheckpoint(16384)", "_pragma=journal_size_limit(67108864)"))
	if err != nil {
		return fmt.Errorf("writing connection: %w", err)
	}
	writing.SetMaxOpenConns(1)
	if e.writer, err = startSQLiteWriter(ctx, writing, e.options.OnQuery); err != nil {
		return errors.Join(err, writing.Close())
	}
	e.pool, err = sql.Open("sqlite", sqliteDSN(e.path, "mode=ro", "_pragma=query_only(1)"))
	if err != nil {
		return fmt.Errorf("reading connections: %w", err)
	}
	e.pool.SetMaxOpenConns(e.options.Connections)
	e.pool.SetMaxIdleConns(e.options.Connections)
	e.readers, err = newGORM(e.pool, dialectSQLite)
	return err
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*tx) error) error {
	t, err := e.pool.BeginTx(ctx, nil)
	if err != nil {
		return closedOr(err)
	}
	defer func() { _ = t.Rollback() }() // nothing was written; after Commit this does nothing
	if err := newTx(ctx, e.readers, &guard{pool: t, onQuery: e.options.OnQuery}).run(fn); err != nil {
		return err
	}
	return t.Commit()
}

func (e *sqliteEngine) write(ctx context.Context, fn func(*tx) error) error {
	return e.writer.write(ctx, fn)
}

func (e *sqliteEngine) migrations() (migrator, error) { return newMigrator(e.pool, dialectSQLite) }

// close stops the writer before the readers, so that what has begun can end.
func (e *sqliteEngine) close() error {
	var errs []error
	if e.writer != nil {
		errs = append(errs, e.writer.close())
	}
	if e.pool != nil {
		errs = append(errs, e.pool.Close())
	}
	return errors.Join(errs...)
}

// closedOr gives the use of a closed pool the name that this package promises.
func closedOr(err error) error {
	if err != nil && strings.Contains(err.Error(), "database is closed") {
		return ErrClosed
	}
	return err
}
