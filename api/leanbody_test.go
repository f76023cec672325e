package api

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/api/strict"
)

const (
	usualGift   = `{"gift":{"amount":"5","donor":"members/0a","v":1},"signature":{"signature":"00ff"}}`
	usualBallot = `{"ballot":{"choice":{"vote":"yes"},"poll":"0a","v":1,"voter":"é"},"signature":{"signature":"00ff"}}`
)

func TestUsualBodiesAreReadByTheirFixedParts(t *testing.T) {
	if !new(NewGift).lean([]byte(usualGift)) || !new(NewBallot).lean([]byte(usualBallot)) {
		t.Error("a usual body goes the long way")
	}
}

// readAlike fails when the fast reading takes what the strict one finds a fault in, or reads it otherwise.
func readAlike(t *testing.T, body []byte) {
	t.Helper()
	var gift, strictGift NewGift
	if gift.lean(body) {
		if faults, diff := strict.Decode(body, &strictGift), cmp.Diff(strictGift, gift); len(faults) > 0 || diff != "" {
			t.Fatalf("%q: %v, strict against fast:\n%s", body, faults, diff)
		}
	}
	var ballot, strictBallot NewBallot
	if ballot.lean(body) {
		if faults, diff := strict.Decode(body, &strictBallot), cmp.Diff(strictBallot, ballot); len(faults) > 0 || diff != "" {
			t.Fatalf("%q: %v, strict against fast:\n%s", body, faults, diff)
		}
	}
}

func TestChangedBodiesAreReadAlike(t *testing.T) {
	for _, body := range []string{
		usualGift, usualBallot, usualGift + "\n", " " + usualGift,
		strings.Replace(usualGift, `"v":1`, `"v":"\u0000"`, 1), strings.Replace(usualGift, `"v":1`, `"v":"\ud800"`, 1),
		strings.Replace(usualGift, `"v":1`, `"v":null`, 1), strings.Replace(usualGift, `"signature":"00ff"`, `"signature":""`, 1),
		strings.Replace(usualGift, `{"amount":"5","donor":"members/0a","v":1}`, `[]`, 1),
		strings.Replace(usualGift, `,"v":1}`, `},"paid":{"v":1}`, 1), strings.Replace(usualGift, `,"v":1}`, `},"gift":{"v":1}`, 1),
		strings.Replace(usualGift, `,"v":1}`, `,"w":{},"signature":{"signature":"00"}}`, 1),
	} {
		readAlike(t, []byte(body))
		for at := range len(body) {
			readAlike(t, []byte(body[:at]+body[at+1:]))
			for _, c := range []byte("\"\\,{}0/ \x80\n") {
				readAlike(t, []byte(body[:at]+string([]byte{c})+body[at:]))
				changed := bytes.Clone([]byte(body))
				changed[at] = c
				readAlike(t, changed)
			}
		}
	}
}

func FuzzLeanBody(f *testing.F) {
	f.Add([]byte(usualGift))
	f.Add([]byte(usualBallot))
	f.Fuzz(readAlike)
}
