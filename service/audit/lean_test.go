package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"kleroterion/randomness/canonical"
)

// long is how a record was written before there was a shorter way.
func long(t *testing.T, r Record) []byte {
	t.Helper()
	b, err := canonical.Marshal(envelope{Body: r.Body, Kind: r.Kind, N: r.N, Prev: r.Prev, Seen: r.Seen, Subject: r.Subject, V: 1})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestARecordIsWrittenAsCanonicalMarshalWritesIt(t *testing.T) {
	for kind, row := range bodies() {
		for _, r := range []Record{
			{Body: mustBody(t, row.body), Kind: kind, N: 1, Subject: row.subject},
			{Body: mustBody(t, row.body), Kind: kind, N: 2, Prev: hash(9), Seen: seen(8), Subject: row.subject},
		} {
			got, err := r.Encode()
			if err != nil || !bytes.Equal(got, long(t, r)) {
				t.Errorf("got %s, %v\nwant %s", got, err, long(t, r))
			}
		}
	}
}

func TestABodyOfAnUnknownKindIsMadeCanonical(t *testing.T) {
	r := Record{Body: json.RawMessage(`{ "b":1, "a":"\u0041" }`), Kind: "test.note", N: 1, Subject: "s"}
	got, err := r.Encode()
	if err != nil || !strings.HasPrefix(string(got), `{"body":{"a":"A","b":1},"kind"`) {
		t.Errorf("got %s, %v", got, err)
	}
}

const (
	someGift   = `{"amount":"5","donor":"members/` + zeros + `","nonce":"` + nonce + `","project":"mill","round":"` + zeros + `","v":1}`
	someBallot = `{"choice":{"vote":"yes"},"poll":"` + zeros + `","v":1,"voter":"jury/1"}`
	zeros      = "0000000000000000000000000000000000000000000000000000000000000000"
	nonce      = "00000000000000000000000000000001"
	signed     = `"signature":{"signature":"` + zeros + zeros + `"}}`
)

// The fast reader of gifts and ballots refuses what Decoded refuses.
func TestGiftsAndBallotsAreCheckedBeforeTheyAreWritten(t *testing.T) {
	gift, ballot := `{"at":1,"gift":`+someGift+`,`+signed, `{"ballot":`+someBallot+`,`+signed
	for _, c := range []struct {
		name, body string
		kind       Kind
		subject    string
		ok         bool
	}{
		{"a gift", gift, KindGiftAdd, "community/c/round/r", true},
		{"a gift of a poll", gift, KindGiftAdd, "community/c/poll/r", false},
		{"a gift at no time", strings.Replace(gift, `"at":1`, `"at":0`, 1), KindGiftAdd, "community/c/round/r", false},
		{"a gift with a space", strings.Replace(gift, `,"gift"`, `, "gift"`, 1), KindGiftAdd, "community/c/round/r", false},
		{"a gift that is not canonical inside", strings.Replace(gift, `"5"`, `"\u0035"`, 1), KindGiftAdd, "community/c/round/r", false},
		{"a gift of version 2", strings.Replace(gift, `"v":1`, `"v":2`, 1), KindGiftAdd, "community/c/round/r", false},
		{"a gift of nobody", strings.Replace(gift, "members/0", "members/g", 1), KindGiftAdd, "community/c/round/r", false},
		{"a gift cut short", gift[:len(gift)-1], KindGiftAdd, "community/c/round/r", false},
		{"a ballot", ballot, KindBallotCast, "community/c/poll/p", true},
		{"a ballot in a round", ballot, KindBallotCast, "community/c/round/p", false},
		{"a ballot with a space", strings.Replace(ballot, `,"signature"`, ` ,"signature"`, 1), KindBallotCast, "community/c/poll/p", false},
		{"a ballot of version 2", strings.Replace(ballot, `"v":1`, `"v":2`, 1), KindBallotCast, "community/c/poll/p", false},
	} {
		r := Record{Body: json.RawMessage(c.body), Kind: c.kind, N: 1, Subject: c.subject}
		_, decoded := r.Decoded()
		_, err := r.Encode()
		if (err == nil) != c.ok || (decoded == nil) != c.ok || errors.Is(err, ErrUnknownKind) {
			t.Errorf("%s: Encode gives %v, Decoded %v", c.name, err, decoded)
		}
	}
}
