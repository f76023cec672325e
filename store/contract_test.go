package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"kleroterion/service"
	"kleroterion/store"
	"kleroterion/store/storetest"
)

func open(tb testing.TB, o store.Options) *store.DB {
	tb.Helper()
	db, err := store.Open(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return db
}

// Migrating a SQLite database takes most of a check's time, so each check has a copy of one that is empty.
func TestContractSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.db")
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	empty, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, func(t testing.TB) service.Store {
		path := filepath.Join(t.TempDir(), "kleroterion.db")
		if err := os.WriteFile(path, empty, 0o600); err != nil {
			t.Fatal(err)
		}
		return open(t, store.Options{URL: "sqlite:" + path})
	})
}

// Making and migrating a PostgreSQL database takes half a second, so the checks share one, which is
// emptied before each.
func TestContractPostgres(t *testing.T) {
	url := storetest.Postgres(t)
	db := open(t, store.Options{URL: url, Migrate: true})
	storetest.Run(t, func(t testing.TB) service.Store {
		empty(t, url[len("postgres:"):])
		return db
	})
}

// empty puts a database back to where its migration left it.
func empty(t testing.TB, dsn string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	const statements = `
		DELETE FROM proposals; DELETE FROM juries; DELETE FROM instance; DELETE FROM keys; DELETE FROM draws; DELETE FROM lotteries; DELETE FROM lottery_files; DELETE FROM registers; DELETE FROM cities;
		DELETE FROM residents; DELETE FROM register_pages; DELETE FROM uploads; DELETE FROM beacons;
		DELETE FROM jobs; DELETE FROM log_entries; DELETE FROM log_nodes; DELETE FROM blobs; DELETE FROM once;
		DELETE FROM rounds; DELETE FROM electors; DELETE FROM polls; DELETE FROM members; DELETE FROM charters; DELETE FROM communities;
		DELETE FROM codes; DELETE FROM cursors;
		DELETE FROM gifts; DELETE FROM projects; DELETE FROM round_acts; DELETE FROM givers;
		UPDATE log_signed SET size = 0, note = '';
		UPDATE log_head SET size = 0, root = sha256('')`
	if _, err := conn.Exec(ctx, statements); err != nil {
		t.Fatal(err)
	}
}
