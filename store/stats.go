package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Stats counts since Open, for metrics and readiness.
type Stats struct {
	Database    string // "sqlite" or "postgres"
	Writes      int64  // transactions that wrote and were tried to commit
	Groups      int64  // commits that SQLite's writes shared
	Conflicts   int64  // attempts that PostgreSQL made us repeat
	Connections sql.DBStats
}

// Stats returns the counts.
func (db *DB) Stats() Stats { return db.engine.stats() }

func (e *sqliteEngine) stats() Stats {
	return Stats{
		Database: "sqlite", Writes: e.writer.writes.Load(), Groups: e.writer.groups.Load(),
		Connections: e.pool.Stats(),
	}
}

func (e *postgresEngine) stats() Stats {
	return Stats{
		Database: "postgres", Writes: e.writes.Load(), Conflicts: e.conflicts.seen.Load(),
		Connections: e.pool.Stats(),
	}
}

// Ping reads the head of the log: the database answers and has our tables.
func (db *DB) Ping(ctx context.Context) error {
	err := db.engine.read(ctx, func(t *tx) error {
		_, err := t.head()
		return err
	})
	if err != nil {
		return fmt.Errorf("database does not answer: %w", err)
	}
	return nil
}

// MigrationsCurrent returns a *VersionError where the schema is not the one this program needs; that
// can happen after Open when another replica migrates.
func (db *DB) MigrationsCurrent(ctx context.Context) error {
	m, err := db.engine.migrations()
	if err != nil {
		return err
	}
	have, know, err := m.versions(ctx)
	if err == nil && have != know {
		return &VersionError{Have: have, Know: know}
	}
	return err
}
