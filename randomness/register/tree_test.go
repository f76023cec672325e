package register

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestTreeOfNothingAndOfOneEmptyLine(t *testing.T) {
	var tree Tree
	if got := fmt.Sprintf("%x", tree.Root()); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("root of nothing is %s", got)
	}
	tree.Append(nil)
	if got := fmt.Sprintf("%x", tree.Root()); got != "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" {
		t.Errorf("root of one empty line is %s", got)
	}
}

func TestTreeProverAndProofsAgreeWithTlog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(200, 800)).Draw(t, "size")
		lines := numbered(n)
		hashes := rapidTlog(t, lines)
		root, err := tlog.TreeHash(int64(n), hashes)
		if err != nil {
			t.Fatal(err)
		}
		prover, pages := pagedProver(t, lines)
		var tree Tree
		for _, line := range lines {
			tree.Append([]byte(line))
		}
		if tree.Root() != root || prover.Root() != root || tree.Size() != int64(n) {
			t.Fatalf("roots differ at size %d", n)
		}
		i := int64(rapid.IntRange(0, n-1).Draw(t, "index"))
		checkAgainstTlog(t, prover, pages, i, hashes)
	})
}

// checkAgainstTlog wants the same path as x/mod makes, and that both sides verify it.
func checkAgainstTlog(t rapid.TB, prover *Prover, pages [][][]byte, i int64, hashes tlogHashes) {
	p, err := prover.Prove(i, pages[i/PageSize])
	if err != nil {
		t.Fatal(err)
	}
	want, err := tlog.ProveRecord(prover.Size(), i, hashes)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(hexPath(want)) != fmt.Sprint(p.Path) {
		t.Fatalf("line %d of %d: path %v, want %v", i, prover.Size(), p.Path, hexPath(want))
	}
	if err := tlog.CheckRecord(want, prover.Size(), tlog.Hash(prover.Root()), i, tlog.RecordHash([]byte(p.Entry))); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verify(); err != nil {
		t.Fatalf("line %d of %d: %v", i, prover.Size(), err)
	}
}

func hexPath(p tlog.RecordProof) []string {
	out := []string{}
	for _, h := range p {
		out = append(out, hex.EncodeToString(h[:]))
	}
	return out
}

func rapidTlog(t rapid.TB, lines []string) tlogHashes {
	var hashes tlogHashes
	for i, line := range lines {
		h, err := tlog.StoredHashes(int64(i), []byte(line), hashes)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h...)
	}
	return hashes
}

func pagedProver(t rapid.TB, lines []string) (*Prover, [][][]byte) {
	var pages [][][]byte
	var sums [][32]byte
	for at := 0; at < len(lines); at += PageSize {
		var page [][]byte
		for _, line := range lines[at:min(at+PageSize, len(lines))] {
			page = append(page, []byte(line))
		}
		pages, sums = append(pages, page), append(sums, PageHash(page))
	}
	p, err := NewProver(sums, int64(len(lines)))
	if err != nil {
		t.Fatal(err)
	}
	return p, pages
}

func TestEveryLineOfSmallAndSeamSizesIsProved(t *testing.T) {
	sizes := []int{255, 256, 257, 511, 512, 513, 769, 1025}
	for n := range 40 {
		sizes = append(sizes, n+1)
	}
	for _, n := range sizes {
		lines := numbered(n)
		hashes := newTlog(t, lines)
		prover, pages := pagedProver(t, lines)
		for i := range n {
			checkAgainstTlog(t, prover, pages, int64(i), hashes)
		}
	}
}

func TestProverRefusesAWrongPage(t *testing.T) {
	prover, pages := pagedProver(t, numbered(600))
	edited := append([][]byte{}, pages[1]...)
	edited[9] = []byte(strings.Replace(string(edited[9]), `"f":"`, `"f":"9`, 1))
	for _, c := range []struct {
		name  string
		index int64
		page  [][]byte
		rule  string
	}{
		{"index below", -1, pages[0], RuleProofForm},
		{"index beyond", 600, pages[2], RuleProofForm},
		{"another page", 10, pages[1], RuleProofPath},
		{"a short page", 10, pages[0][:200], RuleProofForm},
		{"a full page for the last", 599, pages[0], RuleProofForm},
		{"an edited page", 300, edited, RuleProofPath},
	} {
		_, err := prover.Prove(c.index, c.page)
		wantRefusal(t, c.name, err, c.rule, 0, "")
	}
}

func TestNewProverRefusesAWrongNumberOfPages(t *testing.T) {
	for _, c := range []struct {
		pages int
		size  int64
	}{{0, 0}, {1, 0}, {0, 1}, {1, 257}, {3, 512}, {1, -1}} {
		_, err := NewProver(make([][32]byte, c.pages), c.size)
		wantRefusal(t, fmt.Sprint(c), err, RuleProofForm, 0, "page hashes")
	}
}

func TestTreeMemoryIsLogarithmic(t *testing.T) {
	var tree Tree
	for range 1<<14 - 1 {
		tree.AppendHash([32]byte{})
	}
	if len(tree.peaks) != 14 {
		t.Errorf("%d hashes are kept for 2^14-1 lines, want 14", len(tree.peaks))
	}
}
