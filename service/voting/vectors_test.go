package voting_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/voting"
)

const vectorFile = "../../docs/spec/vectors/tally.json"

var writeVectors = flag.Bool("write-vectors", false, "write "+vectorFile+" again, after the slow count has agreed on each case")

type vectorBallot struct {
	Chamber string          `json:"chamber"`
	Choice  json.RawMessage `json:"choice,omitempty"`
	Invalid string          `json:"invalid,omitempty"`
	N       int64           `json:"n"`
	Voter   string          `json:"voter"`
}

type vector struct {
	Name      string          `json:"name"`
	Rules     json.RawMessage `json:"rules"`
	Ballots   []vectorBallot  `json:"ballots"`
	Poll      beacon.Hash     `json:"poll"`
	Signature canonical.Hex   `json:"signature"`
	Result    json.RawMessage `json:"result"`
}

// run counts a case from its own text alone.
func (v *vector) run(t testing.TB) (*voting.Rules, voting.Result) {
	t.Helper()
	text, err := canonical.Transform(v.Rules)
	if err != nil {
		t.Fatal(err)
	}
	r := new(voting.Rules)
	if err := canonical.Unmarshal(text, r); err != nil {
		t.Fatalf("%s: rules: %v", v.Name, err)
	}
	var ballots []voting.Ballot
	for _, b := range v.Ballots {
		var raw []byte
		if b.Choice != nil {
			if raw, err = canonical.Transform(b.Choice); err != nil {
				t.Fatal(err)
			}
		}
		ballots = append(ballots, parseBallot(r, voting.Ballot{Chamber: b.Chamber, Voter: b.Voter, N: b.N, Invalid: b.Invalid}, raw))
	}
	res, err := voting.Tally(r, ballots, voting.NewTieKeys(v.Poll, v.Signature))
	if err != nil {
		t.Fatalf("%s: %v", v.Name, err)
	}
	return r, res
}

func TestVectors(t *testing.T) {
	if *writeVectors {
		write(t, vectorCases(t))
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []vector }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	seen := map[voting.Method]int{}
	for _, v := range file.Cases {
		r, res := v.run(t)
		seen[r.Method]++
		got, err := res.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		want, err := canonical.Transform(v.Result)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", v.Name, got, want)
		}
		if back, err := voting.ParseResult(want); err != nil || !cmp.Equal(back, res, cmpopts.EquateEmpty()) {
			t.Errorf("%s: the result reads back as %+v, %v", v.Name, back, err)
		}
	}
	for _, m := range methods {
		if seen[m] < 5 {
			t.Errorf("%d vectors of %s, want 5 at least", seen[m], m)
		}
	}
}

func write(t *testing.T, cases []vector) {
	t.Helper()
	var out bytes.Buffer
	out.WriteString("{\"cases\":[\n")
	for i := range cases {
		line, err := canonical.Marshal(cases[i])
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			out.WriteString(",\n")
		}
		out.Write(line)
	}
	out.WriteString("\n]}\n")
	if err := os.WriteFile(vectorFile, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// vectorCases are the named polls of numbers_test.go and cases_test.go, and six random ones of each method.
func vectorCases(t *testing.T) (cases []vector) {
	for _, c := range namedCases(t) {
		cases = append(cases, settle(t, c.name, c.poll))
	}
	for _, m := range methods {
		for i := range 6 {
			cases = append(cases, settle(t, fmt.Sprintf("random %s %d", m, i+1), interesting(m, i)))
		}
	}
	return cases
}

// interesting returns the i-th kind of generated poll in which at least three members decide something.
func interesting(m voting.Method, i int) poll {
	for seed := 1000 * i; ; seed++ {
		p, members := polls(m).Example(seed), 0
		for _, b := range p.ballots {
			if b.chamber == voting.Members && b.decisive() {
				members++
			}
		}
		if members >= 3 {
			return p
		}
	}
}

// settle counts a poll both ways and fixes the result.
func settle(t *testing.T, name string, p poll) vector {
	t.Helper()
	v := vector{Name: name, Poll: beacon.Hash{1, 2, 3}, Signature: canonical.Hex("a closing round"), Ballots: []vectorBallot{}}
	var err error
	if v.Rules, err = canonical.Marshal(p.rules); err != nil {
		t.Fatal(err)
	}
	for _, b := range p.ballots {
		reason := b.invalid
		if b.raw != "" {
			reason = "" // the reader finds it
		}
		v.Ballots = append(v.Ballots, vectorBallot{b.chamber, b.text(t, p.rules.Method), reason, b.n, b.voter})
	}
	_, res := v.run(t)
	want := countSlowly(p.rules, p.ballots, voting.NewTieKeys(v.Poll, v.Signature))
	if diff := cmp.Diff(want, reduce(p.rules, res), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s: slow count against Tally: %s", name, diff)
	}
	if v.Result, err = res.Canonical(); err != nil {
		t.Fatal(err)
	}
	return v
}
