package store

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"kleroterion/service"
)

// ballotBody is as long as a ballot's record with a signature and a sealed choice.
func ballotBody(voter string) map[string]string {
	return map[string]string{"sealed": strings.Repeat("5a", 200), "signature": strings.Repeat("c3", 64), "voter": voter}
}

// castClients is how many vote at the same time.
const castClients = 64

// atOnce runs op b.N times on castClients goroutines.
func atOnce(b *testing.B, op func(i int64)) {
	b.Helper()
	var next atomic.Int64
	b.SetParallelism(castClients / 2) // goroutines for each of the two processors
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			op(next.Add(1) - 1)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

// BenchmarkCast records ballots of different voters, durable each: the record and the two counts.
func BenchmarkCast(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		electors := roll(b.N)
		openPoll(b, db, electors)
		b.ResetTimer()
		cpu := cpuTime(b)
		atOnce(b, func(i int64) {
			if err := castOne(b, db, electors[i], ballotBody(electors[i].Voter)); err != nil {
				b.Error(err)
			}
		})
		b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/float64(b.N), "cpu-ns/write")
		b.ReportMetric(float64(db.Stats().Groups)/float64(b.N), "commits/write")
	})
}

// BenchmarkBareWrite is the least that a durable write of this length costs: one statement through the
// same group commit.
func BenchmarkBareWrite(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		record := []byte(strings.Repeat("x", 700))
		statement := "INSERT INTO once (principal, key, request, answer, at) VALUES ($1, $2, $3, $4, $5)"
		cpu := cpuTime(b)
		atOnce(b, func(i int64) {
			err := db.engine.write(b.Context(), func(t *tx) error {
				_, err := t.pool.ExecContext(b.Context(), statement, "p", fmt.Sprint(i), make([]byte, 32), record, i)
				return err
			})
			if err != nil {
				b.Error(err)
			}
		})
		b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/float64(b.N), "cpu-ns/write")
	})
}

// BenchmarkAddElectors opens a poll of 100,000 members; one op is the whole roll.
func BenchmarkAddElectors(b *testing.B) {
	const members = 100_000
	electors := roll(members)
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		for n := 0; b.Loop(); n++ {
			for i := range electors {
				electors[i].Poll = fmt.Sprint(n)
			}
			if err := db.Write(b.Context(), func(tx service.Tx) error { return tx.AddElectors(electors) }); err != nil {
				b.Fatal(err)
			}
		}
	})
}
