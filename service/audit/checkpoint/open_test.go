package checkpoint

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Three witnesses, two of which are enough.
func twoOfThree(t testing.TB) (Policy, []testKey) {
	t.Helper()
	keys := []testKey{newKey("commune.example/w", typeWitness), newKey("press.example/w", typeWitness), newKey("uni.example/w", typeWitness)}
	text := fmt.Sprintf("log %s\nwitness commune %s\nwitness press %s\nwitness uni %s\ngroup outside 2 commune press uni\nquorum outside\n",
		newKey(origin, typeLog), keys[0].Key, keys[1].Key, keys[2].Key)
	return mustPolicy(t, text), keys
}

func TestOpenTellsWhoSignedAndWhen(t *testing.T) {
	l := newLog(t, 7)
	pol, w := twoOfThree(t)
	stranger := newKey("stranger.example/w", typeWitness)
	signed := string(l.note) + stranger.cosign(l.note, 50) + w[2].cosign(l.note, 300) + w[0].cosign(l.note, 100) + w[1].cosign(l.note, 200)
	c, got, err := Open([]byte(signed), pol)
	if err != nil {
		t.Fatal(err)
	}
	if c != l.head {
		t.Errorf("got %+v, want %+v", c, l.head)
	}
	want := Witnessed{Log: newKey(origin, typeLog).Key, Complete: 200,
		Cosignatures: []Cosignature{{"commune", 100}, {"press", 200}, {"uni", 300}}}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b Key) bool { return a == b })); diff != "" {
		t.Errorf("witnessed (-want +got):\n%s", diff)
	}
}

func TestQuorumOfNestedGroups(t *testing.T) {
	l := newLog(t, 3)
	var keys []testKey
	text := fmt.Sprintf("log %s\n", newKey(origin, typeLog))
	for _, name := range []string{"x1", "x2", "x3", "y1", "y2"} {
		k := newKey(name+".example", typeWitness)
		keys, text = append(keys, k), text+fmt.Sprintf("witness %s %s\n", name, k.Key)
	}
	text += "group X 2 x1 x2 x3\ngroup Y any y1 y2\ngroup both all X Y\nquorum both\n"
	pol := mustPolicy(t, text)
	for _, tc := range []struct {
		who  []int
		want bool
	}{
		{nil, false}, {[]int{0, 1, 2}, false}, {[]int{3, 4}, false}, {[]int{0, 3}, false},
		{[]int{0, 2, 4}, true}, {[]int{0, 1, 2, 3, 4}, true},
	} {
		signed := string(l.note)
		for _, i := range tc.who {
			signed += keys[i].cosign(l.note, int64(10+i))
		}
		_, w, err := Open([]byte(signed), pol)
		if (err == nil) != tc.want {
			t.Errorf("witnesses %v: %v, want filled %v", tc.who, err, tc.want)
		}
		if err == nil && w.Complete != int64(10+tc.who[len(tc.who)-1]) && len(tc.who) == 3 {
			t.Errorf("witnesses %v: complete at %d", tc.who, w.Complete)
		}
	}
}

func TestLogPolicyNeedsNoWitness(t *testing.T) {
	l := newLog(t, 2)
	pol, err := LogPolicy(newKey(origin, typeLog).String())
	if err != nil {
		t.Fatal(err)
	}
	if _, w, err := Open(l.note, pol); err != nil || w.Complete != 0 {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := LogPolicy(newKey(origin, typeWitness).String()); err == nil {
		t.Error("a witness's key is taken for a log's")
	}
}

func TestOpenRefuses(t *testing.T) {
	l := newLog(t, 7)
	pol, w := twoOfThree(t)
	log := newKey(origin, typeLog)
	quorum := w[0].cosign(l.note, 100) + w[1].cosign(l.note, 200)
	text, logLine, _ := strings.Cut(string(l.note), "\n\n")
	text += "\n"
	raw := func(name, b64 string) string { return "— " + name + " " + b64 + "\n" }
	future := newLog(t, 8)
	sig := ed25519.Sign(log.private, []byte(text))
	atZero := w[2].line(append(make([]byte, 8), ed25519.Sign(w[2].private, cosigned(text, 0))...))
	stray := []byte(log.line(sig))
	stray[len(stray)-4]++ // the last base64 digit before == has four unused bits
	for name, in := range map[string]string{
		"nothing":                       "",
		"no signature":                  text,
		"an empty signature block":      text + "\n",
		"no final newline":              strings.TrimSuffix(string(l.note)+quorum, "\n"),
		"no log signature":              text + "\n" + quorum,
		"one witness of two":            string(l.note) + w[0].cosign(l.note, 100),
		"no witness":                    string(l.note),
		"one witness twice":             string(l.note) + w[0].cosign(l.note, 100) + w[0].cosign(l.note, 101),
		"the log's line twice":          string(l.note) + logLine + quorum,
		"a cosignature of another root": string(l.note) + w[0].cosign(l.note, 100) + w[1].cosign(future.note, 200),
		"a cosignature with another time": string(l.note) + w[0].cosign(l.note, 100) +
			w[1].line(append(binary.BigEndian.AppendUint64(nil, 7), ed25519.Sign(w[1].private, cosigned(text, 200))...)),
		"a cosignature without time":      string(l.note) + quorum + w[2].line(ed25519.Sign(w[2].private, []byte(text))),
		"a cosignature of time 0":         string(l.note) + quorum + atZero,
		"a bad third cosignature":         string(l.note) + quorum + w[2].line(make([]byte, 72)),
		"a log signature of another text": strings.Replace(string(l.note), "\n7\n", "\n8\n", 1) + quorum,
		"a log signature that is short":   text + "\n" + log.line(sig[:63]) + quorum,
		"a log with another name":         text + "\n" + newKey("log.porto.example", typeLog).line(sig) + quorum,
		"a name with a known id only":     text + "\n" + Key{Name: "x", ID: log.ID}.line(sig) + quorum,
		"two spaces":                      strings.Replace(string(l.note), "— "+origin+" ", "— "+origin+"  ", 1) + quorum,
		"a hyphen for the dash":           strings.Replace(string(l.note), "— ", "- ", 1) + quorum,
		"base64 with stray bits":          text + "\n" + string(stray) + quorum,
		"base64 without padding":          text + "\n" + strings.ReplaceAll(log.line(sig), "=", "") + quorum,
		"a signature of no bytes":         string(l.note) + raw("x", base64.StdEncoding.EncodeToString([]byte{1, 2, 3, 4})) + quorum,
		"a tab":                           string(l.note) + "—\tx AAAAAAA=\n" + quorum,
		"carriage returns":                strings.ReplaceAll(string(l.note)+quorum, "\n", "\r\n"),
		"invalid UTF-8":                   string(l.note) + raw("\xff", "AAAAAAA=") + quorum,
		"an extension line":               strings.Replace(string(l.note), "\n\n", "\nextra\n\n", 1) + quorum,
		"65 signatures":                   string(l.note) + quorum + strangers(62),
		"more than 128 KiB":               string(l.note) + quorum + raw("x", strings.Repeat("AAAA", 33000)),
	} {
		t.Run(name, func(t *testing.T) {
			c, got, err := Open([]byte(in), pol)
			if err == nil {
				t.Fatalf("accepted: %+v", c)
			}
			if c != (Checkpoint{}) || got.Cosignatures != nil || got.Log.Name != "" {
				t.Errorf("error %v comes with %+v %+v", err, c, got)
			}
		})
	}
	if _, _, err := Open([]byte(string(l.note)+quorum+strangers(61)), pol); err != nil {
		t.Errorf("64 signatures are refused: %v", err)
	}
}

// strangers are n signature lines that nobody can check.
func strangers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(Key{Name: "s.example", ID: uint32(i)}.line([]byte{1}))
	}
	return b.String()
}

func TestZeroPolicyBelievesNobody(t *testing.T) {
	if _, _, err := Open(newLog(t, 1).note, Policy{}); err == nil {
		t.Error("accepted")
	}
}

// The example of https://c2sp.org/tlog-cosignature and https://c2sp.org/tlog-checkpoint.
func TestCosignatureLineOfTheC2SPExample(t *testing.T) {
	const note = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`
	n, err := splitNote([]byte(note))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(n.text)
	if err != nil || c.Size != 20852163 {
		t.Fatalf("%+v, %v", c, err)
	}
	if got := binary.BigEndian.Uint64(n.sigs[1].sig); got != 1679315147 {
		t.Errorf("time %d, want 1679315147", got)
	}
	if len(n.sigs[0].sig) != 64 || len(n.sigs[1].sig) != 72 {
		t.Errorf("lengths %d and %d, want 64 and 72", len(n.sigs[0].sig), len(n.sigs[1].sig))
	}
}
