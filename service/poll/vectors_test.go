package poll

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/timelock"
	"kleroterion/service/identity"
)

const vectorFile = "../../docs/spec/vectors/poll.json"

var writeVectors = flag.Bool("write-vectors", false, "write "+vectorFile+" again, after the slow count has agreed on each poll")

// pollVector is a whole poll from its manifest to its transcript.
type pollVector struct {
	Beacon     beacon.File     `json:"beacon"`
	Hash       beacon.Hash     `json:"hash"`
	Manifest   json.RawMessage `json:"manifest"`
	Name       string          `json:"name"`
	Records    []vectorRecord  `json:"records"`
	Rolls      []string        `json:"rolls"` // the files
	Transcript json.RawMessage `json:"transcript"`
}

type vectorRecord struct {
	Body json.RawMessage `json:"body"` // of ballot.cast
	N    int64           `json:"n"`
}

// refusedVector is a text that is refused by a rule: a manifest, or the file of a chamber's roll.
type refusedVector struct {
	Chamber string `json:"chamber,omitempty"`
	Name    string `json:"name"`
	Rule    string `json:"rule"`
	Text    string `json:"text"`
}

// refusedCast is a ballot that intake refuses in the poll of this name; without a key the voter has none.
type refusedCast struct {
	Cast json.RawMessage `json:"cast"`
	Key  *identity.Key   `json:"key,omitempty"`
	Name string          `json:"name"`
	Poll string          `json:"poll"`
	Rule string          `json:"rule"`
}

type vectors struct {
	Chain     json.RawMessage `json:"chain"` // drand's info, second form
	Casts     []refusedCast   `json:"refused_casts"`
	Manifests []refusedVector `json:"refused_manifests"`
	Polls     []pollVector    `json:"polls"`
	Rolls     []refusedVector `json:"refused_rolls"`
}

func readVectors(t *testing.T) (v vectors, polls map[string]*Manifest) {
	t.Helper()
	if *writeVectors {
		putVectors(t)
	}
	text, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	polls = map[string]*Manifest{}
	for _, p := range v.Polls {
		if polls[p.Name], err = ParseManifest(p.Manifest); err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
	}
	return v, polls
}

func TestPollsOfTheVectors(t *testing.T) {
	v, polls := readVectors(t)
	chain, err := beacon.ParseInfo(v.Chain)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Polls) < 2 {
		t.Fatalf("%d polls, want one open and one sealed", len(v.Polls))
	}
	for _, p := range v.Polls {
		t.Run(p.Name, func(t *testing.T) {
			m, roll := polls[p.Name], new(Roll)
			if got := HashBytes(p.Manifest); got != p.Hash {
				t.Fatalf("hash %s, want %s", got, p.Hash)
			}
			for i, ref := range m.Rolls {
				if err := roll.ReadRoll(ref, strings.NewReader(p.Rolls[i])); err != nil {
					t.Fatal(err)
				}
			}
			box := NewBox(m, p.Hash, roll)
			for _, r := range p.Records {
				if err := box.Add(t.Context(), []Record{{N: r.N, Body: r.Body}}); err != nil {
					t.Fatal(err)
				}
			}
			got, err := box.Count(t.Context(), chain, p.Beacon.Beacon, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text := must(got.Canonical()); !bytes.Equal(text, p.Transcript) {
				t.Errorf("transcript\n%s\nwant\n%s", text, p.Transcript)
			}
		})
	}
}

func TestRefusalsOfTheVectors(t *testing.T) {
	v, polls := readVectors(t)
	if len(v.Manifests) < 10 || len(v.Rolls) < 10 || len(v.Casts) < 12 {
		t.Fatalf("%d manifests, %d rolls and %d casts are refused: too few", len(v.Manifests), len(v.Rolls), len(v.Casts))
	}
	for _, r := range v.Manifests {
		t.Run("manifest "+r.Name, func(t *testing.T) {
			_, err := ParseManifest([]byte(r.Text))
			wantRule(t, err, r.Rule)
		})
	}
	for _, r := range v.Rolls {
		t.Run("roll "+r.Name, func(t *testing.T) {
			wantRule(t, new(Roll).ReadRoll(refOf(r.Chamber, r.Text), strings.NewReader(r.Text)), r.Rule)
		})
	}
	for _, r := range v.Casts {
		t.Run("cast "+r.Name, func(t *testing.T) {
			c, err := ParseCast(r.Cast)
			if err == nil {
				m := polls[r.Poll]
				_, err = CheckCast(m, HashBytes(must(m.Canonical())), r.Key, c)
			}
			wantRule(t, err, r.Rule)
		})
	}
}

// putVectors writes polls that the slow count agrees on, and what is refused.
func putVectors(t *testing.T) {
	t.Helper()
	open, sealed := newWorld(t, ModeOpen).open(t), newWorld(t, ModeSealed).founded().open(t)
	founder := MemberVoter("founders", person("ada").id())
	cy, di, ed := person("cy"), person("di"), person("ed")
	stolen := must(sealed.cast(di, di.member(), yes).parse())
	stolen.Voter = ed.member()
	v := vectors{
		Chain: must(canonical.Transform(open.state.Chain.InfoV2())),
		Polls: []pollVector{
			open.vector(t, "open", open.cast(cy, cy.member(), no), open.cast("seat 1", SeatVoter(1), yes), open.cast(di, di.member(), no), open.cast(cy, cy.member(), yes)),
			sealed.vector(t, "sealed", sealed.cast(cy, cy.member(), yes), sealed.cast(di, di.member(), yes), sealed.cast("seat 3", SeatVoter(3), no),
				sealed.cast("ada", founder, no), sign(ed, stolen), sealed.cast(di, di.member(), abstain), sealed.sealText("bo", MemberVoter("founders", person("bo").id()), sealed.padded("{}"))),
		},
		Casts: append(badOpenCasts(open), badSealedCasts(sealed)...), Manifests: badManifests(sealed), Rolls: badRolls(),
	}
	text := must(canonical.Marshal(v))
	for _, mark := range []string{`{"beacon":`, `{"cast":`, `{"name":`} {
		text = bytes.ReplaceAll(text, []byte(","+mark), []byte(",\n"+mark))
	}
	if err := os.WriteFile(vectorFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (h *held) vector(t *testing.T, name string, casts ...Cast) pollVector {
	t.Helper()
	counted := h.count(t, casts...)
	slow, got := h.countSlowly(casts), reduced(counted)
	if len(h.m.Rolls) > 2 { // the slow count knows no founders' rate
		slow.Rate = got.Rate
	}
	if diff := cmp.Diff(slow, got); diff != "" {
		t.Fatalf("%s: slow count against the package's: %s", name, diff)
	}
	v := pollVector{Name: name, Manifest: h.text, Hash: h.hash, Beacon: beacon.File{Chain: h.state.Chain.Hash, Beacon: h.closing()}, Transcript: must(counted.Canonical())}
	for _, file := range h.files {
		v.Rolls = append(v.Rolls, string(file))
	}
	for _, r := range records(casts...) {
		v.Records = append(v.Records, vectorRecord{Body: r.Body, N: r.N})
	}
	return v
}

func bad(name, rule, poll string, key *identity.Key, c Cast) refusedCast {
	return refusedCast{Cast: must(canonical.Marshal(c)), Key: key, Name: name, Poll: poll, Rule: rule}
}

func badOpenCasts(h *held) []refusedCast {
	cy, key := person("cy"), person("cy").key()
	text := string(h.cast(cy, cy.member(), yes).Ballot)
	changed := func(old, new string) Cast { return signText(cy, strings.Replace(text, old, new, 1)) }
	return []refusedCast{
		bad("for another poll", RuleWrongPoll, "open", &key, sign(cy, Ballot{Choice: []byte(yes), Poll: beacon.Hash{1}, Voter: cy.member()})),
		bad("signed by another", RuleSignature, "open", &key, h.cast("di", cy.member(), yes)),
		bad("signed as a statement", RuleSignature, "open", &key, Cast{Ballot: []byte(text), Signature: identity.Sign(cy.private(), identity.ThingStatement, []byte(text))}),
		bad("without a signature", RuleSignature, "open", &key, Cast{Ballot: []byte(text)}),
		bad("a seat without a key", RuleNoKey, "open", nil, h.cast("seat 2", SeatVoter(2), yes)),
		bad("another version", RuleBallot, "open", &key, changed(`"v":1`, `"v":2`)),
		bad("sealed in an open poll", RuleBallot, "open", &key, sign(cy, Ballot{Sealed: "AAAA", Poll: h.hash, Voter: cy.member()})),
		bad("another choice", "choice_form", "open", &key, changed(yes, `{"vote":"maybe"}`)),
		bad("a delegation", "delegation_off", "open", &key, changed(yes, `{"delegate":"`+person("di").member()+`"}`)),
	}
}

func badSealedCasts(h *held) []refusedCast {
	cy, key := person("cy"), person("cy").key()
	seal := func(chain *beacon.Chain, round uint64, size int) Cast {
		file := must(timelock.Seal(chain, round, bytes.Repeat([]byte(" "), size), entropy("vectors")))
		return sign(cy, Ballot{Poll: h.hash, Sealed: base64.StdEncoding.EncodeToString(file), Voter: cy.member()})
	}
	round := h.m.Beacon.Round
	return []refusedCast{
		bad("an open choice in a sealed poll", RuleBallot, "sealed", &key, sign(cy, Ballot{Choice: []byte(yes), Poll: h.hash, Voter: cy.member()})),
		bad("sealed to the next round", RuleRound, "sealed", &key, seal(h.state.Chain, round+1, 256)),
		bad("sealed to another chain", RuleRound, "sealed", &key, seal(elsewhere(), round, 256)),
		bad("a byte too long", RuleSealedForm, "sealed", &key, seal(h.state.Chain, round, 257)),
		bad("no timelock file", RuleSealedForm, "sealed", &key, sign(cy, Ballot{Poll: h.hash, Sealed: "AAAA", Voter: cy.member()})),
		bad("no base64", RuleSealedForm, "sealed", &key, sign(cy, Ballot{Poll: h.hash, Sealed: "AAA", Voter: cy.member()})),
	}
}

func badManifests(h *held) (list []refusedVector) {
	text := string(h.text)
	for _, c := range [][4]string{
		{"another version", RuleForm, `"v":1}`, `"v":2}`},
		{"white space", RuleForm, `"v":1}`, `"v": 1}`},
		{"a member too many", RuleForm, `{"beacon"`, `{"banner":1,"beacon"`},
		{"rehearsal false", RuleForm, `"rehearsal":true`, `"rehearsal":false`},
		{"another community", RuleForm, `"community":"river"`, `"community":"lake"`},
		{"an unknown class", RuleForm, `"class":"ordinary"`, `"class":"urgent"`},
		{"an amendment of nothing", RuleForm, `"class":"ordinary"`, `"class":"amendment"`},
		{"another mode", RuleForm, `"mode":"sealed"`, `"mode":"open"`},
		{"another size", RuleForm, `"size":256`, `"size":300`},
		{"no question", RuleForm, `"Shall the lock be repaired?"`, `""`},
		{"a tier below 0", RuleForm, `"tier":0`, `"tier":-1`},
		{"closes as it opens", RuleTimes, `"closes":1800003600`, `"closes":1800000000`},
		{"recused seat 0", RuleForm, `"recused":[]`, `"recused":[0]`},
		{"a chamber of strangers", RuleForm, `{"chamber":"jury"`, `{"chamber":"guests"`},
		{"an unknown method", "method", `"method":"yes_no"`, `"method":"lot"`},
	} {
		list = append(list, refusedVector{Name: c[0], Rule: c[1], Text: strings.Replace(text, c[2], c[3], 1)})
	}
	return list
}

func badRolls() (list []refusedVector) {
	key := `{"key":{"alg":"ed25519","public":"` + person("ada").key().Public.String() + `"},`
	one, two := strings.Repeat("1", 64), strings.Repeat("2", 64)
	member := func(id string) string { return key + `"voter":"members/` + id + `"}` + "\n" }
	for _, c := range [][3]string{
		{"out of order", "members", member(two) + member(one)},
		{"twice", "members", member(one) + member(one)},
		{"another chamber", "founders", member(one)},
		{"an id too short", "members", member(one[1:])},
		{"an id in capitals", "members", member(strings.Repeat("A", 64))},
		{"a member without a key", "members", `{"voter":"members/` + one + `"}` + "\n"},
		{"a key of small order", "members", strings.Replace(member(one), person("ada").key().Public.String(), strings.Repeat("00", 32), 1)},
		{"white space", "members", strings.Replace(member(one), "{", "{ ", 1)},
		{"a carriage return", "members", strings.Replace(member(one), "\n", "\r\n", 1)},
		{"a line without its end", "members", strings.TrimSuffix(member(one), "\n")},
		{"seats by their text", "jury", `{"voter":"jury/10"}` + "\n" + `{"voter":"jury/9"}` + "\n"},
		{"seat 0", "jury", `{"voter":"jury/0"}` + "\n"},
	} {
		list = append(list, refusedVector{Name: c[0], Rule: RuleRoll, Chamber: c[1], Text: c[2]})
	}
	return list
}
