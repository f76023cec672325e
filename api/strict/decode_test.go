package strict

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type seat struct {
	Stratum string `json:"stratum"`
	Seats   int64  `json:"seats"`
}

type request struct {
	City    string            `json:"city"`
	Round   uint64            `json:"round,omitempty"`
	Public  bool              `json:"public,omitempty"`
	Strata  []seat            `json:"strata,omitempty"`
	By      []string          `json:"by,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
	Nested  seat              `json:"nested,omitzero"`
	Maybe   *seat             `json:"maybe,omitempty"`
	Ignored string            `json:"-"`
	Bare    string
}

func TestDecodeFillsEveryMember(t *testing.T) {
	const body = ` {"city":"a\u00e9\ud83d\ude00","round":18446744073709551615,"public":true,
		"strata":[{"stratum":"north/16-29","seats":3},{"seats":-1,"stratum":""}],"by":["age","district"],
		"labels":{"a/b":"c"},"nested":{"stratum":"x","seats":9},
		"maybe":{"stratum":"y","seats":4}} ` + "\n"
	want := request{
		City: "aé😀", Round: 1<<64 - 1, Public: true,
		Strata: []seat{{"north/16-29", 3}, {"", -1}}, By: []string{"age", "district"},
		Labels: map[string]string{"a/b": "c"}, Nested: seat{"x", 9},
		Maybe: &seat{"y", 4},
	}
	var got request
	if faults := Decode([]byte(body), &got); faults != nil {
		t.Fatalf("Decode: %v", faults)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded value (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ name, body, pointer, rule string }{
		{"nothing", "", "", RuleSyntax},
		{"white space", " \n", "", RuleSyntax},
		{"a cut object", `{"city":"x"`, "", RuleSyntax},
		{"a cut string", `{"city":"x`, "/city", RuleSyntax},
		{"a comma too many", `{"city":"x",}`, "", RuleSyntax},
		{"a comma too few", `{"city":"x" "round":1}`, "", RuleSyntax},
		{"single quotes", `{'city':'x'}`, "", RuleSyntax},
		{"a comment", `{"city":"x"/*x*/}`, "", RuleSyntax},
		{"a leading zero", `{"city":"x","round":01}`, "", RuleSyntax},
		{"not a number", `{"city":"x","round":NaN}`, "/round", RuleSyntax},
		{"a list for the body", `["city"]`, "", RuleType},
		{"a string for the body", `"city"`, "", RuleType},
		{"null for the body", `null`, "", RuleNull},
		{"bytes after the value", `{"city":"x"}{}`, "", RuleTrailing},
		{"a bracket after the value", `{"city":"x"}]`, "", RuleTrailing},
		{"an unknown member", `{"city":"x","town":{"a":[1,{"b":2}]}}`, "/town", RuleUnknown},
		{"a member of another case", `{"city":"x","Round":1}`, "/Round", RuleUnknown},
		{"a member by its Go name", `{"city":"x","Bare":"y"}`, "/Bare", RuleUnknown},
		{"an ignored member", `{"city":"x","Ignored":"y"}`, "/Ignored", RuleUnknown},
		{"an unknown member inside", `{"city":"x","strata":[{"stratum":"","seats":1,"x":1}]}`, "/strata/0/x", RuleUnknown},
		{"an escaped pointer", `{"city":"x","a/b~c":1}`, "/a~1b~0c", RuleUnknown},
		{"a duplicate member", `{"city":"x","city":"y"}`, "/city", RuleDuplicate},
		{"a duplicate by escape", `{"city":"x","\u0063ity":"y"}`, "/city", RuleDuplicate},
		{"a duplicate inside a map", `{"city":"x","labels":{"a":"1","a":"2"}}`, "/labels/a", RuleDuplicate},
		{"a number where a string is due", `{"city":7}`, "/city", RuleType},
		{"a string where a number is due", `{"city":"x","round":"7"}`, "/round", RuleType},
		{"a fraction", `{"city":"x","round":1.0}`, "/round", RuleType},
		{"an exponent", `{"city":"x","round":1e3}`, "/round", RuleType},
		{"a negative where none can be", `{"city":"x","round":-1}`, "/round", RuleRange},
		{"a number too large", `{"city":"x","nested":{"stratum":"","seats":9223372036854775808}}`, "/nested/seats", RuleRange},
		{"a string for a boolean", `{"city":"x","public":"true"}`, "/public", RuleType},
		{"an object for a list", `{"city":"x","by":{}}`, "/by", RuleType},
		{"a list for an object", `{"city":"x","nested":[]}`, "/nested", RuleType},
		{"null for a member", `{"city":null}`, "/city", RuleNull},
		{"null for an optional object", `{"city":"x","maybe":null}`, "/maybe", RuleNull},
		{"null in a list", `{"city":"x","by":["a",null]}`, "/by/1", RuleNull},
		{"a missing member", `{}`, "/city", RuleRequired},
		{"a missing member inside", `{"city":"x","strata":[{"stratum":""}]}`, "/strata/0/seats", RuleRequired},
		{"bytes that are not UTF-8", "{\"city\":\"\xff\"}", "", RuleEncoding},
		{"half a surrogate pair", `{"city":"\ud83d"}`, "", RuleEncoding},
		{"a low surrogate first", `{"city":"\ude00\ud83d"}`, "", RuleEncoding},
		{"an escaped NUL", `{"city":"\u0000"}`, "", RuleEncoding},
		{"a raw control character", "{\"city\":\"a\x01\"}", "/city", RuleSyntax},
		{"a byte order mark", "\ufeff{\"city\":\"x\"}", "", RuleSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var v request
			faults := Decode([]byte(tt.body), &v)
			if len(faults) != 1 {
				t.Fatalf("got %d faults %v, want one", len(faults), faults)
			}
			got := faults[0]
			if got.Pointer != tt.pointer || got.Rule != tt.rule || got.Detail == "" {
				t.Errorf("got %+v, want rule %s at %q", got, tt.rule, tt.pointer)
			}
			if got.Malformed() != (tt.rule != RuleRequired) {
				t.Errorf("Malformed() = %v for rule %s", got.Malformed(), got.Rule)
			}
		})
	}
}

func TestDecodeReportsAllFaultsAtOnce(t *testing.T) {
	var v request
	faults := Decode([]byte(`{"round":"x","town":1,"by":[1,"a",null],"public":0}`), &v)
	var got []string
	for _, f := range faults {
		got = append(got, f.Rule+" "+f.Pointer)
	}
	want := []string{"type /round", "unknown_member /town", "type /by/0", "null /by/2", "type /public", "required /city"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestDecodeBoundsItsAnswer(t *testing.T) {
	var v request
	faults := Decode([]byte(`{"city":"x","by":[`+strings.Repeat("1,", 5000)+`1]}`), &v)
	if len(faults) != maxFaults {
		t.Errorf("got %d faults, want %d", len(faults), maxFaults)
	}
	long := Decode([]byte(`{"city":"x","`+strings.Repeat("n", 5000)+`":1}`), &v)
	if len(long) != 1 || len(long[0].Pointer) > 101 {
		t.Errorf("a name of 5000 bytes came back as a pointer of %d bytes", len(long[0].Pointer))
	}
}

func TestDecodeSurvivesDeepNesting(t *testing.T) {
	var v request
	body := `{"city":"x","deep":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + `}`
	faults := Decode([]byte(body), &v)
	if len(faults) == 0 {
		t.Error("an unknown member 200,000 deep was accepted")
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"city":"x"}`, `{"city":"x","round":1,"strata":[{"stratum":"a","seats":1}]}`, `[1,]`, `{"a" 1}`,
		`{"city":"\ud83d\ude00"}`, `{"city":"\\ud83d"}`, `{"city":"x","labels":{"a":"b"}} `, `{"city":"x"}x`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v, again request
		if faults := Decode(b, &v); len(faults) > 0 {
			return
		}
		if !json.Valid(b) {
			t.Fatalf("accepted what is not JSON: %q", b)
		}
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatalf("accepted %q, which encoding/json refuses: %v", b, err)
		}
		if diff := cmp.Diff(again, v); diff != "" {
			t.Fatalf("%q decodes differently (-encoding/json +strict):\n%s", b, diff)
		}
	})
}
