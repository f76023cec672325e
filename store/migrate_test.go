package store

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service"
	"kleroterion/store/storetest"
)

// databases are where a test of both dialects runs.
var databases = map[dialect]func(testing.TB) string{
	dialectSQLite:   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "kleroterion.db") },
	dialectPostgres: storetest.Postgres,
}

func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	for d, url := range databases {
		t.Run(string(d), func(t *testing.T) { test(t, url(t)) })
	}
}

func openURL(t testing.TB, url string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{URL: url, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// rawPool opens the database beside the store.
func rawPool(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", postgresDSN(url)
	if rest, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, dsn = "sqlite", sqliteDSN(rest, "_txlock=immediate")
	}
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func rawExec(t testing.TB, pool *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// A migration that was released is in databases that we do not know. Whoever must change the schema
// adds a file, and its line here; no line is ever changed.
func TestReleasedMigrationsAreNeverEdited(t *testing.T) {
	list, err := os.ReadFile("migrations/checksums.txt")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for line := range strings.Lines(string(list)) {
		want = append(want, strings.TrimSuffix(line, "\n"))
	}
	err = fs.WalkDir(released, "migrations", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(released, name)
		got = append(got, fmt.Sprintf("%x  %s", sha256.Sum256(b), strings.TrimPrefix(name, "migrations/")))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("migrations differ from checksums.txt (-listed +there):\n%s", diff)
	}
}

func TestBothDialectsHaveTheSameMigrations(t *testing.T) {
	names := func(d dialect) (list []string) {
		found, err := fs.ReadDir(released, "migrations/"+string(d))
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range found {
			if !strings.HasPrefix(f.Name(), fmt.Sprintf("%04d_", i+1)) || path.Ext(f.Name()) != ".sql" {
				t.Errorf("%s: want a file that begins with %04d_", f.Name(), i+1)
			}
			list = append(list, f.Name())
		}
		return list
	}
	if diff := cmp.Diff(names(dialectSQLite), names(dialectPostgres)); diff != "" {
		t.Errorf("migrations (-sqlite +postgres):\n%s", diff)
	}
}

func TestMigrationFromNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		if err := db.MigrationsCurrent(t.Context()); err != nil {
			t.Error(err)
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		again := openURL(t, url) // beside the first, and there is nothing to do
		if err := again.MigrationsCurrent(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestConcurrentStarters(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		var running sync.WaitGroup
		for i := range 6 {
			running.Go(func() {
				db, err := Open(t.Context(), Options{URL: url, Migrate: true})
				if err != nil {
					t.Errorf("starter %d: %v", i, err)
					return
				}
				slug := fmt.Sprintf("city-%d", i)
				if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddCity(service.City{Slug: slug}) }); err != nil {
					t.Errorf("starter %d: %v", i, err)
				}
				if err := db.Close(); err != nil {
					t.Errorf("starter %d: %v", i, err)
				}
			})
		}
		running.Wait()
		var applied int
		row := rawPool(t, url).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM goose_db_version WHERE version_id = 1")
		if err := row.Scan(&applied); err != nil || applied != 1 {
			t.Errorf("the first migration was applied %d times, error %v", applied, err)
		}
		if list := cities(t, openURL(t, url)); len(list) != 6 {
			t.Errorf("got %d cities, want 6", len(list))
		}
	})
}

func cities(t testing.TB, db *DB) (list []service.City) {
	t.Helper()
	err := db.Read(t.Context(), func(tx service.Tx) (err error) {
		list, err = tx.Cities("", 1000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestNewerSchemaIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		rawExec(t, rawPool(t, url), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)")
		_, err := Open(t.Context(), Options{URL: url, Migrate: true})
		var version *VersionError
		if !errors.As(err, &version) || *version != (VersionError{Have: 99, Know: 4}) {
			t.Errorf("got %v, want a VersionError of 99 and 4", err)
		}
		if err := db.MigrationsCurrent(t.Context()); !errors.As(err, &version) {
			t.Errorf("of the open database: got %v, want a VersionError", err)
		}
	})
}

func TestPostgresIsMigratedOnlyWhereThatIsAsked(t *testing.T) {
	url := storetest.Postgres(t)
	_, err := Open(t.Context(), Options{URL: url})
	var version *VersionError
	if !errors.As(err, &version) || *version != (VersionError{Have: 0, Know: 4}) {
		t.Fatalf("got %v, want a VersionError of 0 and 4", err)
	}
	var tables int
	row := rawPool(t, url).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'")
	if err := row.Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables were made, error %v", tables, err)
	}
	openURL(t, url)
	db, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func TestTablesOfOthersAreRefused(t *testing.T) {
	url := databases[dialectSQLite](t)
	rawExec(t, rawPool(t, url), "CREATE TABLE photos (id INTEGER)")
	if _, err := Open(t.Context(), Options{URL: url}); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("got %v, want a refusal", err)
	}
	path := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(path, bytes.Repeat([]byte("Sehr geehrte "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{URL: "sqlite:" + path}); err == nil {
		t.Error("a file that is no database was opened")
	}
}

// next is the released migrations and one more.
func next(t testing.TB, d dialect, statement string) fs.FS {
	t.Helper()
	old, err := fs.Glob(released, "migrations/"+string(d)+"/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("%04d_next.sql", len(old)+1)
	files := fstest.MapFS{name: {Data: []byte("-- +goose Up\n" + statement + "\n")}}
	for _, name := range old {
		b, err := fs.ReadFile(released, name)
		if err != nil {
			t.Fatal(err)
		}
		files[path.Base(name)] = &fstest.MapFile{Data: b}
	}
	return files
}

func TestSQLiteIsCopiedBeforeItIsMigrated(t *testing.T) {
	url := databases[dialectSQLite](t)
	db := openURL(t, url)
	if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddCity(service.City{Slug: "bonn"}) }); err != nil {
		t.Fatal(err)
	}
	file := strings.TrimPrefix(url, "sqlite:")
	backup := file + ".backup-4.db"
	if err := os.WriteFile(backup, []byte("of an attempt that was given up"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := migrator{pool: rawPool(t, url), dialect: dialectSQLite, files: next(t, dialectSQLite, "ALTER TABLE cities ADD COLUMN mayor TEXT;")}
	if err := m.upSQLite(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if have, _, err := m.versions(t.Context()); err != nil || have != 5 {
		t.Errorf("got version %d, error %v, want 5", have, err)
	}
	rawExec(t, m.pool, "UPDATE cities SET mayor = 'x'")
	kept := openURL(t, "sqlite:"+backup)
	if list := cities(t, kept); len(list) != 1 || list[0].Slug != "bonn" {
		t.Errorf("the copy holds %v", list)
	}
	mode(t, backup, 0o600)
}

func mode(t testing.TB, name string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != want {
		t.Errorf("%s has mode %v, want %v", name, info.Mode().Perm(), want)
	}
}

func TestFailedMigrationLeavesTheOldSchema(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		d := dialect(db.Stats().Database)
		m := migrator{pool: rawPool(t, url), dialect: d, files: next(t, d, "ALTER TABLE cities ADD COLUMN mayor TEXT;\nINSERT INTO nowhere VALUES (1);")}
		if err := m.up(t.Context()); err == nil {
			t.Fatal("got no error")
		}
		if have, _, err := m.versions(t.Context()); err != nil || have != 4 {
			t.Errorf("got version %d, error %v, want 4", have, err)
		}
		if _, err := m.pool.ExecContext(t.Context(), "UPDATE cities SET mayor = 'x'"); err == nil {
			t.Error("half of the migration stayed")
		}
		if list := cities(t, openURL(t, url)); len(list) != 0 {
			t.Errorf("got cities %v", list)
		}
	})
}

// models are all tables that this package writes.
var models = []interface{ TableName() string }{
	cityRow{}, keyRow{}, registerRow{}, residentRow{}, pageRow{}, uploadRow{}, drawRow{}, beaconRow{}, jobRow{},
	onceRow{}, headRow{}, signedRow{}, entryRow{}, nodeRow{}, blobRow{}, instanceRow{},
	proposalRow{}, juryRow{}, codeRow{}, communityRow{}, charterRow{}, memberRow{}, pollRow{}, electorRow{}, cursorRow{},
	roundRow{}, giverRow{}, actRow{}, projectRow{}, giftRow{},
	lotteryRow{}, lotteryFileRow{},
}

// What GORM would create for the models is what the migrations did create: tables, columns, types and
// primary keys.
func TestModelsFitTheSchema(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		d := dialect(db.Stats().Database)
		g, err := newGORM(rawPool(t, url), d)
		if err != nil {
			t.Fatal(err)
		}
		var tables []string
		for _, m := range models {
			tables = append(tables, m.TableName())
			got, want := columns(t, g, m), modelColumns(t, g, m)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("table %s (-model +database):\n%s", m.TableName(), diff)
			}
		}
		made, err := g.Migrator().GetTables()
		if err != nil {
			t.Fatal(err)
		}
		made = slices.DeleteFunc(made, func(name string) bool {
			return strings.HasPrefix(name, "goose_") || strings.HasPrefix(name, "sqlite_")
		})
		slices.Sort(made)
		slices.Sort(tables)
		if diff := cmp.Diff(tables, made); diff != "" {
			t.Errorf("tables (-models +database):\n%s", diff)
		}
	})
}
