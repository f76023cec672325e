package grants

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/voting"
)

const vectorFile = "../../docs/spec/vectors/round.json"

var writeVectors = flag.Bool("write-vectors", false, "write "+vectorFile+" again, after the amounts worked out by hand agree")

// roundVector is a whole round from its manifest to its payouts.
type roundVector struct {
	Beacon   *beacon.File      `json:"beacon,omitempty"` // of a sealed round
	Hash     beacon.Hash       `json:"hash"`
	Jury     *voting.Result    `json:"jury,omitempty"` // count of the jury's poll
	Manifest json.RawMessage   `json:"manifest"`
	Name     string            `json:"name"`
	Records  []vectorRecord    `json:"records"`
	Results  []json.RawMessage `json:"results"` // the files, by version
	Roll     string            `json:"roll"`
}

type vectorRecord struct {
	Body json.RawMessage `json:"body"`
	File string          `json:"file,omitempty"` // of round.weights
	Kind string          `json:"kind"`
	N    int64           `json:"n"`
}

// refusedRecord is a record that the round of this name refuses when it comes after its records up to
// number after.
type refusedRecord struct {
	After  int64        `json:"after"`
	Name   string       `json:"name"`
	Record vectorRecord `json:"record"`
	Round  string       `json:"round"`
	Rule   string       `json:"rule"`
}

type refusedManifest struct {
	Name string `json:"name"`
	Rule string `json:"rule"`
	Text string `json:"text"`
}

type vectors struct {
	Chain     json.RawMessage   `json:"chain"` // drand's info, second form
	Refused   []refusedRecord   `json:"refused"`
	Manifests []refusedManifest `json:"refused_manifests"`
	Rounds    []roundVector     `json:"rounds"`
}

func parsed[B interface{ Check() error }](b []byte, apply func(B) error) error {
	v, err := Parse[B](b)
	if err != nil {
		return err
	}
	return apply(v)
}

// replay is a round with what its records refer to.
type replay struct {
	*Round
	chain *beacon.Chain
	v     roundVector
}

func (r replay) apply(t *testing.T, rec vectorRecord) error {
	switch rec.Kind {
	case "round.topup":
		return parsed(rec.Body, r.ApplyTopup)
	case "project.move":
		return parsed(rec.Body, r.ApplyMove)
	case "gift.add":
		return parsed(rec.Body, func(g GiftAdd) error { return r.ApplyGift(rec.N, g) })
	case "gift.refund":
		return parsed(rec.Body, r.ApplyRefund)
	case "round.weights":
		return parsed(rec.Body, func(w Weights) error { return r.ApplyWeights(w, []byte(rec.File)) })
	case "round.close":
		return parsed(rec.Body, r.ApplyClose)
	case "round.result":
		return parsed(rec.Body, func(x ResultRecord) error { return r.result(t, x) })
	case "payout.done":
		return parsed(rec.Body, r.ApplyPayout)
	case "round.void":
		return parsed(rec.Body, r.ApplyVoid)
	}
	return fmt.Errorf("unknown kind %s", rec.Kind)
}

func (r replay) result(t *testing.T, rec ResultRecord) error {
	if r.v.Beacon != nil && r.opened == nil {
		if err := r.Open(t.Context(), r.chain, r.v.Beacon.Beacon, nil); err != nil {
			return err
		}
	}
	v, err := r.Compute(rec.Changes, r.v.Jury)
	if err != nil {
		return err
	}
	return r.ApplyResult(rec, v)
}

// play replays a round up to the record with number after.
func (v roundVector) play(t *testing.T, chain *beacon.Chain, after int64) replay {
	t.Helper()
	round, err := New(v.Manifest, []byte(v.Roll))
	if err != nil {
		t.Fatal(err)
	}
	r := replay{round, chain, v}
	for _, rec := range v.Records {
		if rec.N > after {
			break
		}
		if err := r.apply(t, rec); err != nil {
			t.Fatalf("record %d, %s: %v", rec.N, rec.Kind, err)
		}
	}
	return r
}

// rest goes on after a refusal: a round that is as it was takes all its other records.
func (r replay) rest(t *testing.T, after int64) {
	t.Helper()
	for _, rec := range r.v.Records {
		if rec.N <= after {
			continue
		}
		if err := r.apply(t, rec); err != nil {
			t.Fatalf("after the refusal record %d, %s: %v", rec.N, rec.Kind, err)
		}
	}
}

func readVectors(t *testing.T) (v vectors, chain *beacon.Chain) {
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
	chain, err = beacon.ParseInfo(v.Chain)
	if err != nil {
		t.Fatal(err)
	}
	return v, chain
}

func TestRoundsOfTheVectors(t *testing.T) {
	v, chain := readVectors(t)
	if len(v.Rounds) < 2 {
		t.Fatalf("%d rounds, want one open and one sealed", len(v.Rounds))
	}
	for _, want := range v.Rounds {
		t.Run(want.Name, func(t *testing.T) {
			if got := HashBytes(want.Manifest); got != want.Hash {
				t.Fatalf("hash %s, want %s", got, want.Hash)
			}
			r := want.play(t, chain, maxInteger)
			if len(r.versions) == 0 || len(r.versions) != len(want.Results) {
				t.Fatalf("%d versions, want %d", len(r.versions), len(want.Results))
			}
			for i, got := range r.Versions() {
				if !bytes.Equal(got.Bytes, want.Results[i]) {
					t.Errorf("version %d\n%s\nwant\n%s", i+1, got.Bytes, want.Results[i])
				}
			}
		})
	}
}

func TestRefusalsOfTheVectors(t *testing.T) {
	v, chain := readVectors(t)
	if len(v.Refused) < 40 || len(v.Manifests) < 10 {
		t.Fatalf("%d records and %d manifests are refused: too few", len(v.Refused), len(v.Manifests))
	}
	rounds := map[string]roundVector{}
	for _, r := range v.Rounds {
		rounds[r.Name] = r
	}
	for _, c := range v.Refused {
		t.Run(c.Round+" "+c.Record.Kind+" "+c.Name, func(t *testing.T) {
			r := rounds[c.Round].play(t, chain, c.After)
			if c.Rule == RuleSealedRound { // only intake looks inside
				g, err := Parse[GiftAdd](c.Record.Body)
				if err == nil {
					_, err = r.CheckGift(g)
				}
				wantRule(t, err, c.Rule)
				return
			}
			wantRule(t, r.apply(t, c.Record), c.Rule)
			r.rest(t, c.After)
		})
	}
	for _, c := range v.Manifests {
		t.Run("manifest "+c.Name, func(t *testing.T) {
			_, err := ParseManifest([]byte(c.Text))
			wantRule(t, err, c.Rule)
		})
	}
}
