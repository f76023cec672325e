package seating_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/identity"
	"kleroterion/service/seating"
)

var (
	idText  = `"id":"` + person(1) + `"`
	keyText = `"key":{"alg":"ed25519","public":"` + keyOf(1).Public.String() + `"}`
)

var goodMoves = []string{
	`{"act":"invite","at":5,"deadline":9,` + idText + `,"seat":1}`,
	`{"act":"accept","at":5,` + idText + `,"seat":1}`,
	`{"act":"accept","assisted":true,"at":5,` + idText + `,` + keyText + `,"seat":1}`,
	`{"act":"decline","at":5,` + idText + `,"seat":1}`,
	`{"act":"defer","at":5,"ground":"studies",` + idText + `,"seat":1}`,
	`{"act":"expire","at":5,` + idText + `,"seat":1}`,
	`{"act":"undeliverable","at":5,` + idText + `,"seat":1}`,
	`{"act":"key","at":5,` + idText + `,` + keyText + `,"seat":1}`,
	`{"act":"withdraw","at":5,"ground":"other",` + idText + `,"seat":1}`,
	`{"act":"recuse","at":5,"ground":"interest",` + idText + `,"poll":"community/river/poll/lock","seat":1}`,
	`{"act":"exhaust","at":5,"seat":1}`,
	`{"act":"complete","at":5,` + idText + `,"seat":1}`,
}

func TestMovesReadAsTheyAreWritten(t *testing.T) {
	for _, text := range goodMoves {
		m, err := seating.ParseMove([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if again, err := m.Canonical(); err != nil || string(again) != text {
			t.Errorf("%s became %s, %v", text, again, err)
		}
	}
}

var badMoves = map[string]string{
	"unknown act":            `{"act":"appoint","at":5,` + idText + `,"seat":1}`,
	"invite without time":    `{"act":"invite","at":5,` + idText + `,"seat":1}`,
	"accept with deadline":   `{"act":"accept","at":5,"deadline":9,` + idText + `,"seat":1}`,
	"accept with ground":     `{"act":"accept","at":5,"ground":"work",` + idText + `,"seat":1}`,
	"accept by nobody":       `{"act":"accept","at":5,"seat":1}`,
	"decline with key":       `{"act":"decline","at":5,` + idText + `,` + keyText + `,"seat":1}`,
	"defer without ground":   `{"act":"defer","at":5,` + idText + `,"seat":1}`,
	"expire assisted":        `{"act":"expire","assisted":true,"at":5,` + idText + `,"seat":1}`,
	"key without key":        `{"act":"key","at":5,` + idText + `,"seat":1}`,
	"withdraw with poll":     `{"act":"withdraw","at":5,"ground":"work",` + idText + `,"poll":"community/river/poll/lock","seat":1}`,
	"recuse without poll":    `{"act":"recuse","at":5,"ground":"work",` + idText + `,"seat":1}`,
	"recuse from a draw":     `{"act":"recuse","at":5,"ground":"work",` + idText + `,"poll":"city/town/draw/canal","seat":1}`,
	"exhaust of a person":    `{"act":"exhaust","at":5,` + idText + `,"seat":1}`,
	"assisted false":         `{"act":"decline","assisted":false,"at":5,` + idText + `,"seat":1}`,
	"short id":               `{"act":"decline","at":5,"id":"00","seat":1}`,
	"id in capitals":         `{"act":"decline","at":5,"id":"` + strings.Repeat("A", 64) + `","seat":1}`,
	"seat below one":         `{"act":"exhaust","at":5,"seat":-1}`,
	"time below one":         `{"act":"exhaust","at":0,"seat":1}`,
	"negative deadline":      `{"act":"invite","at":5,"deadline":-9,` + idText + `,"seat":1}`,
	"free text":              `{"act":"withdraw","at":5,"ground":"work",` + idText + `,"note":"ill","seat":1}`,
	"not canonical":          ` {"act":"exhaust","at":5,"seat":1}`,
	"members in other order": `{"at":5,"act":"exhaust","seat":1}`,
	"no object":              `[]`,
	"empty":                  ``,
}

func TestMovesOfAnotherFormAreRefused(t *testing.T) {
	for name, text := range badMoves {
		t.Run(name, func(t *testing.T) {
			if m, err := seating.ParseMove([]byte(text)); rule(err) != "move_form" {
				t.Errorf("got %+v, %v", m, err)
			}
		})
	}
}

func FuzzParseMove(f *testing.F) {
	for _, text := range goodMoves {
		f.Add([]byte(text))
	}
	for _, text := range badMoves {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		m, err := seating.ParseMove(in)
		if err != nil {
			return
		}
		if again, err := m.Canonical(); err != nil || !bytes.Equal(again, in) {
			t.Fatalf("%q became %q, %v", in, again, err)
		}
	})
}

func TestOpenReadsAsItIsWritten(t *testing.T) {
	o := terms(t, drawn())
	b, err := o.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	again, err := seating.ParseOpen(b)
	if diff := cmp.Diff(o, again); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for name, text := range map[string]string{
		"no deferral":    strings.Replace(string(b), `"deferral":true,`, "", 1),
		"another member": strings.Replace(string(b), `"starts"`, `"note":1,"starts"`, 1),
		"answer of 0":    strings.Replace(string(b), `"answer":7200`, `"answer":0`, 1),
	} {
		if _, err := seating.ParseOpen([]byte(text)); rule(err) != "open_form" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyProofIsOfOneSeatActAndKey(t *testing.T) {
	p := seating.KeyProof{Act: seating.Accept, ID: person(1), Key: *keyOf(1), Seat: 1, Subject: subject, V: 1}
	object, err := p.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"act":"accept",` + idText + `,` + keyText + `,"seat":1,"subject":"` + subject + `","v":1}`
	if string(object) != want {
		t.Errorf("got %s, want %s", object, want)
	}
	s := identity.Sign(privateOf(1), identity.ThingSeat, object)
	if err := p.Verify(s); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*seating.KeyProof){
		"another seat":    func(p *seating.KeyProof) { p.Seat = 2 },
		"another person":  func(p *seating.KeyProof) { p.ID = person(2) },
		"another act":     func(p *seating.KeyProof) { p.Act = seating.GiveKey },
		"another key":     func(p *seating.KeyProof) { p.Key = *keyOf(2) },
		"another subject": func(p *seating.KeyProof) { p.Subject = "city/town/draw/lake/seats" },
		"act without key": func(p *seating.KeyProof) { p.Act = seating.Decline },
		"version":         func(p *seating.KeyProof) { p.V = 2 },
		"no subject":      func(p *seating.KeyProof) { p.Subject = "" },
		"no seat":         func(p *seating.KeyProof) { p.Seat = 0 },
		"no key":          func(p *seating.KeyProof) { p.Key = identity.Key{} },
	} {
		q := p
		change(&q)
		if err := q.Verify(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
