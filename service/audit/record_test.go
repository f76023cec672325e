package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

func hash(b byte) Hash { return Hash(bytes.Repeat([]byte{b}, 32)) }

func seen(round uint64) *Seen {
	return &Seen{Chain: hash(0xc), Beacon: beacon.Beacon{Round: round, Signature: bytes.Repeat([]byte{7}, 48)}}
}

func mustBody(t testing.TB, v any) json.RawMessage {
	t.Helper()
	b, err := canonical.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bodies has one valid body of every kind, with a subject that it may stand on.
func bodies() map[Kind]struct {
	subject string
	body    any
} {
	type row = struct {
		subject string
		body    any
	}
	return map[Kind]row{
		KindCityAdd: {"city/lisboa", CityAdd{Name: "Lisboa", Slug: "lisboa"}},
		KindRegisterCommit: {"city/lisboa/register/2027", RegisterCommit{Root: hash(1), Size: 60, File: hash(2), Bytes: 9000,
			Features: []string{"age", "district"}, SmallCells: SmallCellsNone, K: 5}},
		KindDrawOpen: {"city/lisboa/jury/1", DrawOpen{Manifest: json.RawMessage(`{"v":1}`), Commit: hash(3)}},
		KindDrawResult: {"city/lisboa/jury/1", DrawResult{Commit: hash(3), Seed: hash(4), Beacon: *seen(9),
			Result: Blob{SHA256: hash(5), Bytes: 300}}},
		KindDrawVoid:    {"city/lisboa/jury/1", DrawVoid{Commit: hash(3), Reason: "the register was wrong"}},
		KindHeartbeat:   {"log", Heartbeat{}},
		KindLogContinue: {"log", LogContinue{Origin: "log.example/1", Size: 8, Root: hash(6), Reason: "disk lost"}},
	}
}

func TestRecordKeepsItsBytesAndItsBody(t *testing.T) {
	for kind, row := range bodies() {
		t.Run(string(kind), func(t *testing.T) {
			want := Record{Body: mustBody(t, row.body), Kind: kind, N: 2, Prev: hash(9), Seen: seen(8), Subject: row.subject}
			b, err := want.Encode()
			if err != nil {
				t.Fatal(err)
			}
			got, err := Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
			body, err := got.Decoded()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.body, body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecordBytesAreThoseOfTheSpecification(t *testing.T) {
	r := Record{Body: json.RawMessage(`{}`), Kind: KindHeartbeat, N: 1, Subject: "log"}
	got, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"body":{},"kind":"heartbeat","n":1,"prev":"` + strings.Repeat("0", 64) + `","subject":"log","v":1}`
	if string(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestLeafHashIsThatOfRFC9162(t *testing.T) {
	// printf '\0' | sha256sum: the leaf hash of no bytes.
	const want = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
	if got := LeafHash(nil).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := hex.EncodeToString(make([]byte, 32)); LeafHash(make([]byte, 32)).String() == got {
		t.Error("the prefix byte is missing")
	}
}

const goodRecord = `{"body":{"name":"Lisboa","slug":"lisboa"},"kind":"city.add","n":1,"prev":"` +
	`0000000000000000000000000000000000000000000000000000000000000000","subject":"city/lisboa","v":1}`

func TestDecodeRefuses(t *testing.T) {
	zero := strings.Repeat("0", 64)
	swap := func(old, with string) string {
		out := strings.Replace(goodRecord, old, with, 1)
		if out == goodRecord {
			t.Fatalf("%q is not in the good record", old)
		}
		return out
	}
	for name, in := range map[string]string{
		"nothing":                        "",
		"white space":                    " " + goodRecord,
		"a final newline":                goodRecord + "\n",
		"a second value":                 goodRecord + goodRecord,
		"keys out of order":              swap(`"n":1,"prev":"`+zero+`"`, `"prev":"`+zero+`","n":1`),
		"a key twice":                    swap(`"n":1`, `"n":1,"n":1`),
		"an unknown member":              swap(`"kind"`, `"extra":1,"kind"`),
		"a member in another case":       swap(`"kind"`, `"Kind"`),
		"no version":                     swap(`,"v":1`, ``),
		"another version":                swap(`"v":1`, `"v":2`),
		"null":                           swap(`{"name":"Lisboa","slug":"lisboa"}`, `null`),
		"a body that is a list":          swap(`{"name":"Lisboa","slug":"lisboa"}`, `[]`),
		"n zero":                         swap(`"n":1`, `"n":0`),
		"n negative":                     swap(`"n":1`, `"n":-1`),
		"n as text":                      swap(`"n":1`, `"n":"1"`),
		"n with an exponent":             swap(`"n":1`, `"n":1e0`),
		"n 2 without prev":               swap(`"n":1`, `"n":2`),
		"n 1 with prev":                  swap(zero, strings.Repeat("1", 64)),
		"prev in upper case":             swap(`"n":1,"prev":"`+zero, `"n":2,"prev":"`+strings.Repeat("A", 64)),
		"prev too short":                 swap(zero, zero[2:]),
		"a subject with an empty part":   swap(`"city/lisboa"`, `"city//lisboa"`),
		"a subject that climbs":          swap(`"city/lisboa"`, `"city/../x"`),
		"a subject in upper case":        swap(`"city/lisboa"`, `"city/Lisboa"`),
		"an empty subject":               swap(`"city/lisboa"`, `""`),
		"a subject that is too long":     swap(`"city/lisboa"`, `"`+strings.Repeat("a", 201)+`"`),
		"a kind in upper case":           swap(`city.add`, `City.add`),
		"an empty kind":                  swap(`city.add`, ``),
		"a kind with an empty word":      swap(`city.add`, `city..add`),
		"seen without a round":           swap(`"subject"`, `"seen":{"chain":"`+zero+`","signature":"`+strings.Repeat("07", 48)+`"},"subject"`),
		"seen with an unknown member":    swap(`"subject"`, `"seen":{"a":1,"chain":"`+zero+`","round":1,"signature":"`+strings.Repeat("07", 48)+`"},"subject"`),
		"more than 65,535 bytes":         swap(`Lisboa`, strings.Repeat("a", MaxRecord)),
		"invalid UTF-8":                  swap(`Lisboa`, "\xff"),
		"an escape that is not needed":   swap(`Lisboa`, `\u004cisboa`),
		"a byte order mark":              "\ufeff" + goodRecord,
		"an object that is not complete": goodRecord[:len(goodRecord)-1],
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(in))
			if err == nil {
				t.Fatalf("accepted: %+v", got)
			}
			if !reflect.DeepEqual(got, Record{}) {
				t.Errorf("error %v comes with a record", err)
			}
		})
	}
	if _, err := Decode([]byte(goodRecord)); err != nil {
		t.Fatalf("the unchanged record is refused: %v", err)
	}
}

func TestDecodedRefuses(t *testing.T) {
	good := bodies()
	change := func(kind Kind, old, with string) Record {
		b := string(mustBody(t, good[kind].body))
		if !strings.Contains(b, old) {
			t.Fatalf("%q is not in %s", old, b)
		}
		return Record{Body: json.RawMessage(strings.Replace(b, old, with, 1)), Kind: kind, N: 1, Subject: good[kind].subject}
	}
	move := func(kind Kind, subject string) Record {
		return Record{Body: mustBody(t, good[kind].body), Kind: kind, N: 1, Subject: subject}
	}
	for name, r := range map[string]Record{
		"a city without a name":           change(KindCityAdd, `"Lisboa"`, `""`),
		"a city with a line in its name":  change(KindCityAdd, `Lisboa`, `Lis\nboa`),
		"a city with a long name":         change(KindCityAdd, `Lisboa`, strings.Repeat("x", 201)),
		"a city on another subject":       move(KindCityAdd, "city/porto"),
		"a city with an extra member":     change(KindCityAdd, `"name"`, `"mayor":"x","name"`),
		"a city without its slug":         change(KindCityAdd, `,"slug":"lisboa"`, ``),
		"a register without people":       change(KindRegisterCommit, `"size":60`, `"size":0`),
		"a register without bytes":        change(KindRegisterCommit, `"bytes":9000`, `"bytes":-1`),
		"a register with k 0":             change(KindRegisterCommit, `"k":5`, `"k":0`),
		"a register with features null":   change(KindRegisterCommit, `["age","district"]`, `null`),
		"features out of order":           change(KindRegisterCommit, `["age","district"]`, `["district","age"]`),
		"a feature twice":                 change(KindRegisterCommit, `["age","district"]`, `["age","age"]`),
		"a feature without a name":        change(KindRegisterCommit, `["age","district"]`, `["","age"]`),
		"an unknown rule for small cells": change(KindRegisterCommit, `"none"`, `"some"`),
		"a register on a city":            move(KindRegisterCommit, "city/lisboa"),
		"a manifest that is text":         change(KindDrawOpen, `{"v":1}`, `"x"`),
		"a draw without a manifest":       change(KindDrawOpen, `,"manifest":{"v":1}`, ``),
		"a result of no bytes":            change(KindDrawResult, `"bytes":300`, `"bytes":0`),
		"a result with a short signature": change(KindDrawResult, strings.Repeat("07", 48), "07"),
		"a result without a seed":         change(KindDrawResult, `,"seed":"`+hash(4).String()+`"`, ``),
		"a void without a reason":         change(KindDrawVoid, `"the register was wrong"`, `""`),
		"a void without late":             change(KindDrawVoid, `"late":false,`, ``),
		"a heartbeat with a body":         {Body: json.RawMessage(`{"a":1}`), Kind: KindHeartbeat, N: 1, Subject: "log"},
		"a heartbeat on a city":           move(KindHeartbeat, "city/lisboa"),
		"a continued log without origin":  change(KindLogContinue, `log.example/1`, ``),
		"a continued log of size 0":       change(KindLogContinue, `"size":8`, `"size":0`),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := r.Decoded(); err == nil || got != nil {
				t.Errorf("accepted: %+v, %v", got, err)
			}
			if _, err := r.Encode(); err == nil {
				t.Error("Encode writes what Decoded refuses")
			}
		})
	}
}

func TestUnknownKindIsReportedAndKeepsItsPlace(t *testing.T) {
	in := strings.NewReplacer("city.add", "city.paint").Replace(goodRecord)
	r, err := Decode([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Decoded(); !errors.Is(err, ErrUnknownKind) {
		t.Errorf("got %v, want ErrUnknownKind", err)
	}
	again, err := r.Encode()
	if err != nil || string(again) != in {
		t.Errorf("Encode: %s, %v", again, err)
	}
}

func TestCheckSubject(t *testing.T) {
	for _, s := range []string{"log", "city/a/jury/1", "a.b-c_d/0", strings.Repeat("a", 200)} {
		if err := CheckSubject(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "/", "a/", "/a", "a//b", ".", "..", "a/..", "-a", "_a", "a b", "A", "é", "a\x00", "a\\b", strings.Repeat("a", 201)} {
		if err := CheckSubject(s); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(goodRecord))
	for kind, row := range bodies() {
		r := Record{Body: mustBody(f, row.body), Kind: kind, N: 3, Prev: hash(1), Seen: seen(4), Subject: row.subject}
		b, err := r.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(fmt.Sprintf(`{"body":{"a":[%s]}}`, strings.Repeat("1,", 30))))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Decode(b)
		if err != nil {
			return
		}
		again, err := r.Encode()
		if err != nil {
			if _, bodyErr := r.Decoded(); bodyErr == nil {
				t.Fatalf("a good record does not encode: %v", err)
			}
			return
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("got %s\nwant %s", again, b)
		}
	})
}
