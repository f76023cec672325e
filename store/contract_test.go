package store_test

import (
	"path/filepath"
	"testing"

	"kleroterion/service"
	"kleroterion/store"
	"kleroterion/store/storetest"
)

// openSQLite opens an empty database in a file of this test.
func openSQLite(tb testing.TB) *store.DB {
	tb.Helper()
	return open(tb, store.Options{URL: "sqlite:" + filepath.Join(tb.TempDir(), "kleroterion.db")})
}

// openPostgres opens an empty PostgreSQL database of this test.
func openPostgres(tb testing.TB) *store.DB {
	tb.Helper()
	return open(tb, store.Options{URL: storetest.Postgres(tb), Migrate: true})
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

func TestContractPostgres(t *testing.T) {
	storetest.Run(t, func(t testing.TB) service.Store { return openPostgres(t) })
}
