package register

import (
	"encoding/hex"
	"fmt"

	"kleroterion/randomness/canonical"
)

const maxSize = 1<<53 - 1

// Proof shows that one line is in a register. It holds public data only.
type Proof struct {
	Entry string   `json:"entry"` // the line
	Index int64    `json:"index"` // its place, from 0
	Path  []string `json:"path"`  // hex hashes from the leaf's sibling upwards
	Root  string   `json:"root"`  // of the register, in hex
	Size  int64    `json:"size"`  // of the register, in lines
}

// ParseProof reads a proof from its canonical bytes. It does not verify it.
func ParseProof(b []byte) (Proof, error) {
	var p Proof
	if err := canonical.Unmarshal(b, &p); err != nil {
		return Proof{}, &Refusal{Rule: RuleProofForm, Detail: err.Error()}
	}
	return p, nil
}

// Canonical returns the proof's canonical bytes.
func (p Proof) Canonical() ([]byte, error) {
	if p.Path == nil {
		p.Path = []string{}
	}
	return canonical.Marshal(p)
}

// Verify checks that the path leads from the entry to the root, and returns the entry. Whether
// root and size are those of a draw is for [Proof.In].
func (p Proof) Verify() (Entry, error) {
	entry, err := ParseLine([]byte(p.Entry))
	if err != nil {
		return Entry{}, fmt.Errorf("proof's entry: %w", err)
	}
	if p.Size < 1 || p.Size > maxSize || p.Index < 0 || p.Index >= p.Size {
		return Entry{}, proofForm("index %d in a list of %d lines", p.Index, p.Size)
	}
	path, err := p.hashes()
	if err != nil {
		return Entry{}, err
	}
	root, ok := climb(LeafHash([]byte(p.Entry)), path, uint64(p.Index), uint64(p.Size-1))
	if !ok {
		return Entry{}, proofForm("the path has %d hashes, not the number for line %d of %d", len(path), p.Index, p.Size)
	}
	if hex.EncodeToString(root[:]) != p.Root {
		return Entry{}, &Refusal{Rule: RuleProofPath, Detail: fmt.Sprintf("entry and path give the root %x, not %s: the entry, its place or the path was changed", root, p.Root)}
	}
	return entry, nil
}

// In checks that the proof is for the register that a draw's manifest names.
func (p Proof) In(root [32]byte, size int64) error {
	if p.Root != hex.EncodeToString(root[:]) || p.Size != size {
		return &Refusal{Rule: RuleProofList, Detail: fmt.Sprintf("the proof is for root %s with %d lines, the draw used root %x with %d lines", p.Root, p.Size, root, size)}
	}
	return nil
}

func (p Proof) hashes() ([][32]byte, error) {
	if !isHex(p.Root, 64) {
		return nil, proofForm("root is not 64 lower-case hex characters")
	}
	path := make([][32]byte, len(p.Path))
	for i, text := range p.Path {
		if !isHex(text, 64) || !decodeHex(path[i][:], []byte(text)) {
			return nil, proofForm("hash %d of the path is not 64 lower-case hex characters", i)
		}
	}
	return path, nil
}

func proofForm(format string, args ...any) *Refusal {
	return &Refusal{Rule: RuleProofForm, Detail: fmt.Sprintf(format, args...)}
}

// climb is RFC 9162 2.1.3.2: fn is the leaf's index, sn the last index. It reports false when the
// path is longer or shorter than the way to the root.
func climb(r [32]byte, path [][32]byte, fn, sn uint64) ([32]byte, bool) {
	for _, p := range path {
		if sn == 0 {
			return r, false
		}
		if fn&1 == 1 || fn == sn {
			r = nodeHash(p, r)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			r = nodeHash(r, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return r, sn == 0
}
