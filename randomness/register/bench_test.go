package register

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
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

// townReader generates a city's file of n rows as it is read.
type townReader struct {
	n, next int
	rest    []byte
}

func (t *townReader) Read(b []byte) (int, error) {
	for len(t.rest) < len(b) && t.next <= t.n {
		t.rest = appendTownRow(t.rest, t.next)
		t.next++
	}
	if len(t.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, t.rest)
	t.rest = t.rest[:copy(t.rest, t.rest[n:])]
	return n, nil
}

const townHeader = "Nr;Vorname;Nachname;Straße;Hausnummer;PLZ;Ort;E-Mail;Alter;Geschlecht;Bezirk;Bemerkung\r\n"

// appendTownRow appends row n; row 0 is the header.
func appendTownRow(dst []byte, n int) []byte {
	if n == 0 {
		return append(dst, townHeader...)
	}
	return fmt.Appendf(dst, "P-%08d;Zoë;Müller;\"Lange Straße\";%d;%d;Neustadt;p%d@example.org;%d;%s;%s;\"eine \"\"freie\"\"\r\nBemerkung\"\r\n",
		n, n/2%300+1, 8000+n/600%90, n, 16+n%70, []string{"w", "m", "d"}[n%3], []string{"Nord", "Süd", "Ost", "West"}[n/3%4])
}

func townMapping(t testing.TB) Mapping {
	t.Helper()
	m, err := ParseMapping([]byte(`{"person":"Nr","name":["Vorname","Nachname"],"address":["Straße","Hausnummer","PLZ","Ort"],"contact":["E-Mail"],
		"features":[{"name":"age","column":"Alter","bands":[16,30,50],"sealed":false},{"name":"gender","column":"Geschlecht","values":["w","m","d"]},{"name":"district","column":"Bezirk"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// importCount reads a file to its end and keeps no row.
func importCount(t testing.TB, r io.Reader, o Options) (im *Importer, rows int) {
	t.Helper()
	o.Entropy = rand.Reader
	im, err := NewImporter(r, o)
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := im.Next(); err == io.EOF {
			return im, rows
		} else if err != nil {
			t.Fatal(err)
		}
		rows++
	}
}

func BenchmarkImport100k(b *testing.B) {
	m := townMapping(b)
	b.ReportAllocs()
	for b.Loop() {
		im, rows := importCount(b, &townReader{n: 100_000}, Options{Mapping: &m})
		if !im.OK() || rows != 100_000 {
			b.Fatalf("%d rows, problems %v", rows, im.Problems())
		}
	}
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkSeal(b *testing.B) {
	s, err := NewSealer([32]byte{1}, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	row := Row{Number: 2, Record: Record{"P-1", "Zoë Müller", "Lange Straße, 5, 8000, Neustadt", "p1@example.org"}, Features: map[string]string{"age": "16-29", "gender": "w"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal(row); err != nil {
			b.Fatal(err)
		}
	}
}
