package timelock

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// vectors is docs/spec/vectors/timelock.json.
type vectors struct {
	Note    string            `json:"note"`
	Chains  []json.RawMessage `json:"chains"`
	Files   []vectorFile      `json:"files"`
	Sealed  vectorFile        `json:"sealed"`
	Refused []vectorRefused   `json:"refused"`
}

type vectorFile struct {
	Name      string        `json:"name"`
	MadeBy    string        `json:"made_by"`
	Chain     beacon.Hash   `json:"chain"`
	Round     uint64        `json:"round"`
	Signature canonical.Hex `json:"signature"`
	Entropy   canonical.Hex `json:"entropy"`
	Plaintext canonical.Hex `json:"plaintext"`
	Armoured  bool          `json:"armoured"`
	File      []byte        `json:"file_base64"`
}

type vectorRefused struct {
	Name    string `json:"name"`
	Open    Rule   `json:"open"`
	Inspect Rule   `json:"inspect"`
	File    []byte `json:"file_base64"`
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	raw, err := os.ReadFile("../../docs/spec/vectors/timelock.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v vectors) chain(t testing.TB, h beacon.Hash) *beacon.Chain {
	t.Helper()
	for _, raw := range v.Chains {
		c, err := beacon.ParseInfo(raw)
		if err != nil {
			t.Fatal(err)
		}
		if c.Hash == h {
			return c
		}
	}
	t.Fatalf("no chain %s", h)
	return nil
}

func (v vectors) opener(t testing.TB, f vectorFile) *Opener {
	t.Helper()
	o, err := NewOpener(v.chain(t, f.Chain), beacon.Beacon{Round: f.Round, Signature: f.Signature})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestFilesOfOtherToolsOpen(t *testing.T) {
	v := readVectors(t)
	if len(v.Files) < 4 {
		t.Fatalf("%d files, want those of tle, tlock-js and quicknet", len(v.Files))
	}
	for _, f := range v.Files {
		t.Run(f.Name, func(t *testing.T) {
			file := f.File
			if f.Armoured {
				var err error
				if file, err = Dearmor(f.File); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(Armor(file), f.File) {
					t.Error("armouring again gives another text")
				}
			}
			want := Header{Chain: f.Chain, Round: f.Round, Plaintext: len(f.Plaintext)}
			if got, err := Inspect(file); err != nil || got != want {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
			plain, err := v.opener(t, f).Open(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]byte(f.Plaintext), plain); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestSealingFollowsFromItsEntropy(t *testing.T) {
	v := readVectors(t)
	s := v.Sealed
	got, err := Seal(v.chain(t, s.Chain), s.Round, s.Plaintext, bytes.NewReader(s.Entropy))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, s.File) {
		t.Errorf("sealed\n%q, want\n%q", got, s.File)
	}
	plain, err := v.opener(t, s).Open(s.File)
	if err != nil || !bytes.Equal(plain, s.Plaintext) {
		t.Errorf("%q, %v, want %q", plain, err, s.Plaintext)
	}
}

func TestEveryChangedPartIsRefusedByItsRule(t *testing.T) {
	v := readVectors(t)
	o := v.opener(t, v.Sealed)
	seen := map[Rule]bool{}
	for _, r := range v.Refused {
		t.Run(r.Name, func(t *testing.T) {
			_, err := o.Open(r.File)
			wantRule(t, err, r.Open)
			h, err := Inspect(r.File)
			if r.Inspect != "" {
				wantRule(t, err, r.Inspect)
			} else if err != nil || h.Plaintext < 0 {
				t.Errorf("%+v, %v: nobody can refuse this before the round", h, err)
			}
		})
		seen[r.Open] = true
	}
	for _, rule := range []Rule{RuleSize, RuleVersion, RuleStanza, RuleRound, RuleChain, RulePoint, RuleProof, RuleMAC, RulePayload} {
		if !seen[rule] {
			t.Errorf("no file is refused by rule %s", rule)
		}
	}
}
