package store

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path"
	"slices"
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

// rowsOf2 has a row for every table that version 2 added.
func rowsOf2() []oldRow {
	h := func(fill string) []byte { return []byte(strings.Repeat(fill, 32)) }
	b := []byte("{}\x00\xff")
	return []oldRow{
		{"proposals", "id, city, request, proposed_by, approved_by, state, draw_id, created_at, version",
			[]any{"p1", "bonn", b, "k1", "k2", "opened", "d1", 5, 6}},
		{"juries", "subject, draw_id, city, register_id, created_at", []any{"city/bonn/jury/seats", "d1", "bonn", "r1", 5}},
		{"codes", "subject, seat, purpose, hash, person, deadline, printed_at, used_at",
			[]any{"city/bonn/jury/seats", 1, "answer", h("c"), "P-1", 5, 6, 7}},
		{"communities", "slug, name, created_at", []any{"coop", "Coop", 5}},
		{"charters", "community, seq, hash, charter, at, effective, poll", []any{"coop", 1, h("h"), b, 5, 6, "p1"}},
		{"members", "community, id, state, key, seq, admitted_at, left_at, version", []any{"coop", "m1", "active", b, 1, 5, 0, 2}},
		{"polls", "id, community, subject, state, manifest, hash, chain, round, opens, closes, due_at, rehearsal, ballots, voters, outcome, transcript, void_reason, ended_at, version",
			[]any{"p1", "coop", "community/coop/poll/p1", "counted", b, h("h"), h("x"), 7, 8, 9, 10, true, 11, 12, b, h("t"), "", 13, 14}},
		{"electors", "poll, voter, key, casts, last", []any{"p1", "members/m1", b, 2, 9}},
		{"cursors", "name, seq", []any{"decidim", 5}},
	}
}

// rowsOf3 has a row for every table that version 3 added.
func rowsOf3() []oldRow {
	h := func(fill string) []byte { return []byte(strings.Repeat(fill, 32)) }
	b := []byte("{}\x00\xff")
	return []oldRow{
		{"rounds", "id, community, subject, state, manifest, hash, chain, beacon, opens, gifts_start, gifts_end, due_at, rehearsal, pool, gifts, weights, last_at, versions, result, digest, payouts, void_reason, ended_at, version",
			[]any{"o1", "coop", "community/coop/round/o1", "final", b, h("h"), h("x"), 7, 8, 9, 10, 11, true, "12", 13, 14, 15, 16, h("r"), h("d"), 17, "", 18, 19}},
		{"givers", "round, donor, key, gifts", []any{"o1", "members/m1", b, 1}},
		{"round_acts", "round, n, kind, body", []any{"o1", 1, "round.topup", b}},
		{"projects", "round, id, applied_at, owner, title, account, text_bytes, text_sha256, state, seq, rejected_at, decided, appeals",
			[]any{"o1", "bench", 5, "members/m1", "Bench", "x", 6, h("t"), "approved", 7, 0, "", 0}},
		{"gifts", "round, n, donor, once, same, project, amount, paid, at, refunded", []any{"o1", 2, "members/m1", "x", h("s"), "bench", "9", true, 5, false}},
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

// rowsOf is a row for every table of a version.
func rowsOf(version int) []oldRow {
	return slices.Concat([][]oldRow{rowsOf1(), rowsOf2(), rowsOf3()}[:version]...)
}

// oldDatabase is a database of that version with a row in every table.
func oldDatabase(t testing.TB, url string, version int) *sql.DB {
	t.Helper()
	d := dialectPostgres
	if strings.HasPrefix(url, "sqlite:") {
		d = dialectSQLite
	}
	pool := rawPool(t, url)
	m := migrator{pool: pool, dialect: d, files: upTo(t, d, version)}
	if err := m.up(t.Context()); err != nil {
		t.Fatal(err)
	}
	insertAll(t, pool, version)
	return pool
}

func insertAll(t testing.TB, pool *sql.DB, version int) {
	t.Helper()
	for _, r := range rowsOf(version) {
		if r.values != nil {
			r.insert(t, pool)
		}
	}
}

func TestVersion1KeepsItsRows(t *testing.T) { onBoth(t, keepsRows(1)) }

func TestVersion2KeepsItsRows(t *testing.T) { onBoth(t, keepsRows(2)) }

func TestVersion3KeepsItsRows(t *testing.T) { onBoth(t, keepsRows(3)) }

// keepsRows brings a database of an old version up to date.
func keepsRows(version int) func(t *testing.T, url string) {
	return func(t *testing.T, url string) {
		pool := oldDatabase(t, url, version)
		before := map[string][][]any{}
		for _, r := range rowsOf(version) {
			before[r.table] = r.read(t, pool)
			if len(before[r.table]) != 1 {
				t.Fatalf("%s: %d rows, want 1", r.table, len(before[r.table]))
			}
		}
		if have, know, err := Version(t.Context(), url); err != nil || have != int64(version) || know != 4 {
			t.Fatalf("got version %d of %d, error %v, want %d of 4", have, know, err, version)
		}
		db := openURL(t, url)
		if err := db.MigrationsCurrent(t.Context()); err != nil {
			t.Error(err)
		}
		for _, r := range rowsOf(version) {
			if diff := cmp.Diff(before[r.table], r.read(t, pool)); diff != "" {
				t.Errorf("%s (-version %d +now):\n%s", r.table, version, diff)
			}
		}
		readVersion1(t, db)
	}
}

// readVersion1 reads what has new columns through the store, and uses them.
func readVersion1(t *testing.T, db *DB) {
	t.Helper()
	var city service.City
	var keys []service.Key
	var draw service.Draw
	err := db.Write(t.Context(), func(tx service.Tx) (err error) {
		if city, err = tx.City("bonn"); err != nil {
			return err
		}
		if keys, err = tx.Keys("bonn"); err != nil {
			return err
		}
		if draw, err = tx.Draw("d1"); err != nil {
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
	if draw.RegisterID != "r1" || draw.LotteryID != "" {
		t.Errorf("got draw %+v", draw)
	}
	if len(keys) != 1 || keys[0].ID != "k1" || keys[0].Community != "" {
		t.Errorf("got keys %+v", keys)
	}
}

// Replicas of versions 1 to 3 go on while the database has the newest: they do not know what is new.
func TestOlderReplicasMayStillWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		insertAll(t, rawPool(t, url), 3)
		readVersion1(t, db)
	})
}
