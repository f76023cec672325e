package grants

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/sortition"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

func TestManifestsReadBackTheSame(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.asked.Jury = &Jury{Poll: "community/river/poll/jury", Share: ratio.New(1, 5)}
		h := w.open()
		m, err := ParseManifest(h.text)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := m.Canonical(); err != nil || string(again) != string(h.text) {
			t.Errorf("written again as %s, %v", again, err)
		}
		if diff := cmp.Diff(h.door.Manifest.Asked().Connectors, m.Asked().Connectors); diff != "" {
			t.Error(diff)
		}
	})
}

func TestManifestsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		bad        func(m *Manifest)
	}{
		{"another version", RuleForm, func(m *Manifest) { m.V = 2 }},
		{"a round of another community", RuleForm, func(m *Manifest) { m.Round = "community/lake/round/spring" }},
		{"a round without a name", RuleForm, func(m *Manifest) { m.Round = "community/river/round/" }},
		{"a subject with a slash more", RuleForm, func(m *Manifest) { m.Round += "/x" }},
		{"no name", RuleForm, func(m *Manifest) { m.Name = "" }},
		{"a name with a line break", RuleForm, func(m *Manifest) { m.Name = "a\nb" }},
		{"self is neither", RuleForm, func(m *Manifest) { m.Self = "maybe" }},
		{"opening before time began", RuleTimes, func(m *Manifest) { m.Opens = 0 }},
		{"opening after the applications", RuleTimes, func(m *Manifest) { m.Opens = m.ApplicationsEnd + 1 }},
		{"gifts before applications end", RuleTimes, func(m *Manifest) { m.GiftsStart = m.ApplicationsEnd - 1 }},
		{"gifts end as they start", RuleTimes, func(m *Manifest) { m.GiftsEnd = m.GiftsStart }},
		{"an appeal of less than nothing", RuleTimes, func(m *Manifest) { m.Appeal = -1 }},
		{"an unknown mode", RuleForm, func(m *Manifest) { m.Mode = "secret" }},
		{"sealed without a size", RuleForm, func(m *Manifest) { m.Size = 0 }},
		{"sealed with the size of a ballot", RuleForm, func(m *Manifest) { m.Size = 256 }},
		{"sealed without a beacon", RuleForm, func(m *Manifest) { m.Beacon = nil }},
		{"round 0 of the chain", RuleTimes, func(m *Manifest) { m.Beacon = &sortition.Round{} }},
		{"open with a size", RuleForm, func(m *Manifest) { m.Mode, m.Beacon = poll.ModeOpen, nil }},
		{"open with a beacon", RuleForm, func(m *Manifest) { m.Mode, m.Size = poll.ModeOpen, 0 }},
		{"no asset", RuleForm, func(m *Manifest) { m.Params.Asset = nil }},
		{"another rule of matching", RuleForm, func(m *Manifest) { m.Params.Rule = "lot" }},
		{"no list of connectors", RuleForm, func(m *Manifest) { m.Connectors = nil }},
		{"a connector twice", RuleForm, func(m *Manifest) { m.Connectors = append(m.Connectors, m.Connectors[0]) }},
		{"a connector without a key", RuleForm, func(m *Manifest) { m.Connectors = []Connector{{ID: "bank", Key: identity.Key{Alg: "none"}}} }},
		{"a jury of another community", RuleForm, func(m *Manifest) { m.Jury = &Jury{Poll: "community/lake/poll/x", Share: ratio.New(1, 2)} }},
		{"a jury with everything", RuleForm, func(m *Manifest) { m.Jury = &Jury{Poll: "community/river/poll/x", Share: ratio.New(1, 1)} }},
		{"a jury with nothing", RuleForm, func(m *Manifest) { m.Jury = &Jury{Poll: "community/river/poll/x", Share: ratio.New(0, 1)} }},
		{"a jury's share of many digits", RuleForm, func(m *Manifest) { m.Jury = &Jury{Poll: "community/river/poll/x", Share: ratio.New(1, 1_000_001)} }},
		{"the roll of another chamber", RuleForm, func(m *Manifest) { m.Roll.Chamber = "jury" }},
		{"a subject counted too few", RuleForm, func(m *Manifest) { m.Counted = m.Counted[:1] }},
		{"subjects in another order", RuleForm, func(m *Manifest) {
			m.Counted = []poll.Counted{m.Counted[1], m.Counted[0]}
		}},
		{"no record counted", RuleForm, func(m *Manifest) { m.Counted = []poll.Counted{{Subject: "community/river"}, m.Counted[1]} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := *newWorld(poll.ModeSealed).open().door.Manifest
			c.bad(&m)
			wantRule(t, m.Check(), c.rule)
			if _, err := m.Canonical(); err == nil {
				t.Error("it was written")
			}
		})
	}
}

func TestARollThatIsNotTheManifests(t *testing.T) {
	h := newWorld(poll.ModeOpen).open()
	for name, roll := range map[string]string{
		"empty": "", "a line short": string(h.roll[:strings.LastIndexByte(string(h.roll[:len(h.roll)-1]), '\n')+1]), "changed": strings.Replace(string(h.roll), "members", "Members", 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(h.text, []byte(roll))
			wantRule(t, err, RuleRoll)
		})
	}
}

// bad bodies of records, each a change of a good one.
func badBodies() map[string][]struct{ name, rule, old, new string } {
	type row = struct{ name, rule, old, new string }
	return map[string][]row{
		string(body(Topup{Amount: units("5"), At: 9, Reference: "town"})): {
			{"nothing", RuleAmount, `"5"`, `"0"`}, {"a number", RuleRecord, `"5"`, `5`}, {"a leading zero", RuleRecord, `"5"`, `"05"`},
			{"no reference", RuleRecord, `town`, ``}, {"no time", RuleRecord, `9`, `0`}, {"white space", RuleRecord, `:9`, `: 9`}, {"another member", RuleRecord, `{`, `{"a":1,`},
		},
		string(body(Refund{At: 9, N: 2, Reason: ForFraud})): {
			{"record 0", RuleRecord, `"n":2`, `"n":0`}, {"no reason", RuleRecord, `fraud`, ``}, {"a reason of its own", RuleRecord, `fraud`, `regret`},
		},
		string(body(Weights{At: 9, Source: "school", Version: 1})): {
			{"version 0", RuleRecord, `"version":1`, `"version":0`}, {"no source", RuleRecord, `school`, ``}, {"less than no bytes", RuleRecord, `"bytes":0`, `"bytes":-1`},
		},
		string(body(Close{At: 9, Gifts: 0})):       {{"less than no gifts", RuleRecord, `"gifts":0`, `"gifts":-1`}},
		string(body(Void{At: 9, Reason: "flood"})): {{"no reason", RuleRecord, `flood`, ``}},
		string(body(Payout{Account: "DE1", Amount: units("5"), At: 9, Project: "mill", Reference: "p1", Version: 1})): {
			{"no account", RuleRecord, `DE1`, ``}, {"nothing", RuleRecord, `"5"`, `"0"`}, {"no project", RuleRecord, `mill`, ``},
			{"no reference", RuleRecord, `p1`, ``}, {"version 0", RuleRecord, `"version":1`, `"version":0`},
		},
		string(body(ResultRecord{At: 9, Changes: []Correction{}, Version: 1})): {
			{"a reason in version 1", RuleChanges, `"version"`, `"reason":"why","version"`}, {"no reason in version 2", RuleChanges, `"version":1`, `"version":2`},
			{"version 0", RuleRecord, `"version":1`, `"version":0`}, {"changes in version 1", RuleChanges, `[]`, `[{"project":"mill","what":"struck"}]`},
		},
	}
}

func parseAs(kind int, b []byte) error {
	var err error
	switch kind {
	case 0:
		_, err = Parse[Topup](b)
	case 1:
		_, err = Parse[Refund](b)
	case 2:
		_, err = Parse[Weights](b)
	case 3:
		_, err = Parse[Close](b)
	case 4:
		_, err = Parse[Void](b)
	case 5:
		_, err = Parse[Payout](b)
	case 6:
		_, err = Parse[ResultRecord](b)
	}
	return err
}

// kindOf tells a body by a member that only its kind has.
func kindOf(text string) int {
	for i, mark := range []string{`"reference":"town"`, `"n":`, `"source"`, `"gifts"`, `"flood"`, `"account"`, `"changes"`} {
		if strings.Contains(text, mark) {
			return i
		}
	}
	return -1
}

func TestBodiesThatAreRefused(t *testing.T) {
	for good, rows := range badBodies() {
		if err := parseAs(kindOf(good), []byte(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
		for _, c := range rows {
			text := strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Errorf("%s: %s is not in %s", c.name, c.old, good)
			}
			wantRule(t, parseAs(kindOf(good), []byte(text)), c.rule)
		}
	}
}

func TestAnOpeningNamesItsManifest(t *testing.T) {
	h := newWorld(poll.ModeOpen).open()
	good := Open{Hash: h.hash(), Manifest: h.text}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	wantRule(t, Open{Manifest: h.text}.Check(), RuleRecord)
	wantRule(t, Open{Hash: h.hash(), Manifest: []byte("{}")}.Check(), RuleForm)
	if c, n, ok := SubjectName(subject); c != "river" || n != "spring" || !ok || Subject(c, n) != h.door.Manifest.Round {
		t.Errorf("%s is split into %s and %s", subject, c, n)
	}
	for _, s := range []string{"community/river/poll/spring", "community//round/x", "community/river/round/", "community/a/b/round/x", "river"} {
		if _, _, ok := SubjectName(s); ok {
			t.Errorf("%s is taken for a round's subject", s)
		}
	}
}

func FuzzBodies(f *testing.F) {
	for good := range badBodies() {
		f.Add([]byte(good))
	}
	h := newWorld(poll.ModeOpen).open()
	f.Add(h.text)
	f.Add(body(h.gift("cy", "mill", "900", 1, giftStart)))
	f.Add(body(h.payment("cy", "mill", "900", "t", giftStart)))
	f.Add(body(h.owned(Apply, "cy", "mill", opens)))
	f.Fuzz(func(t *testing.T, b []byte) {
		same(t, b, Parse[Topup])
		same(t, b, Parse[Refund])
		same(t, b, Parse[Weights])
		same(t, b, Parse[Close])
		same(t, b, Parse[Void])
		same(t, b, Parse[Payout])
		same(t, b, Parse[ResultRecord])
		same(t, b, Parse[GiftAdd])
		same(t, b, Parse[Move])
		same(t, b, ParseManifest)
		same(t, b, ParseResultFile)
		if list, err := ParseWeights(b); err == nil {
			if again, err := WriteWeights(list); err != nil || string(again) != string(b) {
				t.Errorf("%q reads as %v and writes as %q, %v", b, list, again, err)
			}
		}
	})
}

// same requires that what is read is written to the same bytes.
func same[B any](t *testing.T, b []byte, parse func([]byte) (B, error)) {
	t.Helper()
	v, err := parse(b)
	if err != nil {
		return
	}
	if again := body(v); string(again) != string(b) {
		t.Errorf("%q is written again as %q", b, again)
	}
}
