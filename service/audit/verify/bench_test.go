package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// town is a register of n people, two to a household, in four districts and three ages.
func town(b *testing.B, n int) *register.Register {
	b.Helper()
	entries := make([]register.Entry, n)
	for i := range entries {
		id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
		entries[i] = register.Entry{ID: id, Household: hex.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(i/2+1))),
			Features: map[string]string{"age": []string{"16-29", "30-49", "50+"}[i%3], "district": []string{"north", "south", "east", "west"}[i%4]}}
	}
	r, err := register.FromEntries(entries)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// BenchmarkBundle is the time to verify one bundle, by the number of people in its register.
func BenchmarkBundle(b *testing.B) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			raw := townBundle(b, n)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				opened, err := bundle.Open(bytes.NewReader(raw), int64(len(raw)))
				if err != nil {
					b.Fatal(err)
				}
				if r, err := Bundle(b.Context(), opened, brought(b)); err != nil || !r.OK {
					b.Fatalf("%v\n%s", err, text(b, r))
				}
			}
		})
	}
}

func townBundle(b *testing.B, n int) []byte {
	b.Helper()
	s := newScene(b)
	s.register = town(b, n)
	var file bytes.Buffer
	if _, err := s.register.WriteTo(&file); err != nil {
		b.Fatal(err)
	}
	s.file = file.Bytes()
	s.begin()
	s.open(1000, 123, func(m *sortition.Manifest) {
		m.Strata = nil
		for _, d := range []string{"north", "south", "east", "west"} {
			m.Strata = append(m.Strata, sortition.Stratum{Stratum: d, Seats: 25, Alternates: 25})
		}
	})
	s.outcome(1000, nil)
	return s.pack()
}

// BenchmarkSHA256 is the limit that reading the bundle cannot pass: its bytes, hashed once.
func BenchmarkSHA256(b *testing.B) {
	raw := townBundle(b, 1_000_000)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		sha256.Sum256(raw)
	}
}

// BenchmarkLog is the time to verify a whole log of 100,000 records.
func BenchmarkLog(b *testing.B) {
	s := good(b)
	for range 100_000 {
		s.put(audit.KindHeartbeat, audit.LogSubject, 0, audit.Heartbeat{})
	}
	f := s.publish()
	for b.Loop() {
		if r := checkLog(b, f, brought(b)); !r.OK {
			b.Fatal(text(b, r))
		}
	}
}
