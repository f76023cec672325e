package register

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func vectorProof(t *testing.T, i int) Proof {
	t.Helper()
	r, err := FromEntries(vectorEntries(t))
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Prove(i)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProofsOfTheVectorRegister(t *testing.T) {
	entries := vectorEntries(t)
	for i, want := range entries {
		p := vectorProof(t, i)
		got, err := p.Verify()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || p.Root != vectorRoot || p.Size != 60 || p.Index != int64(i) {
			t.Errorf("entry %d: root %s, size %d, index %d\n%s", i, p.Root, p.Size, p.Index, diff)
		}
	}
}

func TestProofVerifyRefuses(t *testing.T) {
	const zeros = "0000000000000000000000000000000000000000000000000000000000000000"
	for _, c := range []struct {
		name, rule string
		change     func(p *Proof)
	}{
		{"entry of another line", RuleProofPath, func(p *Proof) { p.Entry = strings.Replace(p.Entry, `"district":"`, `"district":"x`, 1) }},
		{"entry not canonical", RuleCanonical, func(p *Proof) { p.Entry += " " }},
		{"entry not an entry", RuleEntryForm, func(p *Proof) { p.Entry = "{}" }},
		{"index of the neighbour", RuleProofPath, func(p *Proof) { p.Index++ }},
		{"index below", RuleProofForm, func(p *Proof) { p.Index = -1 }},
		{"index at the size", RuleProofForm, func(p *Proof) { p.Index = p.Size }},
		{"size of nothing", RuleProofForm, func(p *Proof) { p.Index, p.Size = 0, 0 }},
		{"size beyond 2^53-1", RuleProofForm, func(p *Proof) { p.Size = 1 << 53 }},
		{"size of a higher tree", RuleProofForm, func(p *Proof) { p.Size = 65 }},
		{"size of a lower tree", RuleProofForm, func(p *Proof) { p.Size = 32 }},
		{"root of another list", RuleProofPath, func(p *Proof) { p.Root = zeros }},
		{"root in capitals", RuleProofForm, func(p *Proof) { p.Root = strings.ToUpper(p.Root) }},
		{"root missing", RuleProofForm, func(p *Proof) { p.Root = "" }},
		{"path too short", RuleProofForm, func(p *Proof) { p.Path = p.Path[:5] }},
		{"path too long", RuleProofForm, func(p *Proof) { p.Path = append(p.Path, zeros) }},
		{"path missing", RuleProofForm, func(p *Proof) { p.Path = nil }},
		{"path with a wrong hash", RuleProofPath, func(p *Proof) { p.Path[2] = zeros }},
		{"path with two hashes swapped", RuleProofPath, func(p *Proof) { p.Path[0], p.Path[1] = p.Path[1], p.Path[0] }},
		{"path with a short hash", RuleProofForm, func(p *Proof) { p.Path[3] = p.Path[3][:62] }},
		{"path in capitals", RuleProofForm, func(p *Proof) { p.Path[3] = strings.ToUpper(p.Path[3]) }},
	} {
		p := vectorProof(t, 17)
		c.change(&p)
		_, err := p.Verify()
		wantRefusal(t, c.name, err, c.rule, 0, "")
	}
}

// A size may be wrong and still give the root, as in every RFC 9162 tree: the size counts only
// together with the root that a manifest names.
func TestProofInComparesRootAndSize(t *testing.T) {
	p := vectorProof(t, 17)
	var root [32]byte
	if !decodeHex(root[:], []byte(vectorRoot)) {
		t.Fatal("bad root")
	}
	if err := p.In(root, 60); err != nil {
		t.Errorf("the proof's own list is refused: %v", err)
	}
	wantRefusal(t, "size", p.In(root, 61), RuleProofList, 0, "61 lines")
	root[0]++
	wantRefusal(t, "root", p.In(root, 60), RuleProofList, 0, "fab453")
}

func TestProofsAgreeWithTlogOnSizesAndPathsThatAreWrong(t *testing.T) {
	lines := numbered(70)
	prover, pages := pagedProver(t, lines)
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.Int64Range(0, 69).Draw(t, "index")
		p, err := prover.Prove(i, pages[0])
		if err != nil {
			t.Fatal(err)
		}
		p.Index = rapid.Int64Range(0, 80).Draw(t, "claimed index")
		p.Size = rapid.Int64Range(p.Index+1, 130).Draw(t, "claimed size")
		p.Path = p.Path[:rapid.IntRange(0, len(p.Path)).Draw(t, "hashes")]
		var path tlog.RecordProof
		for _, text := range p.Path {
			var h tlog.Hash
			decodeHex(h[:], []byte(text))
			path = append(path, h)
		}
		want := tlog.CheckRecord(path, p.Size, tlog.Hash(prover.Root()), p.Index, tlog.RecordHash([]byte(p.Entry)))
		if _, err := p.Verify(); (err == nil) != (want == nil) {
			t.Fatalf("index %d, size %d, %d hashes: got %v, tlog says %v", p.Index, p.Size, len(path), err, want)
		}
	})
}

func TestProofRoundTrip(t *testing.T) {
	single, err := FromEntries(vectorEntries(t)[:1])
	if err != nil {
		t.Fatal(err)
	}
	alone, err := single.ProveID(vectorEntries(t)[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Proof{vectorProof(t, 0), vectorProof(t, 59), alone} {
		b, err := p.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseProof(b)
		if diff := cmp.Diff(p, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		if _, err := got.Verify(); err != nil {
			t.Error(err)
		}
	}
	if b, err := (Proof{}).Canonical(); err != nil || !strings.Contains(string(b), `"path":[]`) {
		t.Errorf("a proof without a path is written %s, %v", b, err)
	}
}

func TestParseProofRefuses(t *testing.T) {
	b, err := vectorProof(t, 4).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	for name, text := range map[string]string{
		"nothing":        "",
		"white space":    good + " ",
		"unknown member": strings.Replace(good, `"root"`, `"note":"x","root"`, 1),
		"missing member": strings.Replace(good, `,"size":60`, ``, 1),
		"index a string": strings.Replace(good, `"index":4`, `"index":"4"`, 1),
		"path null":      `{"entry":"x","index":0,"path":null,"root":"x","size":1}`,
		"member's case":  strings.Replace(good, `"entry"`, `"Entry"`, 1),
	} {
		_, err := ParseProof([]byte(text))
		wantRefusal(t, name, err, RuleProofForm, 0, "")
	}
}

func TestProveRefusesUnknownIDsAndIndexes(t *testing.T) {
	r, err := FromEntries(vectorEntries(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{-1, 60} {
		_, err := r.Prove(i)
		wantRefusal(t, fmt.Sprint(i), err, RuleProofForm, 0, "60 lines")
	}
	_, err = r.ProveID([32]byte{9})
	wantRefusal(t, "unknown id", err, RuleProofID, 0, "no id 09")
}
