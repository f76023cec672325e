package register

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/randomness/canonical"
)

const (
	idA    = "033be8beffb4261f9ceb8c2c6ec4ce2ceab84c6dd5bec41551304475e4674a15"
	idB    = "047d25b91244d21f0898dc278f291d8dbe7b281b7e2b0579d994e3de870dbb66"
	sealA  = "7f955a1914b791ae4dac0aa3535c8b7c753baf602b3383c28fb32469a4d923f9"
	lineA  = `{"features":{"age":"50+","district":"north"},"household":"39290aec4c8ebee6","id":"` + idA + `","sealed":"` + sealA + `"}`
	idTail = `"id":"` + idA + `"}`
)

func TestParseLineAccepts(t *testing.T) {
	for name, line := range map[string]string{
		"every member":             lineA,
		"no features":              `{"features":{},` + idTail,
		"household of zeros":       `{"features":{"a":"b"},"household":"0000000000000000",` + idTail,
		"sealed without household": `{"features":{"a":"b"},"id":"` + idA + `","sealed":"` + sealA + `"}`,
		"braces in a value":        `{"features":{"a":"}},{"},` + idTail,
		"quote and backslash":      `{"features":{"a":"\"","b":"\\"},` + idTail,
		"members' look in a value": `{"features":{"a":"\"},\"id\":\""},` + idTail,
		"keys in UTF-16 order":     `{"features":{"a":"x","😀":"y","ﬁ":"z"},` + idTail,
		"one key before its longer": `{"features":{"a":"x","aa":"y"},` +
			idTail,
	} {
		e, err := ParseLine([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again, err := e.Line(); err != nil || string(again) != line {
			t.Errorf("%s: written again %s, %v", name, again, err)
		}
	}
}

func TestParseLineRefuses(t *testing.T) {
	long := strings.Repeat("x", MaxFeatureValue+1)
	var many []string
	for i := range MaxFeatures + 1 {
		many = append(many, fmt.Sprintf(`"%02d":"x"`, i))
	}
	for _, c := range []struct{ name, line, rule, part string }{
		{"empty line", ``, RuleCanonical, "unexpected end"},
		{"white space", `{"features": {},` + idTail, RuleCanonical, ""},
		{"trailing space", `{"features":{},` + idTail + " ", RuleCanonical, ""},
		{"carriage return", `{"features":{},` + idTail + "\r", RuleCanonical, "carriage return"},
		{"byte order mark", "\ufeff" + `{"features":{},` + idTail, RuleCanonical, ""},
		{"members unsorted", `{"id":"` + idA + `","features":{}}`, RuleCanonical, ""},
		{"features unsorted", `{"features":{"b":"x","a":"y"},` + idTail, RuleCanonical, ""},
		{"UTF-8 order where UTF-16 differs", `{"features":{"ﬁ":"z","😀":"y"},` + idTail, RuleCanonical, ""},
		{"feature twice", `{"features":{"a":"x","a":"x"},` + idTail, RuleCanonical, "twice"},
		{"needless escape", `{"features":{"a":"\u0041"},` + idTail, RuleCanonical, ""},
		{"escaped slash", `{"features":{"a":"x\/y"},` + idTail, RuleCanonical, ""},
		{"invalid UTF-8", "{\"features\":{\"a\":\"\xff\"}," + idTail, RuleCanonical, "UTF-8"},
		{"null features", `{"features":null,` + idTail, RuleCanonical, "null"},
		{"trailing comma", `{"features":{"a":"x",},` + idTail, RuleCanonical, ""},
		{"two objects", `{"features":{},` + idTail + `{}`, RuleCanonical, ""},
		{"cut short", lineA[:len(lineA)-1], RuleCanonical, ""},
		{"no features member", `{` + idTail, RuleEntryForm, "begins with"},
		{"no id", `{"features":{}}`, RuleEntryForm, "id"},
		{"an array", `[]`, RuleEntryForm, ""},
		{"unknown member", `{"features":{},"id":"` + idA + `","name":"x"}`, RuleEntryForm, "ends after"},
		{"unknown member first", `{"aaa":"x","features":{},` + idTail, RuleEntryForm, "begins with"},
		{"features a list", `{"features":[],` + idTail, RuleEntryForm, "begins with"},
		{"feature a number", `{"features":{"a":1},` + idTail, RuleEntryForm, "not a string"},
		{"feature an object", `{"features":{"a":{}},` + idTail, RuleEntryForm, ""},
		{"feature name empty", `{"features":{"":"x"},` + idTail, RuleEntryForm, "empty"},
		{"feature value empty", `{"features":{"a":""},` + idTail, RuleEntryForm, "empty"},
		{"slash in a value", `{"features":{"a":"x/y"},` + idTail, RuleEntryForm, "/"},
		{"control character", `{"features":{"a":"x\ny"},` + idTail, RuleEntryForm, "escape"},
		{"delete character", `{"features":{"a":"x` + "\x7f" + `"},` + idTail, RuleEntryForm, "control"},
		{"C1 control in a name", `{"features":{"x` + "\u0085" + `":"a"},` + idTail, RuleEntryForm, "control"},
		{"value too long", `{"features":{"a":"` + long + `"},` + idTail, RuleEntryForm, "129 bytes"},
		{"name too long", `{"features":{"` + long[:65] + `":"a"},` + idTail, RuleEntryForm, "65 bytes"},
		{"too many features", `{"features":{` + strings.Join(many, ",") + `},` + idTail, RuleEntryForm, "32"},
		{"household in capitals", `{"features":{},"household":"39290AEC4C8EBEE6",` + idTail, RuleEntryForm, "household"},
		{"household short", `{"features":{},"household":"39290aec4c8ebe",` + idTail, RuleEntryForm, "household"},
		{"household empty", `{"features":{},"household":"",` + idTail, RuleEntryForm, "household"},
		{"id short", `{"features":{},"id":"` + idA[:62] + `"}`, RuleEntryForm, "id"},
		{"id long", `{"features":{},"id":"` + idA + `00"}`, RuleEntryForm, "id"},
		{"id in capitals", `{"features":{},"id":"` + strings.ToUpper(idA) + `"}`, RuleEntryForm, "id"},
		{"sealed short", `{"features":{},"id":"` + idA + `","sealed":"00"}`, RuleEntryForm, "sealed"},
		{"line too long", `{"features":{},` + idTail + strings.Repeat(" ", MaxLine), RuleLineLength, "8192"},
	} {
		_, err := ParseLine([]byte(c.line))
		wantRefusal(t, c.name, err, c.rule, 0, c.part)
	}
}

// wantRefusal checks rule, line and a part of the detail of a refusal.
func wantRefusal(t *testing.T, name string, err error, rule string, line int64, part string) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) {
		t.Errorf("%s: got error %v, want a refusal by %s", name, err, rule)
		return
	}
	if r.Rule != rule || r.Line != line || !strings.Contains(r.Detail, part) {
		t.Errorf("%s: got %v, want rule %s, line %d, with %q", name, r, rule, line, part)
	}
}

func TestLineRefusesWhatParseLineRefuses(t *testing.T) {
	longest := map[string]string{}
	for i := range MaxFeatures {
		longest[fmt.Sprintf("%02d", i)+strings.Repeat(`"`, 62)] = strings.Repeat(`\`, MaxFeatureValue)
	}
	for name, e := range map[string]Entry{
		"household":   {Household: "39290AEC4C8EBEE6"},
		"sealed":      {Sealed: sealA[:63]},
		"slash":       {Features: map[string]string{"a": "b/c"}},
		"UTF-8":       {Features: map[string]string{"a": "\xff"}},
		"line length": {Features: longest},
	} {
		line, err := e.Line()
		var r *Refusal
		if !errors.As(err, &r) {
			t.Errorf("%s: got %s, %v; want a refusal", name, line, err)
		}
	}
}

// wire is the entry as encoding/json and the canonical package see it: the oracle.
type wire struct {
	Features  map[string]string `json:"features"`
	Household string            `json:"household,omitempty"`
	ID        string            `json:"id"`
	Sealed    string            `json:"sealed,omitempty"`
}

// oracle says by other means whether a line is an entry.
func oracle(line []byte) bool {
	var w wire
	if len(line) > MaxLine || canonical.Unmarshal(line, &w) != nil || len(w.Features) > MaxFeatures {
		return false
	}
	hexOK := func(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789abcdef") == "" }
	textOK := func(s string, n int) bool {
		return s != "" && len(s) <= n && !strings.ContainsFunc(s, unicode.IsControl)
	}
	for name, value := range w.Features {
		if !textOK(name, 64) || !textOK(value, 128) || strings.Contains(value, "/") {
			return false
		}
	}
	return hexOK(w.ID, 64) && (w.Household == "" || hexOK(w.Household, 16)) && (w.Sealed == "" || hexOK(w.Sealed, 64))
}

var (
	drawHex = func(n int) *rapid.Generator[string] {
		return rapid.StringOfN(rapid.RuneFrom([]rune("0123456789abcdef")), n, n, n)
	}
	drawText = rapid.StringOfN(rapid.RuneFrom([]rune(`ab"\}{,:.ﬁ😀é`)), 1, 8, -1)
)

func drawEntry(t *rapid.T) Entry {
	e := Entry{
		ID:       [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "id")),
		Features: rapid.MapOfN(drawText, drawText, 0, 5).Draw(t, "features"),
	}
	if rapid.Bool().Draw(t, "housed") {
		e.Household = drawHex(16).Draw(t, "household")
	}
	if rapid.Bool().Draw(t, "sealed") {
		e.Sealed = drawHex(64).Draw(t, "seal")
	}
	return e
}

func TestEntriesRoundTripAndAgreeWithTheCanonicalPackage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t)
		line, err := e.Line()
		if err != nil {
			t.Fatal(err)
		}
		want, err := canonical.Marshal(wire{e.Features, e.Household, fmt.Sprintf("%x", e.ID), e.Sealed})
		if err != nil || string(line) != string(want) {
			t.Fatalf("got  %s\nwant %s, %v", line, want, err)
		}
		got, err := ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDamagedLinesAreAcceptedOnlyWhereTheOracleDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, err := drawEntry(t).Line()
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "edits") {
			at := rapid.IntRange(0, len(line)-1).Draw(t, "at")
			with := rapid.SampledFrom([]string{"", `"`, `\`, "{", "}", ",", "0", "G", "a", " ", "\x00", "\xff", `"a":"b",`}).Draw(t, "with")
			line = slices.Replace(line, at, at+rapid.IntRange(0, 1).Draw(t, "cut"), []byte(with)...)
			if len(line) == 0 {
				return
			}
		}
		if _, err := ParseLine(line); (err == nil) != oracle(line) {
			t.Fatalf("%q: error %v, oracle accepts: %v", line, err, oracle(line))
		}
	})
}

func TestNamesAreOrderedByUTF16(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("aé\ud7ff\ue000\uffff\U00010000\U0010ffff")), 0, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := compareUTF16(a, b); got != want {
			t.Fatalf("%q against %q: got %d, want %d", a, b, got, want)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	for _, s := range []string{lineA, `{"features":{},` + idTail, `{"features":{"a":"\"}"},` + idTail, `{"features":{"b":"x","a":"y"},` + idTail, "{", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := ParseLine(line)
		if (err == nil) != oracle(line) {
			t.Fatalf("%q: error %v, oracle accepts: %v", line, err, oracle(line))
		}
		if err != nil {
			return
		}
		if again, err := e.Line(); err != nil || string(again) != string(line) {
			t.Fatalf("%q written again is %q, %v", line, again, err)
		}
	})
}
