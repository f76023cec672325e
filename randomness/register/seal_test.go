package register

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// The known answers below were computed with another implementation of HMAC-SHA256.
var (
	knownSalt = [32]byte([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"))
	knownKey  = [32]byte([]byte(" !\"#$%&'()*+,-./0123456789:;<=>?"))
	knownRow  = Row{
		Number:   2,
		Record:   Record{"P-1", `Zoë "Zo" Müller`, "Lange Straße 5, 8000 Neustadt", "zoe@example.org"},
		Features: map[string]string{"age": "16-29"},
		Sealed:   map[string]string{"income": `a\b`, "education": "tertiary"},
	}
)

const (
	knownRecord    = `{"address":"Lange Straße 5, 8000 Neustadt","contact":"zoe@example.org","name":"Zoë \"Zo\" Müller","person":"P-1"}`
	knownID        = "3f92e4ff4ba7eae0fcac409139bda11cfb4fec8278c0c5e469f30a6a431c2866"
	knownHousehold = "1937d0773519f890"
)

func TestSealGivesTheKnownEntry(t *testing.T) {
	s, err := NewSealer(knownKey, bytes.NewReader(knownSalt[:]))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Seal(knownRow)
	if err != nil {
		t.Fatal(err)
	}
	want := Private{knownSalt, []byte(knownRecord), Entry{Features: knownRow.Features, Household: knownHousehold, Sealed: sealA}}
	if !decodeHex(want.Entry.ID[:], []byte(knownID)) {
		t.Fatal("bad id")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSealLeavesOutWhatARowDoesNotHave(t *testing.T) {
	entry, record, err := Seal(Row{Record: Record{Person: "7"}}, knownSalt, knownKey)
	if err != nil {
		t.Fatal(err)
	}
	line, err := entry.Line()
	want := `{"features":{},"id":"` + hex.EncodeToString(entry.ID[:]) + `"}`
	if err != nil || string(line) != want || string(record) != `{"person":"7"}` {
		t.Errorf("line %s, record %s, %v", line, record, err)
	}
}

func TestSealerRefusesBrokenSecrets(t *testing.T) {
	if _, err := NewSealer([32]byte{}, rand.Reader); err == nil {
		t.Error("a register key of zeros was accepted")
	}
	for name, entropy := range map[string]io.Reader{
		"short":  strings.NewReader("short"),
		"zeros":  bytes.NewReader(make([]byte, 32)),
		"broken": iotest.ErrReader(io.ErrClosedPipe),
	} {
		s, err := NewSealer(knownKey, entropy)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Seal(knownRow); err == nil {
			t.Errorf("%s entropy gave the entry %v", name, got.Entry)
		}
	}
}

func TestEverySaltIsDrawnAnew(t *testing.T) {
	s, err := NewSealer(knownKey, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := s.Seal(knownRow)
	b, errB := s.Seal(knownRow)
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	if a.Salt == b.Salt || a.Entry.ID == b.Entry.ID || a.Entry.Sealed == b.Entry.Sealed {
		t.Error("the same row was sealed twice with one salt")
	}
	if a.Entry.Household != b.Entry.Household {
		t.Error("one address gave two households in one register")
	}
}

func TestOpenSealed(t *testing.T) {
	entry, _, err := Seal(knownRow, knownSalt, knownKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := entry.OpenSealed(knownSalt, knownRow.Sealed); err != nil {
		t.Errorf("the sealed features are refused: %v", err)
	}
	for name, err := range map[string]error{
		"another value": entry.OpenSealed(knownSalt, map[string]string{"income": "c", "education": "tertiary"}),
		"one missing":   entry.OpenSealed(knownSalt, map[string]string{"income": `a\b`}),
		"another salt":  entry.OpenSealed(knownKey, knownRow.Sealed),
		"none":          entry.OpenSealed(knownSalt, nil),
		"bad feature":   entry.OpenSealed(knownSalt, map[string]string{"a": "/"}),
		"unsealed":      Entry{}.OpenSealed(knownSalt, knownRow.Sealed),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHouseholdsOfDifferentlyWrittenAddresses(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Lange Straße 5, 8000 Neustadt", "LANGE  STRAßE 5 — 8000 NEUSTADT.", true},
		{"Rue de l'Été 3", "rue de l’e\u0301te\u0301, 3", true},
		{"Ｍａｉｎ　Ｓｔ．　１２", "main st 12", true},
		{"Main St 12\n8000 Town", "Main St 12, 8000 Town", true},
		{"Main St 12", "Main St 1 2", false},
		{"Main St 12", "Main St 21", false},
		{"Main St 5a", "Main St 5b", false},
		{"Été 3", "Ete 3", false},
		{"किला 5", "काला 5", false},
		{"一〇号", "一号", false},
	} {
		a, okA := Household(knownKey, c.a)
		b, okB := Household(knownKey, c.b)
		if !okA || !okB || (a == b) != c.same {
			t.Errorf("%q and %q: households %s and %s, want the same: %v", c.a, c.b, a, b, c.same)
		}
	}
	for _, none := range []string{"", " ", "—, .", "\u00a0"} {
		if h, ok := Household(knownKey, none); ok {
			t.Errorf("%q has the household %s", none, h)
		}
	}
	here, _ := Household(knownKey, "Main St 12")
	there, _ := Household(knownSalt, "Main St 12")
	if here == there {
		t.Error("two registers give one address the same household")
	}
}

func TestRecordRefuses(t *testing.T) {
	for name, r := range map[string]Record{
		"no person":      {Name: "x"},
		"not trimmed":    {Person: " x"},
		"two spaces":     {Person: "x", Name: "a  b"},
		"not NFC":        {Person: "x", Name: "e\u0301"},
		"control":        {Person: "x", Address: "a\x00b"},
		"line break":     {Person: "x", Address: "a\nb"},
		"not UTF-8":      {Person: "x", Contact: "\xff"},
		"too long":       {Person: strings.Repeat("x", MaxField+1)},
		"no-break space": {Person: "x", Name: "a\u00a0b"},
	} {
		if b, err := r.Canonical(); err == nil {
			t.Errorf("%s: accepted as %s", name, b)
		}
		if _, _, err := Seal(Row{Record: r}, knownSalt, knownKey); err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
}

func TestParseRecord(t *testing.T) {
	got, err := ParseRecord([]byte(knownRecord))
	if diff := cmp.Diff(knownRow.Record, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for name, text := range map[string]string{
		"white space":    `{"person": "x"}`,
		"unknown member": `{"birth":"x","person":"x"}`,
		"blank name":     `{"name":"","person":"x"}`,
		"not trimmed":    `{"person":"x "}`,
		"no person":      `{"name":"x"}`,
		"a number":       `{"person":7}`,
	} {
		if r, err := ParseRecord([]byte(text)); err == nil {
			t.Errorf("%s: accepted as %+v", name, r)
		}
	}
}
