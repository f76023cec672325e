package register

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const mappingText = `{
  "person": "Nr", "name": ["Vorname", "Nachname"], "address": ["Straße", "PLZ"], "contact": ["E-Mail"],
  "features": [
    {"name": "age", "column": "Alter", "bands": [16, 30, 50], "values": ["16-29", "30-49", "50+"], "sealed": false},
    {"name": "district", "column": "Bezirk"},
    {"name": "postcode", "column": "PLZ"},
    {"name": "income", "column": "Einkommen", "sealed": true}
  ]
}`

func TestParseMappingReadsWhatAPersonWrote(t *testing.T) {
	got, err := ParseMapping([]byte(mappingText))
	if err != nil {
		t.Fatal(err)
	}
	want := Mapping{
		Person: "Nr", Name: []string{"Vorname", "Nachname"}, Address: []string{"Straße", "PLZ"}, Contact: []string{"E-Mail"},
		Features: []Feature{
			{Name: "age", Column: "Alter", Bands: []int{16, 30, 50}, Values: []string{"16-29", "30-49", "50+"}},
			{Name: "district", Column: "Bezirk"},
			{Name: "postcode", Column: "PLZ"},
			{Name: "income", Column: "Einkommen", Sealed: true},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b, err := got.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseMapping(b)
	if err != nil || !again.Equal(got) || again.Equal(Mapping{Person: "Nr"}) {
		t.Errorf("written and read again: %+v, %v", again, err)
	}
}

func TestParseMappingRefuses(t *testing.T) {
	feature := func(members string) string {
		return `{"person":"Nr","name":["Name"],"contact":["E-Mail"],"features":[{"name":"age","column":"Alter"` + members + `}]}`
	}
	values := `,"values":["` + strings.Repeat("x", 129) + `"]`
	for _, c := range []struct{ name, text, part string }{
		{"nothing", ``, "unexpected end"},
		{"not an object", `[]`, "not an object"},
		{"unknown member", `{"person":"Nr","birth":"Geb"}`, `unknown member "birth"`},
		{"misspelt case", `{"Person":"Nr"}`, `unknown member "Person"`},
		{"member twice", `{"person":"Nr","person":"Id"}`, "twice"},
		{"null", `{"person":null}`, "null"},
		{"no person", `{"name":["x"]}`, "person must name one"},
		{"blank person", `{"person":" "}`, "person must name one"},
		{"blank address column", `{"person":"Nr","address":[""]}`, "column name is empty"},
		{"name not a list", `{"person":"Nr","name":"x"}`, "cannot unmarshal"},
		{"features not a list", `{"person":"Nr","features":{}}`, "list of objects"},
		{"unknown member of a feature", feature(`,"seal":true`), `feature 1: unknown member "seal"`},
		{"feature without a name", `{"person":"Nr","features":[{"column":"Alter"}]}`, "empty"},
		{"feature without a column", `{"person":"Nr","features":[{"name":"age"}]}`, "column name is empty"},
		{"feature listed twice", `{"person":"Nr","features":[{"name":"age","column":"a"},{"name":"Age","column":"b"}]}`, "listed twice"},
		{"feature name with a space behind", `{"person":"Nr","features":[{"name":"age ","column":"a"}]}`, "trimmed"},
		{"person's number as a feature", `{"person":"Nr","features":[{"name":"age","column":"nr"}]}`, "names the person"},
		{"name as a feature", `{"person":"Nr","name":["Name"],"features":[{"name":"x","column":"Name"}]}`, "names the person"},
		{"contact as a sealed feature", `{"person":"Nr","contact":["Mail"],"features":[{"name":"x","column":"Mail","sealed":true}]}`, "names the person"},
		{"bands descending", feature(`,"bands":[30,16]`), "does not ascend"},
		{"band twice", feature(`,"bands":[16,16]`), "does not ascend"},
		{"band below zero", feature(`,"bands":[-1,16]`), "outside"},
		{"band a fraction", feature(`,"bands":[16.5]`), "not an integer"},
		{"too many bands", feature(`,"bands":[` + strings.Trim(strings.Repeat("1,", 101), ",") + `]`), "at most 100"},
		{"value not a band", feature(`,"bands":[16],"values":["young"]`), "none of the bands 16+"},
		{"value twice but for case", feature(`,"values":["North","north"]`), "listed twice"},
		{"value with a slash", feature(`,"values":["a/b"]`), "/"},
		{"value empty", feature(`,"values":[""]`), "empty"},
		{"value too long", feature(values), "129 bytes"},
		{"value with two spaces", feature(`,"values":["a  b"]`), "single spaces"},
	} {
		m, err := ParseMapping([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: got %+v, error %v; want an error with %q", c.name, m, err, c.part)
		}
	}
	many := Mapping{Person: "Nr"}
	for i := range MaxFeatures + 1 {
		many.Features = append(many.Features, Feature{Name: fmt.Sprint(i), Column: "c"})
	}
	if err := many.Validate(); err == nil || !strings.Contains(err.Error(), "at most 32") {
		t.Errorf("too many features: %v", err)
	}
}

func FuzzParseMapping(f *testing.F) {
	for _, s := range []string{mappingText, `{"person":"Nr"}`, `{"person":"Nr","features":[{"name":"a","column":"b","bands":[0,1,5]}]}`, `{"Person":"x"}`, `[]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseMapping(b)
		if err != nil {
			return
		}
		text, err := m.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseMapping(text)
		if err != nil || !again.Equal(m) {
			t.Fatalf("%s read again: %v", text, err)
		}
	})
}

func TestBandLabels(t *testing.T) {
	for _, c := range []struct {
		bands []int
		want  []string
	}{
		{nil, nil},
		{[]int{0}, []string{"0+"}},
		{[]int{16, 30, 50}, []string{"16-29", "30-49", "50+"}},
		{[]int{1, 2, 3, 5}, []string{"1", "2", "3-4", "5+"}},
	} {
		if diff := cmp.Diff(c.want, bandLabels(c.bands)); diff != "" {
			t.Errorf("%v:\n%s", c.bands, diff)
		}
	}
}

func TestBandOfRefuses(t *testing.T) {
	for cell, want := range map[string]error{
		"16": nil, "016": nil, "15": errOutsideBands, "-3": errOutsideBands, "0": errOutsideBands,
		"": errNotANumber, "-": errNotANumber, "+17": errNotANumber, "17.0": errNotANumber, "17,5": errNotANumber,
		"1e2": errNotANumber, "seventeen": errNotANumber, "16-29": errNotANumber, "１７": errNotANumber,
		"0x11": errNotANumber, "1_7": errNotANumber, "99999999999999999999": errNotANumber, "1000000001": errNotANumber,
	} {
		if _, got := bandOf([]int{16, 30}, cell); got != want {
			t.Errorf("%q: got %v, want %v", cell, got, want)
		}
	}
}

func TestBandsCutTheNumbersWithoutGapOrOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bands := rapid.SliceOfNDistinct(rapid.IntRange(0, 120), 1, 8, rapid.ID[int]).Draw(t, "bands")
		slices.Sort(bands)
		n := rapid.IntRange(0, 130).Draw(t, "n")
		want := -1
		for i, low := range bands {
			if n >= low {
				want = i
			}
		}
		got, err := bandOf(bands, fmt.Sprint(n))
		if err != nil {
			got = -1
		}
		if got != want {
			t.Fatalf("%d in %v: band %d, want %d", n, bands, got, want)
		}
	})
}
