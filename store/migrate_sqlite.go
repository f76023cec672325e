package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"kleroterion/store/internal/filelock"
)

// migrateSQLite brings the file up to date. Processes that start together take turns; the losers
// find nothing left to do.
func migrateSQLite(ctx context.Context, path string) (err error) {
	release, err := filelock.Acquire(ctx, path+".lock")
	if err != nil {
		return fmt.Errorf("migration: %w", err)
	}
	defer func() { err = errors.Join(err, release()) }()
	pool, err := sql.Open("sqlite", sqliteDSN(path, "_txlock=immediate"))
	if err != nil {
		return fmt.Errorf("migration: %w", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	m, err := newMigrator(pool, dialectSQLite)
	if err != nil {
		return err
	}
	return m.upSQLite(ctx, path)
}

// upSQLite copies a database that has data before it changes its schema: there is no way back but
// this copy.
func (m migrator) upSQLite(ctx context.Context, path string) error {
	have, know, err := m.check(ctx)
	if err != nil || have == know {
		return err
	}
	if have > 0 {
		if err := backupFile(ctx, m.pool, fmt.Sprintf("%s.backup-%d.db", path, have)); err != nil {
			return fmt.Errorf("backup before the migration: %w", err)
		}
	}
	return m.up(ctx)
}
