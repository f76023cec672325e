package identity_test

import (
	"encoding/json"
	"os"
	"testing"

	"kleroterion/service/identity"
)

// vectors is docs/spec/vectors/identity.json, which testdata/identity.py wrote.
type vectors struct {
	Keys []struct {
		Name string       `json:"name"`
		Key  identity.Key `json:"key"`
		Rule string       `json:"rule"`
	} `json:"keys"`
	Signatures []struct {
		Name      string             `json:"name"`
		Key       identity.Key       `json:"key"`
		Thing     identity.Thing     `json:"thing"`
		Object    string             `json:"object"`
		Signature identity.Signature `json:"signature"`
		Rule      string             `json:"rule"`
	} `json:"signatures"`
	Attestations []struct {
		Name      string                 `json:"name"`
		K         int64                  `json:"k"`
		Of        []identity.Attester    `json:"of"`
		Statement identity.Statement     `json:"statement"`
		List      []identity.Attestation `json:"list"`
		Rule      string                 `json:"rule"`
	} `json:"attestations"`
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("../../docs/spec/vectors/identity.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Keys) < 20 || len(v.Signatures) < 20 || len(v.Attestations) < 10 {
		t.Fatalf("only %d keys, %d signatures, %d attestations", len(v.Keys), len(v.Signatures), len(v.Attestations))
	}
	return v
}

// judged fails unless err is a refusal by rule, or none where rule is empty.
func judged(t *testing.T, err error, want string) {
	t.Helper()
	if got := rule(err); got != want || (err == nil) != (want == "") {
		t.Errorf("got %v, want rule %q", err, want)
	}
}

func TestVectorsOfKeys(t *testing.T) {
	for _, c := range readVectors(t).Keys {
		t.Run(c.Name, func(t *testing.T) { judged(t, c.Key.Check(), c.Rule) })
	}
}

func TestVectorsOfSignatures(t *testing.T) {
	for _, c := range readVectors(t).Signatures {
		t.Run(c.Name, func(t *testing.T) { judged(t, c.Key.Verify(c.Thing, []byte(c.Object), c.Signature), c.Rule) })
	}
}

func TestVectorsOfAttestations(t *testing.T) {
	for _, c := range readVectors(t).Attestations {
		t.Run(c.Name, func(t *testing.T) {
			judged(t, identity.CheckAttestations(c.K, c.Of, c.Statement, c.List), c.Rule)
		})
	}
}
