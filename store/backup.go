package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of a SQLite database to path while it is in use, and replaces what
// stood there only when the copy is whole and on disk. PostgreSQL has its own tools, which the error
// names. The copy holds personal data: it is readable by its owner alone, and what is erased later
// stays in it.
func (db *DB) Backup(ctx context.Context, path string) error {
	if err := db.engine.backup(ctx, path); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// backup uses a connection of its own: those of the readers may not write, not even elsewhere.
func (e *sqliteEngine) backup(ctx context.Context, path string) (err error) {
	pool, err := sql.Open("sqlite", sqliteDSN(e.path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	return backupFile(ctx, pool, path)
}

// backupFile lets SQLite write the copy beside path, syncs it and gives it its name.
func backupFile(ctx context.Context, pool *sql.DB, path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*") // mode 0600
	if err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone after the rename
	if _, err := pool.ExecContext(ctx, "VACUUM INTO ?", f.Name()); err != nil {
		return errors.Join(fmt.Errorf("copy of the database: %w", err), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("copy of the database: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("name of the copy: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	return nil
}
