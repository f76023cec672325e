package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
)

// sampleEntry is person n of a made-up town: 48 cells, households of two, ids spread evenly.
func sampleEntry(n uint64) Entry {
	id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, n))
	return Entry{
		ID: id,
		Features: map[string]string{
			"age":      []string{"16-29", "30-49", "50-64", "65+"}[id[0]%4],
			"district": []string{"north", "south", "east", "west"}[id[1]%4],
			"gender":   []string{"f", "m", "x"}[id[2]%3],
		},
		Household: fmt.Sprintf("%016x", (n/2+1)*0x9E3779B97F4A7C15),
	}
}

// sampleFile is a register file of n people.
func sampleFile(t testing.TB, n int) []byte {
	t.Helper()
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = sampleEntry(uint64(i))
	}
	r, err := FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := r.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkRead1M(b *testing.B) {
	file := sampleFile(b, 1_000_000)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseLine(b *testing.B) {
	line, err := sampleEntry(7).Line()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseLine(line); err != nil {
			b.Fatal(err)
		}
	}
}
