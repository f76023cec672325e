package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// The released migrations. They are never edited: migrations/checksums.txt and its test see to that.
//
//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var released embed.FS

// versionTable is where goose writes down what it has applied.
const versionTable = "goose_db_version"

// VersionError reports a schema that this program cannot use as it is.
type VersionError struct {
	Have int64 // version of the database
	Know int64 // newest version that this program knows
}

func (e *VersionError) Error() string {
	if e.Have > e.Know {
		return fmt.Sprintf("database has schema version %d and this program knows versions up to %d: start the newer program, or restore a backup from before its migration", e.Have, e.Know)
	}
	return fmt.Sprintf("database has schema version %d and this program needs %d: migrate it first (all replicas may keep running meanwhile)", e.Have, e.Know)
}

// migrator moves one database to the newest version of files, forward only.
type migrator struct {
	pool    *sql.DB
	dialect dialect
	files   fs.FS
	locker  lock.Locker // nil: the caller holds a lock
}

func newMigrator(pool *sql.DB, d dialect) (migrator, error) {
	files, err := fs.Sub(released, "migrations/"+string(d))
	if err != nil {
		return migrator{}, fmt.Errorf("embedded migrations: %w", err)
	}
	return migrator{pool: pool, dialect: d, files: files}, nil
}

// provider sets up goose, which applies each file in its own transaction.
func (m migrator) provider() (*goose.Provider, error) {
	d, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if m.dialect == dialectPostgres {
		d = goose.DialectPostgres
	}
	if m.locker != nil {
		options = append(options, goose.WithLocker(m.locker))
	}
	p, err := goose.NewProvider(d, m.pool, m.files, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

// versions returns the version of the database, 0 when it is empty, and the newest known one. It
// creates nothing.
func (m migrator) versions(ctx context.Context) (have, know int64, err error) {
	p, err := m.provider()
	if err != nil {
		return 0, 0, err
	}
	sources := p.ListSources()
	know = sources[len(sources)-1].Version
	migrated, err := m.hasTable(ctx, versionTable)
	if err != nil || !migrated {
		return 0, know, err
	}
	row := m.pool.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+versionTable)
	if err := row.Scan(&have); err != nil {
		return 0, 0, fmt.Errorf("version of the schema: %w", err)
	}
	return have, know, nil
}

// hasTable reports whether the database has a table of this name, or any where name is empty.
func (m migrator) hasTable(ctx context.Context, name string) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND (name = $1 OR $1 = '')"
	if m.dialect == dialectPostgres {
		query = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND (table_name = $1 OR $1 = '')"
	}
	var n int
	if err := m.pool.QueryRowContext(ctx, query, name).Scan(&n); err != nil {
		return false, fmt.Errorf("list of tables: %w", err)
	}
	return n > 0, nil
}

// check refuses what up must not touch: a newer schema, and somebody else's tables.
func (m migrator) check(ctx context.Context) (have, know int64, err error) {
	have, know, err = m.versions(ctx)
	if err != nil {
		return 0, 0, err
	}
	if have > know {
		return 0, 0, &VersionError{Have: have, Know: know}
	}
	if have == 0 {
		return have, know, m.checkOurs(ctx)
	}
	return have, know, nil
}

func (m migrator) checkOurs(ctx context.Context) error {
	migrated, err := m.hasTable(ctx, versionTable)
	if err != nil || migrated {
		return err
	}
	if m.dialect == dialectPostgres {
		return nil // other programs may share the schema; CREATE TABLE refuses a clash
	}
	foreign, err := m.hasTable(ctx, "")
	if err == nil && foreign {
		return fmt.Errorf("database holds tables of another program: name a file of its own")
	}
	return err
}

// up applies what is pending.
func (m migrator) up(ctx context.Context) error {
	p, err := m.provider()
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migration: %w", err)
	}
	return nil
}
