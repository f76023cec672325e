package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"kleroterion/service"
	"kleroterion/store"
	"kleroterion/store/storetest"
)

// openSQLite opens an empty database in a file of this test.
func openSQLite(tb testing.TB) *store.DB {
	tb.Helper()
	return open(tb, store.Options{URL: "sqlite:" + filepath.Join(tb.TempDir(), "kleroterion.db")})
}

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

func TestContractSQLite(t *testing.T) {
	storetest.Run(t, func(t testing.TB) service.Store { return openSQLite(t) })
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
