package service

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

func TestAGiftIsTakenFromItsRecordAsTheStrictReaderTakesIt(t *testing.T) {
	gift := grants.Paid{Amount: "5", Donor: "members/" + strings.Repeat("0", 64), Project: "mill", Round: beacon.Hash{1},
		Reference: `","kind":"gift.add","n":7,"prev":"` + strings.Repeat("0", 64)} // what a payer may write
	add, err := gift.Sign(ed25519.NewKeyFromSeed(make([]byte, 32)), "bank", 5)
	if err != nil {
		t.Fatal(err)
	}
	body, err := canonical.Marshal(add)
	if err != nil {
		t.Fatal(err)
	}
	text, err := audit.Record{Body: body, Kind: audit.KindGiftAdd, N: 7, Prev: audit.Hash{2}, Subject: "community/commons/round/spring"}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want, err := audit.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	good := LogEntry{Kind: audit.KindGiftAdd, N: 7, Record: text}
	got, err := decode(good)
	if err != nil || !bytes.Equal(got.Body, want.Body) || got.Kind != want.Kind || got.N != want.N {
		t.Errorf("%s, %v", got.Body, err)
	}
	for name, change := range map[string]func(*LogEntry){
		"the number of another": func(e *LogEntry) { e.N = 8 },
		"a record of another kind": func(e *LogEntry) {
			e.Record = bytes.Replace(text, []byte(`,"kind":"gift.add"`), []byte(`,"kind":"gift.give"`), 1)
		},
		"a record without a body": func(e *LogEntry) { e.Record = text[8:] },
		"a cut record":            func(e *LogEntry) { e.Record = text[:len(body)] },
		"nothing":                 func(e *LogEntry) { e.Record = nil },
	} {
		bad := good
		change(&bad)
		if _, err := decode(bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
