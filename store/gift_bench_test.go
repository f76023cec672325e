package store

import (
	"fmt"
	"strings"
	"testing"

	"kleroterion/funding"
	"kleroterion/service"
)

const roundSubject = "community/coop/round/r1"

// giftBody is as long as the record of a gift that its donor signed.
func giftBody(donor string) map[string]string {
	return map[string]string{"gift": strings.Repeat("5a", 160), "signature": strings.Repeat("c3", 64), "donor": donor}
}

// giverRoll is a roll of so many members with keys of a usual length.
func giverRoll(n int) []service.Giver {
	all := make([]service.Giver, n)
	for i, e := range roll(n) {
		all[i] = service.Giver{Round: "r1", Donor: e.Voter, Key: e.Key}
	}
	return all
}

// openRound opens round r1 with a roll.
func openRound(t testing.TB, db *DB, roll []service.Giver) {
	t.Helper()
	err := db.Write(t.Context(), func(tx service.Tx) error {
		if err := tx.AddCommunity(service.Community{Slug: "coop"}); err != nil {
			return err
		}
		if err := tx.AddRound(service.Round{ID: "r1", Community: "coop", Subject: roundSubject, State: service.RoundOpen}); err != nil {
			return err
		}
		return tx.AddGivers(roll)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// giveOne appends the record of a gift and keeps it, as the service does.
func giveOne(tx service.Tx, g service.Gift, giver *service.Giver, body any) error {
	entry, err := tx.Append("test.gift", roundSubject, nil, body)
	if err != nil {
		return err
	}
	g.N = entry.N
	return tx.AddGift(g, giver)
}

// signedGift is the next of a giver.
func signedGift(g service.Giver) service.Gift {
	once := fmt.Sprintf("%s/%032x", g.Donor, g.Gifts)
	return service.Gift{
		Round: g.Round, Donor: g.Donor, Once: once, Same: [32]byte([]byte(once)[len(once)-32:]), Project: "garden",
		Amount: funding.Units(2500), At: 1_800_000_000,
	}
}

// BenchmarkGive records gifts of different donors, durable each: the record, the gift and the two counts.
func BenchmarkGive(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		givers := giverRoll(b.N)
		openRound(b, db, givers)
		b.ResetTimer()
		cpu := cpuTime(b)
		atOnce(b, func(i int64) {
			g := &givers[i]
			if err := db.Write(b.Context(), func(tx service.Tx) error { return giveOne(tx, signedGift(*g), g, giftBody(g.Donor)) }); err != nil {
				b.Error(err)
			}
		})
		b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/float64(b.N), "cpu-ns/write")
		b.ReportMetric(float64(db.Stats().Groups)/float64(b.N), "commits/write")
	})
}

// giftBatch is how many gifts share a transaction where the service gathers them.
const giftBatch = 128

// BenchmarkGiveTogether records gifts as the service gathers them, one durable transaction for each
// batch. One op is one gift.
func BenchmarkGiveTogether(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		givers := giverRoll(b.N)
		openRound(b, db, givers)
		b.ResetTimer()
		cpu := cpuTime(b)
		for from := 0; from < b.N; from += giftBatch {
			err := db.Write(b.Context(), func(tx service.Tx) error {
				for i := from; i < min(from+giftBatch, b.N); i++ {
					if err := giveOne(tx, signedGift(givers[i]), &givers[i], giftBody(givers[i].Donor)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		report(b, cpu, b.N)
	})
}

// BenchmarkGifts reads recorded gifts by the page, as the close of a round does. One op is one gift.
func BenchmarkGifts(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		openRound(b, db, nil)
		const rows = 200_000
		const seed = `INSERT INTO gifts (round, n, donor, once, same, project, amount, paid, at, refunded)
			WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 200000)
			SELECT 'r1', i, 'members/' || %[1]s, 'members/' || %[1]s || ' ' || %[1]s, %[2]s, 'project-' || (i %% 500), '' || (i %% 20000 + 1), %[3]s, 1800000000, %[3]s FROM s`
		digits, digest, no := "printf('%064d', i)", "zeroblob(32)", "0"
		if strings.HasPrefix(url, "postgres") {
			digits, digest, no = "lpad(i::text, 64, '0')", "decode(repeat('00', 32), 'hex')", "false"
		}
		rawExec(b, rawPool(b, url), fmt.Sprintf(seed, digits, digest, no))
		b.ReportAllocs()
		b.ResetTimer()
		cpu, read := cpuTime(b), 0
		for b.Loop() {
			for after := int64(0); after < rows; {
				var page []service.Gift
				if err := db.Read(b.Context(), func(tx service.Tx) (err error) { page, err = tx.Gifts("r1", "", after, 16_384); return err }); err != nil {
					b.Fatal(err)
				}
				after, read = page[len(page)-1].N, read+len(page)
			}
		}
		report(b, cpu, read)
	})
}
