package sortition_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

func bigTown(b *testing.B, n int) (*register.Register, *sortition.Manifest) {
	b.Helper()
	entries := make([]register.Entry, n)
	for i := range entries {
		id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
		entries[i] = register.Entry{ID: id, Features: map[string]string{"district": []string{"north", "south", "east", "west"}[i%4]},
			Household: hex.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(i/2+1)))}
	}
	r, err := register.FromEntries(entries)
	if err != nil {
		b.Fatal(err)
	}
	m := &sortition.Manifest{V: 1, Draw: "city/x/jury/y", Seq: 1, Method: sortition.Strata, StrataBy: []string{"district"}, OnePerHousehold: true,
		Register: sortition.RegisterRef{Root: r.Root(), Size: int64(n)}, Beacon: sortition.Round{Round: 1000}}
	for _, d := range []string{"north", "south", "east", "west"} {
		m.Strata = append(m.Strata, sortition.Stratum{Stratum: d, Seats: 25, Alternates: 25})
	}
	return r, m
}

func BenchmarkDraw(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r, m := bigTown(b, n)
			bc := readVectors(b).beacon(b, 1000)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := sortition.Draw(m, r, bc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBareTickets is the limit: the same HMACs on the same cores, and nothing else.
func BenchmarkBareTickets(b *testing.B) {
	r, _ := bigTown(b, 1_000_000)
	ids := r.IDs()
	for b.Loop() {
		var wg sync.WaitGroup
		procs := runtime.GOMAXPROCS(0)
		for p := range procs {
			wg.Go(func() {
				mac := hmac.New(sha256.New, make([]byte, 32))
				in, out := []byte("ticket\n"), make([]byte, 0, 32)
				in = append(in, make([]byte, 64)...)
				for _, id := range ids[len(ids)*p/procs : len(ids)*(p+1)/procs] {
					hex.Encode(in[7:], id[:])
					mac.Reset()
					mac.Write(in)
					out = mac.Sum(out[:0])
				}
			})
		}
		wg.Wait()
	}
}
