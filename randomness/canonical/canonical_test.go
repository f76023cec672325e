package canonical_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"

	"kleroterion/randomness/canonical"
)

func TestTransformAccepts(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"sorts keys":               {`{"b":1,"a":2}`, `{"a":2,"b":1}`},
		"sorts by UTF-16":          {`{"\ue000":1,"\ud83d\ude00":2}`, "{\"\U0001F600\":2,\"\ue000\":1}"},
		"drops white space":        {" [ 1 ,\t2 ]\n", `[1,2]`},
		"keeps order of arrays":    {`[3,1,2]`, `[3,1,2]`},
		"undoes needless escapes":  {`"\u0041\/\u00e9"`, `"A/é"`},
		"keeps needed escapes":     {`"\"\\\b\f\n\r\t\u001f"`, `"\"\\\b\f\n\r\t\u001f"`},
		"line separator as itself": {`"\u2028"`, "\"\u2028\""},
		"html as itself":           {`"<&>"`, `"<&>"`},
		"largest integer":          {`9007199254740991`, `9007199254740991`},
		"smallest integer":         {`-9007199254740991`, `-9007199254740991`},
		"empty containers":         {`{"a":{},"b":[]}`, `{"a":{},"b":[]}`},
		"booleans":                 {`[true,false]`, `[true,false]`},
		"deepest nesting":          {strings.Repeat("[", 33) + strings.Repeat("]", 33), strings.Repeat("[", 33) + strings.Repeat("]", 33)},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := canonical.Transform([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

var rejects = map[string]string{
	"empty":                 ``,
	"two values":            `1 2`,
	"null":                  `null`,
	"null inside":           `{"a":null}`,
	"fraction":              `1.0`,
	"exponent":              `1e3`,
	"minus zero":            `-0`,
	"leading zero":          `01`,
	"plus":                  `+1`,
	"above 2^53-1":          `9007199254740992`,
	"below -(2^53-1)":       `-9007199254740992`,
	"huge":                  `123456789012345678901234567890`,
	"duplicate key":         `{"a":1,"a":2}`,
	"duplicate escaped key": `{"a":1,"\u0061":2}`,
	"trailing comma":        `[1,]`,
	"missing comma":         `[1 2]`,
	"missing colon":         `{"a" 1}`,
	"bare key":              `{a:1}`,
	"single quotes":         `{'a':1}`,
	"open string":           `"abc`,
	"raw control":           "\"a\nb\"",
	"bad escape":            `"\x41"`,
	"short unicode escape":  `"\u12"`,
	"lone high surrogate":   `"\ud800"`,
	"lone low surrogate":    `"\udc00"`,
	"swapped surrogates":    `"\udc00\ud800"`,
	"invalid utf-8":         "\"\xff\"",
	"byte order mark":       "\ufeff{}",
	"open object":           `{"a":1`,
	"open array":            `[1`,
	"too deep":              strings.Repeat("[", 34) + strings.Repeat("]", 34),
	"comment":               `/* */1`,
	"NaN":                   `NaN`,
	"word with a tail":      `truex`,
}

func TestTransformRejects(t *testing.T) {
	for name, in := range rejects {
		t.Run(name, func(t *testing.T) {
			if got, err := canonical.Transform([]byte(in)); err == nil || got != nil {
				t.Errorf("got %q, %v, want an error and nothing else", got, err)
			}
		})
	}
}

type sample struct {
	A int64  `json:"a"`
	B string `json:"b,omitempty"`
}

func TestUnmarshalRefusesOtherForms(t *testing.T) {
	var ok sample
	if err := canonical.Unmarshal([]byte(`{"a":1,"b":"x"}`), &ok); err != nil || ok != (sample{1, "x"}) {
		t.Fatalf("got %+v, %v", ok, err)
	}
	for name, in := range map[string]string{
		"white space":       `{"a": 1}`,
		"order":             `{"b":"x","a":1}`,
		"unknown member":    `{"a":1,"c":2}`,
		"other case":        `{"A":1}`,
		"missing member":    `{"b":"x"}`,
		"default spelt out": `{"a":1,"b":""}`,
		"wrong type":        `{"a":"1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if err := canonical.Unmarshal([]byte(in), new(sample)); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestMarshalRefusesNull(t *testing.T) {
	if b, err := canonical.Marshal(struct{ A []int }{}); err == nil {
		t.Errorf("got %s, want an error", b)
	}
}

// The canonical form agrees with an independent RFC 8785 implementation wherever both accept.
func TestTransformAgreesWithJCS(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.Int64Range(-1<<53+1, 1<<53-1))).Draw(t, "value")
		ours, err := canonical.Marshal(m)
		if err != nil {
			for _, list := range m {
				if list == nil {
					return // a nil slice would be null
				}
			}
			t.Fatal(err)
		}
		theirs, err := jcs.Transform(ours)
		if err != nil {
			return // it refuses more than we do
		}
		if diff := cmp.Diff(string(theirs), string(ours)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzTransformIsStable(f *testing.F) {
	for _, in := range rejects {
		f.Add([]byte(in))
	}
	f.Add([]byte(`{"a":[1,{"b":"\u00e9"}],"c":true}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := canonical.Transform(in)
		if err != nil {
			return
		}
		again, err := canonical.Transform(once)
		if err != nil || !bytes.Equal(once, again) {
			t.Fatalf("%q became %q, then %q, %v", in, once, again, err)
		}
	})
}
