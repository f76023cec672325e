package checkpoint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func goodPolicy() string {
	return fmt.Sprintf("# believed by the auditor\nlog %s https://log.lisboa.example/\n\n\twitness  a %s\nwitness b %s https://b.example/ \n  # two\ngroup g 1 a b\nquorum g\n",
		newKey(origin, typeLog), newKey("a.example", typeWitness), newKey("b.example", typeWitness))
}

func comparePolicies(t testing.TB, want, got Policy) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Policy{}), cmp.Comparer(func(a, b Key) bool { return a == b })); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
}

func TestPolicyKeepsItsMeaningInNormalForm(t *testing.T) {
	p := mustPolicy(t, goodPolicy())
	if got := len(p.Logs()); got != 1 || p.Logs()[0].URL != "https://log.lisboa.example/" {
		t.Errorf("logs: %+v", p.Logs())
	}
	if got := p.Witnesses(); len(got) != 2 || got[1].Name != "b" || got[1].URL != "https://b.example/" {
		t.Errorf("witnesses: %+v", got)
	}
	again := mustPolicy(t, p.Text())
	comparePolicies(t, p, again)
	if again.Text() != p.Text() {
		t.Errorf("two normal forms:\n%s\n%s", p.Text(), again.Text())
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	good := goodPolicy()
	log, a, b := newKey(origin, typeLog), newKey("a.example", typeWitness), newKey("b.example", typeWitness)
	aliasSeed := keyFrom("alias.example", typeWitness, a.seed)
	logAsWitness := keyFrom("w.example", typeWitness, log.seed)
	secondLog := keyFrom("other.example/log", typeLog, log.seed)
	swap := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the good policy", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	upper := func(k Key) string {
		return strings.Replace(k.String(), fmt.Sprintf("%08x", k.ID), fmt.Sprintf("%08X", k.ID), 1)
	}
	for name, in := range map[string]string{
		"nothing":                            "",
		"comments alone":                     "# none\n",
		"no final newline":                   strings.TrimSuffix(good, "\n"),
		"no log":                             swap("log "+log.String()+" https://log.lisboa.example/", ""),
		"no quorum":                          swap("quorum g\n", ""),
		"a second quorum":                    good + "quorum none\n",
		"the same quorum twice":              good + "quorum g\n",
		"a quorum of nobody known":           swap("quorum g", "quorum h"),
		"a quorum of two names":              swap("quorum g", "quorum a b"),
		"a quorum before its group":          swap("group g 1 a b\nquorum g", "quorum g\ngroup g 1 a b"),
		"a threshold of 0":                   swap("g 1 a", "g 0 a"),
		"a threshold above the members":      swap("g 1 a", "g 3 a"),
		"a negative threshold":               swap("g 1 a", "g -1 a"),
		"a threshold with a zero first":      swap("g 1 a", "g 01 a"),
		"a threshold with a plus":            swap("g 1 a", "g +1 a"),
		"a threshold in words":               swap("g 1 a", "g most a"),
		"a member twice in a group":          swap("g 1 a b", "g 2 a a"),
		"a member of two groups":             swap("quorum g", "group h any a\nquorum g"),
		"a group in itself":                  swap("g 1 a b", "g 1 a g"),
		"a member that is not defined":       swap("g 1 a b", "g 1 a c"),
		"the member none":                    swap("g 1 a b", "g 1 a none"),
		"a group without members":            swap("g 1 a b", "g any"),
		"a group named none":                 swap("group g", "group none"),
		"a group named as a witness":         swap("group g", "group a"),
		"a witness named none":               swap("witness b", "witness none"),
		"a witness name twice":               swap("witness b", "witness a"),
		"a witness without a key":            swap("witness b "+b.String()+" https://b.example/", "witness b"),
		"a witness with two URLs":            swap("https://b.example/", "https://b.example/ https://c.example/"),
		"one witness key under two names":    swap(b.String(), a.String()),
		"one public key with two key names":  swap(b.String(), aliasSeed.String()),
		"the log's key as a witness":         swap(b.String(), logAsWitness.String()),
		"the log's key as a second log":      good + "log " + secondLog.String() + "\n",
		"a log twice":                        good + "log " + log.String() + "\n",
		"a log with a witness's key":         swap(log.String(), newKey(origin, typeWitness).String()),
		"a witness with a log's key":         swap(b.String(), newKey("b.example", typeLog).String()),
		"a key id in upper case":             swap(a.String(), upper(newKey("a.example", typeWitness).Key)),
		"a key id of another key":            swap(fmt.Sprintf("%08x", a.ID), fmt.Sprintf("%08x", b.ID)),
		"a key with another name":            swap("a.example+", "c.example+"),
		"a key of 31 bytes":                  swap(a.String(), a.String()[:len(a.String())-4]),
		"a key in no base64":                 swap(a.String(), a.String()[:len(a.String())-1]+"!"),
		"an ML-DSA-44 witness":               swap(a.String(), Key{Name: "a.example", kind: 6, ID: 1}.String()),
		"an unknown word":                    good + "witnesses a b\n",
		"garbage after log":                  "log x y z\n" + good,
		"carriage returns":                   strings.ReplaceAll(good, "\n", "\r\n"),
		"a null byte":                        good + "# \x00\n",
		"a delete character":                 good + "# \x7f\n",
		"more than 64 KiB":                   good + "#" + strings.Repeat("x", maxPolicy) + "\n",
		"a non-breaking space between words": swap("quorum g", "quorum\u00a0g"),
	} {
		t.Run(name, func(t *testing.T) {
			if in == good {
				t.Fatal("the input is the good policy")
			}
			got, err := ParsePolicy([]byte(in))
			if err == nil {
				t.Fatalf("accepted:\n%s", got.Text())
			}
			comparePolicies(t, Policy{}, got)
		})
	}
}

func TestParsePolicyCountsNames(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "log %s\nquorum none\n", newKey(origin, typeLog))
	for i := range maxNames {
		fmt.Fprintf(&b, "witness w%d %s\n", i, newKey(fmt.Sprintf("w%d.example", i), typeWitness))
	}
	mustPolicy(t, b.String())
	fmt.Fprintf(&b, "witness more %s\n", newKey("more.example", typeWitness))
	if _, err := ParsePolicy([]byte(b.String())); err == nil {
		t.Errorf("%d witnesses are accepted", maxNames+1)
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(goodPolicy()))
	f.Add([]byte("log x\nquorum none\n"))
	f.Add(fmt.Appendf(nil, "log %s\nquorum none\n", newKey("é.example", typeLog)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePolicy(b)
		if err != nil {
			comparePolicies(t, Policy{}, p)
			return
		}
		again, err := ParsePolicy([]byte(p.Text()))
		if err != nil {
			t.Fatalf("normal form is refused: %v\n%s", err, p.Text())
		}
		comparePolicies(t, p, again)
	})
}
