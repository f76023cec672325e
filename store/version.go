package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Version returns the schema version of a database, 0 when it is empty or missing, and the newest
// one that this program knows. It changes nothing.
func Version(ctx context.Context, url string) (have, know int64, err error) {
	pool, d, err := peek(url)
	if err != nil {
		return 0, 0, fmt.Errorf("schema version: %w", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	m, err := newMigrator(pool, d)
	if err != nil {
		return 0, 0, err
	}
	return m.versions(ctx)
}

// peek opens a database for reading only; a SQLite file that is not there reads as an empty one.
func peek(url string) (*sql.DB, dialect, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	if scheme == "sqlite" {
		if _, err := os.Stat(rest); errors.Is(err, os.ErrNotExist) {
			pool, err := sql.Open("sqlite", ":memory:")
			return pool, dialectSQLite, err
		}
		pool, err := sql.Open("sqlite", sqliteDSN(rest, "mode=ro"))
		return pool, dialectSQLite, err
	}
	config, err := pgx.ParseConfig(postgresDSN(url))
	if err != nil {
		return nil, "", fmt.Errorf("address of the database: %w", err) // pgx leaves the password out
	}
	return stdlib.OpenDB(*config), dialectPostgres, nil
}
