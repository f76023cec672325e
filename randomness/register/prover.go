package register

import (
	"encoding/hex"
	"fmt"
	"slices"
)

// Prover makes proofs from the page hashes of a register, so that one proof reads one page of
// lines. It is immutable; 10,000,000 lines take 2.5 MB.
type Prover struct {
	size   int64
	levels [][][32]byte // page hashes first, the root last
}

// NewProver takes the hash of every page of a register of size lines, in order: see [PageHash].
func NewProver(pages [][32]byte, size int64) (*Prover, error) {
	if size < 1 || size > maxSize || int64(len(pages)) != (size+PageSize-1)/PageSize {
		return nil, proofForm("%d page hashes for %d lines of %d a page", len(pages), size, PageSize)
	}
	p := &Prover{size: size, levels: [][][32]byte{slices.Clone(pages)}}
	for level := p.levels[0]; len(level) > 1; {
		level = parents(slices.Clone(level))
		p.levels = append(p.levels, level)
	}
	return p, nil
}

// Size is the number of lines.
func (p *Prover) Size() int64 { return p.size }

// Root is the root of the register.
func (p *Prover) Root() [32]byte { return p.levels[len(p.levels)-1][0] }

// Pages are the page hashes, in order; shared, not to be changed.
func (p *Prover) Pages() [][32]byte { return p.levels[0] }

// PageOf is the number of the page that holds a line, and the number of lines on that page.
func (p *Prover) PageOf(index int64) (page int64, lines int) {
	page = index / PageSize
	return page, int(min(PageSize, p.size-page*PageSize))
}

// Prove makes the proof for the line at index from the lines of its page, given without their line
// ends. It fails when these are not the lines that the page's hash was made of.
func (p *Prover) Prove(index int64, page [][]byte) (Proof, error) {
	if index < 0 || index >= p.size {
		return Proof{}, proofForm("index %d in a list of %d lines", index, p.size)
	}
	no, lines := p.PageOf(index)
	if len(page) != lines {
		return Proof{}, proofForm("page %d has %d lines, not %d", no, lines, len(page))
	}
	at := int(index % PageSize)
	hashes := leafHashes(page)
	var path []string
	for i := at; len(hashes) > 1; i /= 2 {
		path = appendSibling(path, hashes, i)
		hashes = parents(hashes)
	}
	if hashes[0] != p.levels[0][no] {
		return Proof{}, &Refusal{Rule: RuleProofPath, Detail: fmt.Sprintf("the lines of page %d are not those of the frozen register", no)}
	}
	for i, level := range p.levels {
		path = appendSibling(path, level, int(no)>>i)
	}
	root := p.Root()
	return Proof{string(page[at]), index, append([]string{}, path...), hex.EncodeToString(root[:]), p.size}, nil
}

// appendSibling appends the neighbour of node i; an odd last node has none.
func appendSibling(path []string, level [][32]byte, i int) []string {
	if i ^= 1; i < len(level) {
		path = append(path, hex.EncodeToString(level[i][:]))
	}
	return path
}
