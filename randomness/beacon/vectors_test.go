package beacon

import (
	"encoding/json"
	"os"
	"testing"

	"kleroterion/randomness/canonical"
)

// vectors is testdata/vectors.json.
type vectors struct {
	Chains          map[string]json.RawMessage `json:"chains"`
	Beacons         []vectorBeacon             `json:"beacons"`
	NegativeBeacons []vectorBeacon             `json:"negative_beacons"`
	NegativeInfos   []struct {
		Name    string          `json:"name"`
		Info    json.RawMessage `json:"info"`
		Matches bool            `json:"recomputed_hash_matches"`
	} `json:"negative_infos"`
}

type vectorBeacon struct {
	Name              string        `json:"name"`
	Network           string        `json:"network"`
	Chain             Hash          `json:"chain_hash"`
	Scheme            Scheme        `json:"scheme"`
	Round             uint64        `json:"round"`
	Signature         canonical.Hex `json:"signature"`
	PreviousSignature canonical.Hex `json:"previous_signature"` // of real beacons
	Previous          canonical.Hex `json:"previous"`           // of negative ones
	Randomness        Hash          `json:"randomness"`
}

func (v vectorBeacon) beacon() Beacon {
	previous := v.PreviousSignature
	if len(previous) == 0 {
		previous = v.Previous
	}
	return Beacon{Round: v.Round, Signature: v.Signature, Previous: previous}
}

// localnet is testdata/localnet.json.
type localnet struct {
	Chains map[string]struct {
		Hash   Hash            `json:"chain_hash"`
		InfoV1 json.RawMessage `json:"info_v1"`
		InfoV2 json.RawMessage `json:"info_v2"`
		Rounds []vectorBeacon  `json:"rounds"`
	} `json:"chains"`
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// readVectors also fails when the file has shrunk, so that no test passes by having nothing to do.
func readVectors(t testing.TB) vectors {
	t.Helper()
	var v vectors
	readJSON(t, "testdata/vectors.json", &v)
	got := [4]int{len(v.Chains), len(v.Beacons), len(v.NegativeBeacons), len(v.NegativeInfos)}
	want := [4]int{7, 144, 23, 2}
	for i := range want {
		if got[i] < want[i] {
			t.Fatalf("vectors.json: %v chains, beacons, negative beacons, negative infos, want at least %v", got, want)
		}
	}
	return v
}

func readLocalnet(t testing.TB) localnet {
	t.Helper()
	var l localnet
	readJSON(t, "testdata/localnet.json", &l)
	if len(l.Chains) < 3 {
		t.Fatalf("localnet.json: %d chains, want 3", len(l.Chains))
	}
	for name, c := range l.Chains {
		if len(c.Rounds) < 40 {
			t.Fatalf("localnet.json: %d rounds of %s, want 40", len(c.Rounds), name)
		}
	}
	return l
}

func pinnedChain(t testing.TB, name string) *Chain {
	t.Helper()
	c, ok := Pinned().ByName(name)
	if !ok {
		t.Fatalf("chain %q is not pinned", name)
	}
	return c
}

// realBeacons returns the verified beacons of one network of vectors.json.
func realBeacons(t testing.TB, network string) []Beacon {
	t.Helper()
	var out []Beacon
	for _, v := range readVectors(t).Beacons {
		if v.Network == network {
			out = append(out, v.beacon())
		}
	}
	if len(out) == 0 {
		t.Fatalf("no beacons of %s", network)
	}
	return out
}

// realBeacon returns one of them.
func realBeacon(t testing.TB, network string, round uint64) Beacon {
	t.Helper()
	for _, b := range realBeacons(t, network) {
		if b.Round == round {
			return b
		}
	}
	t.Fatalf("no beacon %d of %s", round, network)
	return Beacon{}
}
