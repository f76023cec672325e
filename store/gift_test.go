package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
	"kleroterion/service"
)

// Processes that share a database each record the same payment and the next gift of the same donor.
func TestReplicasRecordAGiftOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		dbs := []*DB{openURL(t, url), openURL(t, url)}
		givers := giverRoll(20)
		openRound(t, dbs[0], givers)
		for i := range givers {
			signed, paid := signedGift(givers[i]), signedGift(givers[i])
			paid.Once, paid.Paid = fmt.Sprintf("payment %d", i), true
			raceReplicas(t, dbs, service.ErrStale, func(tx service.Tx, replica int) error {
				mine := signed
				mine.Once = fmt.Sprintf("%s of replica %d", mine.Once, replica)
				return giveOne(tx, mine, &givers[i], giftBody(givers[i].Donor))
			})
			raceReplicas(t, dbs, service.ErrExists, func(tx service.Tx, _ int) error {
				return giveOne(tx, paid, nil, giftBody(givers[i].Donor))
			})
		}
		round := read(t, dbs[0], func(tx service.Tx) (service.Round, error) { return tx.Round("r1") })
		head := read(t, dbs[0], func(tx service.Tx) (service.LogHead, error) { return tx.LogHead() })
		if want := int64(2 * len(givers)); round.Gifts != want || head.Size != want {
			t.Errorf("%d gifts and %d records, want %d", round.Gifts, head.Size, want)
		}
		for _, g := range givers {
			got := read(t, dbs[1], func(tx service.Tx) (service.Giver, error) { return tx.Giver("r1", g.Donor) })
			if got.Gifts != 1 {
				t.Errorf("%s has %d gifts, want 1", g.Donor, got.Gifts)
			}
		}
	})
}

// raceReplicas runs fn on all databases at once: one does it, the others hear lost.
func raceReplicas(t *testing.T, dbs []*DB, lost error, fn func(tx service.Tx, replica int) error) {
	t.Helper()
	var running sync.WaitGroup
	var done atomic.Int64
	for replica, db := range dbs {
		running.Go(func() {
			err := db.Write(t.Context(), func(tx service.Tx) error { return fn(tx, replica) })
			if err == nil {
				done.Add(1)
			} else if !errors.Is(err, lost) {
				t.Errorf("replica %d: got error %v, want %v", replica, err, lost)
			}
		})
	}
	running.Wait()
	if done.Load() != 1 {
		t.Errorf("%d replicas recorded it, want 1", done.Load())
	}
}

// What SQLite gives in one piece is read as it was written, whatever bytes its digest has.
func TestListedGiftsAreAsTheyWereAdded(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		db := openURL(t, url)
		openRound(t, db, nil)
		full := service.Gift{
			Round: "r1", N: 1 << 40, Donor: "members/m1", Once: "stripe ä\"1 \u2028", Project: "garden", Amount: funding.Units(1 << 63), Paid: true, At: 1 << 41, Refunded: true,
		}
		full.Same = [32]byte(bytes.Repeat([]byte{0x1f, 0, 0xff, 0x80}, 8))
		want := []service.Gift{{Round: "r1", N: 2, Donor: "members/m2", Once: "x"}, full}
		for _, g := range want {
			if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddGift(g, nil) }); err != nil {
				t.Fatal(err)
			}
		}
		got := read(t, db, func(tx service.Tx) ([]service.Gift, error) { return tx.Gifts("r1", "", 0, 9) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// A row in which nobody can tell where a text ends is refused, and so is an amount in another form.
func TestBrokenGiftsAreNotListed(t *testing.T) {
	for name, column := range map[string]string{
		"a separator in the amount":  "amount = '2500' || x'1f'",
		"a separator in the project": "project = 'gar' || x'1f' || 'den'",
		"a separator in the donor":   "donor = donor || x'1f'",
		"a separator in the name":    "once = x'1f' || once",
		"texts moved by one":         "amount = '2500' || x'1f' || 'garden', project = donor, donor = once, once = ''",
		"an amount of no digits":     "amount = ' '",
		"an amount with a zero":      "amount = '02500'",
		"an amount with a sign":      "amount = '+2500'",
	} {
		t.Run(name, func(t *testing.T) {
			url := databases[dialectSQLite](t)
			db := openURL(t, url)
			openRound(t, db, nil)
			g := signedGift(service.Giver{Round: "r1", Donor: "members/m1"})
			for g.N = 1; g.N < 3; g.N++ {
				g.Once = fmt.Sprint(g.N)
				if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddGift(g, nil) }); err != nil {
					t.Fatal(err)
				}
			}
			rawExec(t, rawPool(t, url), "UPDATE gifts SET "+column+" WHERE n = 2")
			err := db.Read(t.Context(), func(tx service.Tx) error { _, err := tx.Gifts("r1", "", 0, 9); return err })
			if err == nil || !strings.Contains(err.Error(), "gifts of round r1: after gift 2") {
				t.Errorf("error %v, want one that names the gift", err)
			}
		})
	}
}

// plan is SQLite's way to the rows of a query.
func plan(t testing.TB, query string, args ...any) string {
	t.Helper()
	url := databases[dialectSQLite](t)
	openURL(t, url)
	rows, err := rawPool(t, url).QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

// However many gifts and acts a round has, a page of them costs the rows of that page.
func TestListsOfARoundUseTheirIndexes(t *testing.T) {
	for query, want := range map[string]string{
		"SELECT * FROM gifts WHERE round = 'r' AND n > 3 ORDER BY n LIMIT 9":                     "SEARCH gifts USING INDEX sqlite_autoindex_gifts_1 (round=? AND n>?)",
		"SELECT * FROM gifts WHERE round = 'r' AND n > 3 AND donor = 'd' ORDER BY n LIMIT 9":     "SEARCH gifts USING INDEX gifts_donor (round=? AND donor=? AND n>?)",
		"SELECT * FROM gifts WHERE round = 'r' AND once = 'o' LIMIT 1":                           "SEARCH gifts USING INDEX gifts_once (round=? AND once=?)",
		"SELECT * FROM round_acts WHERE round = 'r' AND n > 3 ORDER BY n LIMIT 9":                "SEARCH round_acts USING INDEX sqlite_autoindex_round_acts_1 (round=? AND n>?)",
		"SELECT * FROM round_acts WHERE round = 'r' AND n > 3 AND kind = 'k' ORDER BY n LIMIT 9": "SEARCH round_acts USING INDEX round_acts_kind (round=? AND kind=? AND n>?)",
		"SELECT * FROM projects WHERE round = 'r' AND id > 'a' ORDER BY id LIMIT 9":              "SEARCH projects USING INDEX sqlite_autoindex_projects_1 (round=? AND id>?)",
		"SELECT count(*) FROM projects WHERE round = 'r' AND state = 'approved'":                 "SEARCH projects USING COVERING INDEX projects_state (round=? AND state=?)",
		"SELECT * FROM rounds WHERE community = 'c' AND id < 'r' ORDER BY id DESC LIMIT 9":       "SEARCH rounds USING INDEX rounds_community (community=? AND id<?)",
	} {
		if got := plan(t, query); got != want {
			t.Errorf("%s\ngot plan %q, want %q", query, got, want)
		}
	}
}
