package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"kleroterion/service"
	"kleroterion/service/audit"
)

const benchBatch = 5000 // rows of one transaction, as an import writes them

// residents makes rows of the size of real ones, the same every time.
func residents(from, n int) []service.Resident {
	all := make([]service.Resident, n)
	for i := range all {
		row := from + i
		id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(row)))
		salt := sha256.Sum256(id[:])
		all[i] = service.Resident{
			RegisterID: "0192f0a1b2c3d4e5f60718293a4b5c6d", Row: int64(row) + 2, ID: id, Salt: salt[:],
			Record: fmt.Appendf(nil, `{"address":"Hauptstraße %d, 53111 Bonn","name":"Erika Mustermann-%d","person":"%09d"}`, row%300, row, row),
			Line:   fmt.Appendf(nil, `{"features":{"age":"30-49","district":"north"},"household":"%x","id":"%x"}`, salt[:8], id),
		}
	}
	return all
}

// cpuTime is what this process has used; unlike the clock it is the same on a busy machine. A
// PostgreSQL server's time is not in it.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, since time.Duration, rows int) {
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64((cpuTime(b)-since).Nanoseconds())/float64(rows), "cpu-ns/row")
}

func benchBoth(b *testing.B, bench func(b *testing.B, url string)) {
	for _, d := range []dialect{dialectSQLite, dialectPostgres} {
		b.Run(string(d), func(b *testing.B) { bench(b, databases[d](b)) })
	}
}

// BenchmarkAddResidents adds people through the store; one op is one row.
func BenchmarkAddResidents(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		b.ReportAllocs()
		cpu := cpuTime(b)
		for from := 0; b.Loop(); from += benchBatch {
			rows := residents(from, benchBatch)
			if err := db.Write(b.Context(), func(tx service.Tx) error { return tx.AddResidents(rows) }); err != nil {
				b.Fatal(err)
			}
		}
		report(b, cpu, b.N*benchBatch)
	})
}

// BenchmarkBareInsert adds the same rows to the same tables with the driver alone: prepared statements
// of 1000 rows, one transaction for each 5000. It is what AddResidents could reach at best.
func BenchmarkBareInsert(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		openURL(b, url)
		pool := rawPool(b, url)
		pool.SetMaxOpenConns(1)
		d := dialectPostgres
		if strings.HasPrefix(url, "sqlite:") {
			d = dialectSQLite
			if _, err := pool.Exec("PRAGMA cache_size(-65536); PRAGMA wal_autocheckpoint(16384)"); err != nil {
				b.Fatal(err)
			}
		}
		insert, err := pool.Prepare(batch{table: "residents", columns: residentColumns}.statement(d, 1000))
		if err != nil {
			b.Fatal(err)
		}
		cpu := cpuTime(b)
		for from := 0; b.Loop(); from += benchBatch {
			if err := bareInsert(pool, insert, residents(from, benchBatch)); err != nil {
				b.Fatal(err)
			}
		}
		report(b, cpu, b.N*benchBatch)
	})
}

func bareInsert(pool *sql.DB, insert *sql.Stmt, rows []service.Resident) error {
	tx, err := pool.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i := 0; i < len(rows); i += 1000 {
		args := make([]any, 0, 1000*6)
		for _, r := range rows[i : i+1000] {
			args = append(args, r.RegisterID, r.Row, r.ID[:], r.Record, r.Salt, r.Line)
		}
		if _, err := tx.Stmt(insert).Exec(args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// BenchmarkLines reads a register of 100,000 people by id; one op is one row.
func BenchmarkLines(b *testing.B) {
	benchBoth(b, func(b *testing.B, url string) {
		db := openURL(b, url)
		const people = 100_000
		for from := 0; from < people; from += benchBatch {
			rows := residents(from, benchBatch)
			if err := db.Write(b.Context(), func(tx service.Tx) error { return tx.AddResidents(rows) }); err != nil {
				b.Fatal(err)
			}
		}
		cpu := cpuTime(b)
		for b.Loop() {
			n := 0
			for after := []byte(nil); ; {
				var page []service.Resident
				err := db.Read(b.Context(), func(tx service.Tx) (err error) {
					page, err = tx.Lines(residents(0, 1)[0].RegisterID, after, 8192)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				if n += len(page); len(page) == 0 {
					break
				}
				after = page[len(page)-1].ID[:]
			}
			if n != people {
				b.Fatalf("read %d people", n)
			}
		}
		report(b, cpu, b.N*people)
	})
}

// BenchmarkAppend writes a domain row and its record in one durable transaction, alone and beside others.
func BenchmarkAppend(b *testing.B) {
	for _, clients := range []int{1, 64} {
		benchBoth(b, func(b *testing.B, url string) {
			b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
				db := openURL(b, url)
				b.SetParallelism(clients / 2)
				if clients == 1 {
					b.SetParallelism(1)
				}
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						err := db.Write(b.Context(), func(tx service.Tx) error {
							e, err := tx.Append(audit.KindHeartbeat, audit.LogSubject, nil, audit.Heartbeat{})
							if err != nil {
								return err
							}
							return tx.AddCity(service.City{Slug: fmt.Sprint(e.Seq)})
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
				b.ReportMetric(float64(db.Stats().Conflicts)/float64(b.N), "conflicts/op")
			})
		})
	}
}
