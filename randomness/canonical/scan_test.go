package canonical

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// transformed is what Transform makes of b, without the scan.
func transformed(b []byte) ([]byte, error) {
	p := parser{in: b}
	out, err := p.value(nil, 0)
	if err == nil && p.at < len(p.in) {
		err = p.errorf("unexpected %q after the value", p.in[p.at])
	}
	return out, err
}

// scanned fails when the scan takes what is not canonical.
func scanned(t interface{ Fatalf(string, ...any) }, b []byte) bool {
	if !isCanonical(b) {
		return false
	}
	if out, err := transformed(b); err != nil || !bytes.Equal(out, b) {
		t.Fatalf("%q is taken for canonical, but becomes %q, %v", b, out, err)
	}
	return true
}

func TestUsualTextIsCanonicalAtAGlance(t *testing.T) {
	for _, in := range []string{
		`{}`, `[]`, `"é\"\\\b\f\n\r\t/ "`, `0`, `-7`, `999999999999999`, `true`, `false`, `{"a":[1,{"b":"x"}],"a1":{},"b":""}`,
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
	} {
		if !scanned(t, []byte(in)) {
			t.Errorf("%s goes the long way", in)
		}
	}
}

func TestTextThatIsNotCanonicalIsLeftToTheParser(t *testing.T) {
	for _, in := range []string{
		``, ` `, ` 1`, `1 `, `01`, `-0`, `-`, `+1`, `1.0`, `1e3`, `9007199254740992`, `null`, `tru`, `{`, `[`, `"`, `"\`, `"\"`, `"\u0041"`, `"\/"`, `"\x"`,
		"\"\x1f\"", "\"\xff\"", `{"b":1,"a":2}`, `{"a":1,"a":2}`, `{"a":1,}`, `{,}`, `{"a" :1}`, `{"a":1 }`, `{a:1}`, `{"a"}`, `{"a":1]`, `[1,]`, `[,1]`, `[1 ]`, `[1}`,
		`{"a":1}{}`, strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2),
	} {
		if scanned(t, []byte(in)) {
			t.Errorf("%q is taken for canonical", in)
		}
	}
}

func TestAnyCanonicalTextAndItsChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.OneOf(rapid.String().AsAny(), rapid.Int32().AsAny(), rapid.Bool().AsAny()))).Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := transformed(text); err == nil {
			scanned(t, b)
			text = b
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		text[at] = rapid.Byte().Draw(t, "byte")
		scanned(t, text)
	})
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\u00e9"}],"c":true}`))
	f.Add([]byte("{\"\u00e9\":-1,\"\U00010000\":\"\\n\"}"))
	f.Fuzz(func(t *testing.T, b []byte) { scanned(t, b) })
}
