package register

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"  ":                    "",
		"plain text":            "plain text",
		" a  b ":                "a b",
		"a\r\nb\t\vc":           "a b c",
		"a\u00a0\u2003b\u0085c": "a b c",
		"e\u0301":               "é",
		"\u212b":                "Å",
		"ﬁ":                     "ﬁ",
		" \u0301x":              "\u0301x",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestCleanTextStaysAsItIs(t *testing.T) {
	text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune(" \t\n\u00a0\u2000\u3000aé\u0301\u0323\u1100\u1161")), rapid.Rune()))
	rapid.Check(t, func(t *rapid.T) {
		in := text.Draw(t, "text")
		got := clean(in)
		if want := norm.NFC.String(strings.Join(strings.Fields(in), " ")); got != want {
			t.Fatalf("%q: got %q, want %q", in, got, want)
		}
		if clean(got) != got || !norm.NFC.IsNormalString(got) {
			t.Fatalf("%q is not in its final form", got)
		}
		if strings.Contains(got, "  ") || strings.TrimSpace(got) != got || strings.ContainsFunc(got, func(r rune) bool { return unicode.IsSpace(r) && r != ' ' }) {
			t.Fatalf("%q has white space to spare", got)
		}
	})
}

func TestExcerptIsShortAndFitForDisplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes"))
		got := excerpt(in)
		if len(got) > 300 || strings.ContainsFunc(got, unicode.IsControl) || strings.ToValidUTF8(got, "") != got {
			t.Fatalf("%q became %q", in, got)
		}
	})
}
