package poll

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/service/voting"
)

// options makes a poll among options of a world's.
func (w *world) options() *world {
	w.asked.Method, w.asked.Options, w.asked.Winners = voting.Schulze, []string{"bridge", "ferry"}, 1
	w.asked.Names = map[string]string{"bridge": "A bridge", "ferry": "A ferry"}
	return w
}

func (w *world) amendment() *world {
	w.asked.Class, w.asked.Amends, w.asked.Proposes = ClassAmendment, &File{Bytes: 9, SHA256: beacon.Hash{8}}, &beacon.Hash{9}
	return w
}

func TestManifestsReadBackTheSame(t *testing.T) {
	for name, h := range map[string]*held{
		"open": newWorld(t, ModeOpen).open(t), "sealed": newWorld(t, ModeSealed).open(t),
		"options": newWorld(t, ModeOpen).options().open(t), "amendment": newWorld(t, ModeSealed).amendment().open(t),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ParseManifest(h.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(h.m, m); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
			if again, err := m.Canonical(); err != nil || !bytes.Equal(again, h.text) {
				t.Errorf("written again as %s, %v", again, err)
			}
		})
	}
}

func TestManifestsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		rule string
		bad  func(m *Manifest)
	}{
		{"another version", RuleForm, func(m *Manifest) { m.V = 2 }},
		{"a poll of another community", RuleForm, func(m *Manifest) { m.Poll = "community/lake/poll/lock" }},
		{"a poll without a name", RuleForm, func(m *Manifest) { m.Poll = "community/river/poll/" }},
		{"a name with a slash", RuleForm, func(m *Manifest) { m.Poll += "/x" }},
		{"no question", RuleForm, func(m *Manifest) { m.Question = "" }},
		{"a question too long", RuleForm, func(m *Manifest) { m.Question = strings.Repeat("a", 501) }},
		{"a question with a line break", RuleForm, func(m *Manifest) { m.Question = "a\nb" }},
		{"names of options that are none", RuleForm, func(m *Manifest) { m.Names = map[string]string{"a": "A"} }},
		{"an unknown class", RuleForm, func(m *Manifest) { m.Class = "urgent" }},
		{"an amendment of nothing", RuleForm, func(m *Manifest) { m.Class = ClassAmendment }},
		{"a charter in an ordinary poll", RuleForm, func(m *Manifest) { m.Proposes = &beacon.Hash{1} }},
		{"half an amendment", RuleForm, func(m *Manifest) { m.Class, m.Amends = ClassAmendment, &File{} }},
		{"an unknown mode", RuleForm, func(m *Manifest) { m.Mode = "secret" }},
		{"sealed without a size", RuleForm, func(m *Manifest) { m.Size = 0 }},
		{"sealed with another size", RuleForm, func(m *Manifest) { m.Size = 300 }},
		{"open with a size", RuleForm, func(m *Manifest) { m.Mode = ModeOpen }},
		{"closing before opening", RuleTimes, func(m *Manifest) { m.Closes = m.Opens }},
		{"opening before time began", RuleTimes, func(m *Manifest) { m.Opens = 0 }},
		{"no round", RuleTimes, func(m *Manifest) { m.Beacon.Round = 0 }},
		{"a tier below 0", RuleForm, func(m *Manifest) { m.Tier = -1 }},
		{"a roll too few", RuleForm, func(m *Manifest) { m.Rolls = m.Rolls[:1] }},
		{"rolls in another order", RuleForm, func(m *Manifest) { m.Rolls[0], m.Rolls[1] = m.Rolls[1], m.Rolls[0] }},
		{"a roll of another size", RuleForm, func(m *Manifest) { m.Rolls[0].Electors++ }},
		{"a roll of less than nothing", RuleForm, func(m *Manifest) { m.Rolls[0].File.Bytes = -1 }},
		{"a jury without its seats", RuleForm, func(m *Manifest) { m.Jury = nil }},
		{"recused seats out of order", RuleForm, func(m *Manifest) { m.Jury.Recused = []int64{2, 1} }},
		{"a seat recused twice", RuleForm, func(m *Manifest) { m.Jury.Recused = []int64{2, 2} }},
		{"seat 0 recused", RuleForm, func(m *Manifest) { m.Jury.Recused = []int64{0} }},
		{"recused left open", RuleForm, func(m *Manifest) { m.Jury.Recused = nil }},
		{"rolls from fewer subjects", RuleForm, func(m *Manifest) { m.Counted = m.Counted[:2] }},
		{"rolls from another community", RuleForm, func(m *Manifest) { m.Counted[0].Subject = "community/lake" }},
		{"rolls from other seats", RuleForm, func(m *Manifest) { m.Jury.Seats = "city/town/draw/sluice/seats" }},
		{"rolls from no record", RuleForm, func(m *Manifest) { m.Counted[1].Records = 0 }},
		{"rules that are not whole", "method", func(m *Manifest) { m.Rules.Method = "lot" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newWorld(t, ModeSealed).open(t)
			c.bad(h.m)
			_, err := h.m.Canonical()
			wantRule(t, err, c.rule)
		})
	}
}

func TestManifestTextsThatAreRefused(t *testing.T) {
	text := string(newWorld(t, ModeSealed).open(t).text)
	for name, bad := range map[string]string{
		"nothing":               "",
		"a list":                "[]",
		"white space":           text + " ",
		"a member too many":     strings.Replace(text, `{"beacon"`, `{"banner":1,"beacon"`, 1),
		"a member missing":      strings.Replace(text, `,"tier":0`, "", 1),
		"another order":         strings.Replace(strings.Replace(text, `,"v":1`, "", 1), "{", `{"v":1,`, 1),
		"a default written out": strings.Replace(text, `"rehearsal":true`, `"rehearsal":false`, 1),
		"a fraction":            strings.Replace(text, `"tier":0`, `"tier":0.5`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if bad == text {
				t.Fatal("the text was not changed")
			}
			m, err := ParseManifest([]byte(bad))
			wantRule(t, err, RuleForm)
			if m != nil {
				t.Error("a manifest came with the refusal")
			}
		})
	}
}

func TestHashOfAPollIsOfItsManifest(t *testing.T) {
	h := newWorld(t, ModeOpen).open(t)
	open := Open{Hash: h.hash, Manifest: h.text}
	if err := open.Check(); err != nil {
		t.Fatal(err)
	}
	open.Hash[0] ^= 1
	wantRule(t, open.Check(), RuleForm)
	wantRule(t, Open{Hash: h.hash, Manifest: []byte("{}")}.Check(), RuleForm)
}

func TestBodiesOfOtherRecords(t *testing.T) {
	if err := (Close{At: 1, Ballots: 0}).Check(); err != nil {
		t.Error(err)
	}
	wantRule(t, Close{At: 0}.Check(), RuleForm)
	wantRule(t, Close{At: 1, Ballots: -1}.Check(), RuleForm)
	if err := (Void{Reason: "the sluice broke"}).Check(); err != nil {
		t.Error(err)
	}
	wantRule(t, Void{}.Check(), RuleForm)
	wantRule(t, Void{Reason: strings.Repeat("a", 501)}.Check(), RuleForm)
}

func TestSubjectsOfPolls(t *testing.T) {
	if c, n, ok := SubjectName(subject); c != "river" || n != "lock" || !ok {
		t.Errorf("%s is split into %q, %q, %t", subject, c, n, ok)
	}
	for _, bad := range []string{"", "community/river", "community/river/poll/", "community//poll/lock", "city/river/poll/lock",
		"community/river/poll/a/b", "community/a/b/poll/lock", "x/community/river/poll/lock"} {
		if _, _, ok := SubjectName(bad); ok {
			t.Errorf("%q is taken for the subject of a poll", bad)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(newWorld(f, ModeOpen).open(f).text)
	f.Add(newWorld(f, ModeSealed).amendment().open(f).text)
	f.Add(newWorld(f, ModeSealed).options().open(f).text)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseManifest(text)
		if err != nil {
			return
		}
		if again, err := m.Canonical(); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%q is written again as %q, %v", text, again, err)
		}
	})
}
