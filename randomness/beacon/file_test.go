package beacon

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFileRoundTrip(t *testing.T) {
	for _, v := range readVectors(t).Beacons {
		f := File{Chain: v.Chain, Beacon: v.beacon()}
		b, err := f.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseFile(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(pinnedChain(t, v.Network), back.Round, back.Beacon); err != nil || back.Chain != v.Chain {
			t.Errorf("%s round %d after the round trip: chain %s, %v", v.Network, v.Round, back.Chain, err)
		}
	}
}

func TestFileHasThisForm(t *testing.T) {
	x := realBeacon(t, "quicknet", 1000)
	got, err := File{Chain: pinnedChain(t, "quicknet").Hash, Beacon: x}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"chain":"52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971","round":1000,` +
		`"signature":"b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFileStandsInsideADocument(t *testing.T) {
	type document struct {
		Beacon File   `json:"beacon"`
		Draw   string `json:"draw"`
	}
	in := document{File{Chain: pinnedChain(t, "default").Hash, Beacon: realBeacon(t, "default", 2)}, "x"}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out document
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"beacon":{"round":1}}`), &out); err == nil {
		t.Error("a beacon without chain was accepted")
	}
}

func TestParseFileRefuses(t *testing.T) {
	b, err := File{Chain: pinnedChain(t, "default").Hash, Beacon: realBeacon(t, "default", 2)}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	swap := func(old, new string) string {
		out := strings.Replace(good, old, new, 1)
		if out == good {
			t.Fatalf("%q is not in %s", old, good)
		}
		return out
	}
	for name, in := range map[string]string{
		"nothing":               "",
		"white space":           " " + good,
		"line feed after":       good + "\n",
		"an array":              "[" + good + "]",
		"another member order":  `{"round":2,` + swap(`,"round":2`, ``)[1:],
		"an unknown member":     swap(`{`, `{"a":1,`),
		"randomness":            swap(`"round"`, `"randomness":"00","round"`),
		"no chain":              swap(`"chain"`, `"c"`),
		"round 0":               swap(`"round":2`, `"round":0`),
		"round -1":              swap(`"round":2`, `"round":-1`),
		"round 2^53":            swap(`"round":2`, `"round":9007199254740992`),
		"round 2.0":             swap(`"round":2`, `"round":2.0`),
		"round a string":        swap(`"round":2`, `"round":"2"`),
		"round null":            swap(`"round":2`, `"round":null`),
		"round twice":           swap(`"round":2`, `"round":2,"round":2`),
		"no signature":          good[:strings.Index(good, `,"signature"`)] + "}",
		"empty signature":       good[:strings.Index(good, `"signature"`)] + `"signature":""}`,
		"signature of 47 bytes": good[:strings.Index(good, `"signature"`)] + `"signature":"` + strings.Repeat("00", 47) + `"}`,
		"upper-case signature":  swap(`"signature":"a`, `"signature":"A`),
		"odd signature":         swap(`"signature":"a`, `"signature":"`),
		"empty previous":        `{"chain":"` + strings.Repeat("00", 32) + `","previous":"","round":1,"signature":"` + strings.Repeat("00", 48) + `"}`,
		"previous of one byte":  `{"chain":"` + strings.Repeat("00", 32) + `","previous":"00","round":1,"signature":"` + strings.Repeat("00", 48) + `"}`,
		"too long":              good + strings.Repeat(" ", maxFile),
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := ParseFile([]byte(in)); err == nil {
				t.Errorf("accepted as %v", f)
			}
		})
	}
}

func TestMarshalFileRefusesWhatNoSchemeHas(t *testing.T) {
	sig := make([]byte, 48)
	for name, b := range map[string]Beacon{
		"round 0":              {Round: 0, Signature: sig},
		"round 2^53":           {Round: MaxRound + 1, Signature: sig},
		"no signature":         {Round: 1},
		"signature of 49":      {Round: 1, Signature: make([]byte, 49)},
		"previous of 33 bytes": {Round: 1, Signature: sig, Previous: make([]byte, 33)},
	} {
		if out, err := (File{Beacon: b}).Marshal(); err == nil {
			t.Errorf("%s: written as %s", name, out)
		}
	}
}
