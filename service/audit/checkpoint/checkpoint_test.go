package checkpoint

import (
	"crypto/sha256"
	"strings"
	"testing"

	"kleroterion/service/audit"
)

const goodText = "log.lisboa.example/kleroterion\n20852\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

func TestCheckpointKeepsItsText(t *testing.T) {
	empty := Checkpoint{Origin: "log", Root: sha256.Sum256(nil)}
	for _, want := range []string{goodText, empty.Text(), Checkpoint{Origin: "é/x", Size: maxInt}.Text()} {
		c, err := Parse(want)
		if err != nil {
			t.Errorf("%q: %v", want, err)
		} else if got := c.Text(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	swap := func(old, with string) string { return strings.Replace(goodText, old, with, 1) }
	for name, text := range map[string]string{
		"nothing":                   "",
		"no final newline":          strings.TrimSuffix(goodText, "\n"),
		"two lines":                 "log\n0\n",
		"an extension line":         goodText + "time 5\n",
		"an empty line at the end":  goodText + "\n",
		"CRLF":                      strings.ReplaceAll(goodText, "\n", "\r\n"),
		"an empty origin":           swap(origin, ""),
		"an origin with a space":    swap(origin, "log lisboa"),
		"an origin with a tab":      swap(origin, "log\tlisboa"),
		"an origin with a plus":     swap(origin, "log+lisboa"),
		"an origin with U+2003":     swap(origin, "log\u2003lisboa"),
		"an origin that is not UTF": swap(origin, "log\xff"),
		"an origin that is long":    swap(origin, strings.Repeat("x", 201)),
		"no size":                   swap("20852", ""),
		"a size with a zero first":  swap("20852", "020852"),
		"a size with a plus":        swap("20852", "+20852"),
		"a negative size":           swap("20852", "-1"),
		"a size with a space":       swap("20852", " 20852"),
		"a size in hexadecimal":     swap("20852", "0x10"),
		"a size above 2^53-1":       swap("20852", "9007199254740992"),
		"a size above 2^63":         swap("20852", "9223372036854775808"),
		"size 0 with another root":  swap("20852", "0"),
		"a root of 8 bytes":         swap("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "CsUYapGGPo4="),
		"a root of 33 bytes":        swap("q2I=", "q2IA"),
		"a root without padding":    swap("q2I=", "q2I"),
		"a root with stray bits":    swap("q2I=", "q2J="),
		"a root in URL base64":      swap("m/X", "m_X"),
		"a root in hexadecimal":     swap("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", strings.Repeat("0a", 32)),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(text)
			if err == nil {
				t.Fatalf("accepted: %+v", got)
			}
			if got != (Checkpoint{}) {
				t.Errorf("error %v comes with a checkpoint", err)
			}
		})
	}
}

func TestSignRefuses(t *testing.T) {
	good := Checkpoint{Origin: origin, Size: 1, Root: audit.Hash{1}}
	if _, err := Sign(good, newKey("another.example/log", typeLog).signer(t)); err == nil {
		t.Error("a key with another name signs")
	}
	for name, c := range map[string]Checkpoint{
		"no origin":                  {Size: 1},
		"a negative size":            {Origin: origin, Size: -1},
		"a size above 2^53-1":        {Origin: origin, Size: maxInt + 1},
		"size 0 with a root":         {Origin: origin, Root: audit.Hash{1}},
		"an origin with a line feed": {Origin: "a\nb", Size: 1},
	} {
		if _, err := Sign(c, newKey(origin, typeLog).signer(t)); err == nil {
			t.Errorf("%s is signed", name)
		}
	}
}

func TestSignIsRepeatable(t *testing.T) {
	a, b := newLog(t, 5), newLog(t, 5)
	if string(a.note) != string(b.note) {
		t.Errorf("two notes of one checkpoint:\n%s\n%s", a.note, b.note)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(goodText)
	f.Add(Checkpoint{Origin: "log", Root: sha256.Sum256(nil)}.Text())
	f.Add("a\n1\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		if err == nil && c.Text() != text {
			t.Fatalf("got %q, want %q", c.Text(), text)
		}
		if err != nil && c != (Checkpoint{}) {
			t.Fatalf("error %v comes with a checkpoint", err)
		}
	})
}
