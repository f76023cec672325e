package store

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service"
)

// upTo is the released migrations as the program of that version had them.
func upTo(t testing.TB, d dialect, version int) fs.FS {
	t.Helper()
	all, err := fs.Glob(released, "migrations/"+string(d)+"/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range all[:version] {
		b, err := fs.ReadFile(released, name)
		if err != nil {
			t.Fatal(err)
		}
		files[path.Base(name)] = &fstest.MapFile{Data: b}
	}
	return files
}

// oldRow is a row of a table as a version left it, with a value for each of its columns.
type oldRow struct {
	table   string
	columns string
	values  []any
}

// rowsOf1 has a row for every table of version 1 that its migration leaves empty.
func rowsOf1() []oldRow {
	h := func(fill string) []byte { return []byte(strings.Repeat(fill, 32)) }
	b := []byte("{}\x00\xff")
	return []oldRow{
		{"instance", "id, origin, vkey, created_at", []any{1, "log.example", "log.example+1+x", 5}},
		{"cities", "slug, name, created_at", []any{"bonn", "Bonn", 5}},
		{"keys", "id, city, role, label, secret_hash, created_at, expires_at, revoked_at", []any{"k1", "bonn", "registrar", "Wahlamt", h("a"), 1, 2, 3}},
		{"registers", "id, city, name, state, mapping, secret, row_count, report, k, small_cells, root, file, bytes, features, households, sealed, erased, created_at, frozen_at, version",
			[]any{"r1", "bonn", "jury", "frozen", b, h("s"), 1, b, 5, "published", h("r"), h("f"), 9, `["age"]`, true, false, 1, 2, 3, 4}},
		{"residents", "register_id, row_number, id, record, salt, line", []any{"r1", 2, h("p"), nil, b, b}},
		{"register_pages", "register_id, n, first_id, hash, data", []any{"r1", 0, h("p"), h("h"), b}},
		{"uploads", "upload, n, data, at", []any{"u1", 0, b, 5}},
		{"draws", "id, city, subject, seq, state, register_id, manifest, commitment, chain, round, draw_time, due_at, rehearsal, result, void_reason, opened_at, closed_at, version",
			[]any{"d1", "bonn", "city/bonn/jury", 1, "drawn", "r1", b, h("c"), h("x"), 7, 8, 9, true, b, "", 10, 11, 2}},
		{"beacons", "chain, round, signature, previous, source, fetched_at", []any{h("x"), 7, b, b, "https://relay.example", 5}},
		{"jobs", "id, kind, city, target, dedupe_key, state, run_at, step, done, total, attempt, fence, lease_until, report, error, created_at, finished_at",
			[]any{"j1", "draw", "bonn", "d1", "d1", "done", 1, "", 2, 3, 4, 5, 6, b, "", 7, 8}},
		{"log_entries", "seq, kind, subject, n, leaf, record", []any{0, "heartbeat", "log", 1, h("l"), b}},
		{"log_nodes", "idx, hash", []any{0, h("l")}},
		{"blobs", "sha256, data", []any{h("b"), b}},
		{"once", "principal, key, request, answer, at", []any{"key:1", "o1", h("q"), b, 5}},
		{"log_head", "id, size, root", nil},
		{"log_signed", "id, size, note", nil},
	}
}

func (r oldRow) insert(t testing.TB, pool *sql.DB) {
	t.Helper()
	var places []string
	for i := range r.values {
		places = append(places, fmt.Sprintf("$%d", i+1))
	}
	rawExec(t, pool, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", r.table, r.columns, strings.Join(places, ", ")), r.values...)
}

// read returns all rows of the table, in the columns of the old version.
func (r oldRow) read(t testing.TB, pool *sql.DB) (all [][]any) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), fmt.Sprintf("SELECT %s FROM %s", r.columns, r.table))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]any, strings.Count(r.columns, ",")+1)
		to := make([]any, len(row))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// database1 is a database of version 1 with a row in every table.
func database1(t testing.TB, url string) *sql.DB {
	t.Helper()
	d := dialectPostgres
	if strings.HasPrefix(url, "sqlite:") {
		d = dialectSQLite
	}
	pool := rawPool(t, url)
	m := migrator{pool: pool, dialect: d, files: upTo(t, d, 1)}
	if err := m.up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range rowsOf1() {
		if r.values != nil {
			r.insert(t, pool)
		}
	}
	return pool
}

func TestVersion1KeepsItsRows(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		pool := database1(t, url)
		before := map[string][][]any{}
		for _, r := range rowsOf1() {
			before[r.table] = r.read(t, pool)
			if len(before[r.table]) != 1 {
				t.Fatalf("%s: %d rows, want 1", r.table, len(before[r.table]))
			}
		}
		if have, know, err := Version(t.Context(), url); err != nil || have != 1 || know != 2 {
			t.Fatalf("got version %d of %d, error %v, want 1 of 2", have, know, err)
		}
		db := openURL(t, url)
		if err := db.MigrationsCurrent(t.Context()); err != nil {
			t.Error(err)
		}
		for _, r := range rowsOf1() {
			if diff := cmp.Diff(before[r.table], r.read(t, pool)); diff != "" {
				t.Errorf("%s (-version 1 +now):\n%s", r.table, diff)
			}
		}
		readVersion1(t, db)
	})
}

// readVersion1 reads what has new columns through the store, and uses them.
func readVersion1(t *testing.T, db *DB) {
	t.Helper()
	var city service.City
	var keys []service.Key
	err := db.Write(t.Context(), func(tx service.Tx) (err error) {
		if city, err = tx.City("bonn"); err != nil {
			return err
		}
		if keys, err = tx.Keys("bonn"); err != nil {
			return err
		}
		return tx.SetApprovals("bonn", 2)
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(service.City{Slug: "bonn", Name: "Bonn", CreatedAt: 5, Approvals: 1}, city); diff != "" {
		t.Errorf("city (-want +got):\n%s", diff)
	}
	if len(keys) != 1 || keys[0].ID != "k1" || keys[0].Community != "" {
		t.Errorf("got keys %+v", keys)
	}
}

// A replica of version 1 goes on while the database has version 2: it knows neither of the new columns.
func TestOlderReplicasMayStillWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		pool := rawPool(t, url)
		for _, r := range rowsOf1() {
			if r.values != nil {
				r.insert(t, pool)
			}
		}
		readVersion1(t, db)
	})
}
