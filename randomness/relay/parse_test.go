package relay

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
)

func TestAnswersAreRead(t *testing.T) {
	tests := map[string]struct {
		body string
		want beacon.Beacon
		said string // randomness
	}{
		"v1": {`{"round":7,"randomness":"aa","signature":"01ff"}`, beacon.Beacon{Round: 7, Signature: []byte{1, 255}}, "aa"},
		"v2": {`{"round":7,"signature":"01ff"}`, beacon.Beacon{Round: 7, Signature: []byte{1, 255}}, ""},
		"chained": {`{"round":7,"signature":"01","previous_signature":"02"}`,
			beacon.Beacon{Round: 7, Signature: []byte{1}, Previous: []byte{2}}, ""},
		"any order, white space": {" {\n\"signature\" : \"01\",\t\"round\":9007199254740991} \r\n", beacon.Beacon{Round: beacon.MaxRound, Signature: []byte{1}}, ""},
		"empty previous":         {`{"round":7,"signature":"01","previous_signature":"","randomness":""}`, beacon.Beacon{Round: 7, Signature: []byte{1}}, ""},
		"members of other kinds": {`{"round":7,"signature":"01","Round":8,"SIGNATURE":"02","more":[{"round":9}]}`, beacon.Beacon{Round: 7, Signature: []byte{1}}, ""},
		"escaped member name":    {`{"\u0072ound":7,"signature":"01"}`, beacon.Beacon{Round: 7, Signature: []byte{1}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseAnswer([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got.beacon); d != "" || hex.EncodeToString(got.randomness) != tt.said {
				t.Errorf("randomness %x (-want +got):\n%s", got.randomness, d)
			}
		})
	}
}

func TestBadAnswersAreRefused(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"nothing":                {``, "unexpected end"},
		"HTML":                   {`<html></html>`, "unexpected '<'"},
		"null":                   {`null`, "null is not allowed"},
		"a string":               {`"round"`, "want a JSON object"},
		"a number":               {`7`, "want a JSON object"},
		"an empty object":        {`{}`, "member round"},
		"a cut object":           {`{"round":7,"signature":"01"`, "want , or }"},
		"text behind":            {`{"round":7,"signature":"01"}x`, "after the value"},
		"no round":               {`{"signature":"01"}`, "member round"},
		"no signature":           {`{"round":7}`, "signature is missing"},
		"empty signature":        {`{"round":7,"signature":""}`, "signature is missing"},
		"signature null":         {`{"round":7,"signature":null}`, "null is not allowed"},
		"signature a number":     {`{"round":7,"signature":1}`, "member signature: want a string"},
		"signature of odd hex":   {`{"round":7,"signature":"012"}`, "lower-case hexadecimal"},
		"signature upper case":   {`{"round":7,"signature":"0A"}`, "lower-case hexadecimal"},
		"signature with a 0x":    {`{"round":7,"signature":"0x01"}`, "lower-case hexadecimal"},
		"signature with a space": {`{"round":7,"signature":"01 "}`, "lower-case hexadecimal"},
		"round negative":         {`{"round":-7,"signature":"01"}`, "want an integer"},
		"round a string":         {`{"round":"7","signature":"01"}`, "want an integer"},
		"round with a fraction":  {`{"round":7.0,"signature":"01"}`, "not an integer"},
		"round with an exponent": {`{"round":7e0,"signature":"01"}`, "not an integer"},
		"round with a zero":      {`{"round":07,"signature":"01"}`, "not an integer"},
		"round above 2^53-1":     {`{"round":9007199254740992,"signature":"01"}`, "not an integer"},
		"round a list":           {`{"round":[7],"signature":"01"}`, "want an integer"},
		"round twice":            {`{"round":7,"round":7,"signature":"01"}`, "stands twice"},
		"round twice, escaped":   {`{"round":7,"\u0072ound":8,"signature":"01"}`, "stands twice"},
		"nested member twice":    {`{"round":7,"signature":"01","x":{"a":1,"a":2}}`, "stands twice"},
		"previous a number":      {`{"round":7,"signature":"01","previous_signature":2}`, "member previous_signature"},
		"randomness not hex":     {`{"round":7,"signature":"01","randomness":"zz"}`, "member randomness"},
		"invalid UTF-8":          {"{\"round\":7,\"signature\":\"01\",\"x\":\"\xff\"}", "invalid UTF-8"},
		"byte order mark":        {"\ufeff{\"round\":7,\"signature\":\"01\"}", "unexpected"},
		"nested too deep":        {`{"round":7,"signature":"01","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "deeper"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if a, err := parseAnswer([]byte(tt.body)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %+v, %v, want an error with %q", a, err, tt.want)
			}
		})
	}
}

// What is accepted survives being written by drand's own rules, and a JSON reader that takes the last
// of several members sees the same round.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"round":7,"randomness":"aa","signature":"01ff"}`, `{"round":7,"signature":"01","previous_signature":"02"}`,
		`{"round":7,"round":8,"signature":"01"}`, `{"ROUND":7,"signature":"01"}`, `{"round":1e3,"signature":"01"}`,
		`{"round":18446744073709551615,"signature":"01"}`, `<html>`, `[]`, `{"round":7,"signature":"01","x":{"y":[true,"\u00e9"]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseAnswer(body)
		if err != nil {
			return
		}
		var loose map[string]any
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&loose); err != nil {
			t.Fatalf("accepted %q, which is no JSON object: %v", body, err)
		}
		if got := fmt.Sprint(loose["round"]); got != fmt.Sprint(a.beacon.Round) || a.beacon.Round > beacon.MaxRound {
			t.Errorf("round %d in %q, others read %s", a.beacon.Round, body, got)
		}
		if loose["signature"] != hex.EncodeToString(a.beacon.Signature) || len(a.beacon.Signature) == 0 {
			t.Errorf("signature %x in %q, others read %v", a.beacon.Signature, body, loose["signature"])
		}
		again := fmt.Sprintf(`{"round":%d,"randomness":"%x","signature":"%x","previous_signature":"%x"}`,
			a.beacon.Round, a.randomness, a.beacon.Signature, a.beacon.Previous)
		b, err := parseAnswer([]byte(again))
		if d := cmp.Diff(a, b, cmp.AllowUnexported(answer{})); d != "" || err != nil {
			t.Errorf("%q: written again: %v\n%s", body, err, d)
		}
	})
}

func FuzzChains(f *testing.F) {
	h := strings.Repeat("0a", 32)
	for _, seed := range []string{`[]`, `["` + h + `"]`, `["` + strings.ToUpper(h) + `"]`, `["0a"]`, `[1]`, `{}`, `[null]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := parseChains(body)
		if err != nil {
			return
		}
		again, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, body); err != nil {
			t.Fatalf("accepted %q: %v", body, err)
		}
		if len(list) > 0 && !strings.Contains(compact.String(), `\`) && compact.String() != string(again) {
			t.Errorf("%q is read as %s", body, again)
		}
	})
}

func TestStatesOfRoundsAreForgottenOldestFirst(t *testing.T) {
	r := rounds{states: map[roundKey]State{}}
	for i := range uint64(maxRounds + 10) {
		if !r.set(roundKey{round: i}, StateDue) {
			t.Fatalf("round %d is not news", i)
		}
	}
	if len(r.states) != maxRounds || len(r.order) != maxRounds || r.states[roundKey{round: 9}] != "" || r.states[roundKey{round: 10}] != StateDue {
		t.Errorf("%d states, %d in order", len(r.states), len(r.order))
	}
}

func TestWhichStateFollowsWhich(t *testing.T) {
	all := []State{StateScheduled, StateDue, StateLate, StateHalted, StateFetched, StateVerified}
	refused := map[State][]State{
		StateDue:      {StateScheduled},
		StateLate:     {StateScheduled, StateDue},
		StateHalted:   {StateScheduled, StateDue},
		StateFetched:  {StateScheduled},
		StateVerified: {StateScheduled, StateDue, StateLate, StateHalted, StateFetched},
	}
	for _, from := range all {
		for _, to := range all {
			r := rounds{states: map[roundKey]State{{}: from}}
			want := from != to
			for _, s := range refused[from] {
				want = want && s != to
			}
			if got := r.set(roundKey{}, to); got != want {
				t.Errorf("%s to %s: changed %v, want %v", from, to, got, want)
			}
		}
	}
}

func TestEveryOrganisationComesBeforeTheSecondRelayOfAny(t *testing.T) {
	var rs []*record
	for _, o := range []string{"x", "x", "X ", "y", "z", "y"} {
		rs = append(rs, &record{relay: Relay{Organisation: o}})
	}
	for bits := range uint64(720) { // all orders of six
		shuffle(rs, bits)
		got := ""
		for _, r := range alternate(rs) {
			got += r.relay.organisation()
		}
		first := strings.ContainsRune(got[:3], 'x') && strings.ContainsRune(got[:3], 'y') && strings.ContainsRune(got[:3], 'z')
		if len(got) != 6 || !first || got[5] != 'x' {
			t.Errorf("order %d: %s", bits, got)
		}
	}
}

func TestShuffleReachesEveryOrder(t *testing.T) {
	seen := map[string]bool{}
	for bits := range uint64(24) {
		rs := []*record{{relay: Relay{URL: "a"}}, {relay: Relay{URL: "b"}}, {relay: Relay{URL: "c"}}, {relay: Relay{URL: "d"}}}
		shuffle(rs, bits)
		seen[rs[0].relay.URL+rs[1].relay.URL+rs[2].relay.URL+rs[3].relay.URL] = true
	}
	if len(seen) != 24 {
		t.Errorf("%d orders of 24", len(seen))
	}
}
