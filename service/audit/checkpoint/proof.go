package checkpoint

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service/audit"
)

const (
	proofHeader = "c2sp.org/tlog-proof@v1"
	maxPath     = 63
)

// Proof shows that a record stands at Index in the log of a signed checkpoint.
type Proof struct {
	Index int64        // from 0
	Path  []audit.Hash // from the leaf's sibling to the root's child, at most 63
	Note  []byte       // the signed checkpoint, verbatim
}

// Marshal returns the proof as text, https://c2sp.org/tlog-proof, without extra data.
func (p Proof) Marshal() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	b := fmt.Appendf(nil, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Path {
		b = append(append(b, encode64(h[:])...), '\n')
	}
	return append(append(b, '\n'), p.Note...), nil
}

// ParseProof is the inverse of Marshal. It verifies nothing. An `extra` line is refused: nobody
// signs it, and we have no use for it.
func ParseProof(b []byte) (Proof, error) {
	head, note, ok := strings.Cut(string(b), "\n\n")
	if !ok {
		return Proof{}, errors.New("proof: no empty line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader || len(lines) < 2 {
		return Proof{}, fmt.Errorf("proof: want the lines %q and `index <n>` first", proofHeader)
	}
	if strings.HasPrefix(lines[1], "extra") {
		return Proof{}, errors.New("proof: an extra line is not accepted")
	}
	number, ok := strings.CutPrefix(lines[1], "index ")
	if !ok {
		return Proof{}, fmt.Errorf("proof: line 2 is %.40q, want `index <n>`", lines[1])
	}
	index, err := parseInt(number)
	if err != nil {
		return Proof{}, fmt.Errorf("proof: index: %w", err)
	}
	p := Proof{Index: index, Note: []byte(note)}
	if p.Path, err = parsePath(lines[2:]); err != nil {
		return Proof{}, err
	}
	if err := p.check(); err != nil {
		return Proof{}, err
	}
	return p, nil
}

func parsePath(lines []string) ([]audit.Hash, error) {
	if len(lines) > maxPath {
		return nil, fmt.Errorf("proof: %d hashes, at most %d are allowed", len(lines), maxPath)
	}
	var path []audit.Hash
	for i, line := range lines {
		h, err := parseHash(line)
		if err != nil {
			return nil, fmt.Errorf("proof: hash %d: %w", i+1, err)
		}
		path = append(path, h)
	}
	return path, nil
}

// check holds what Marshal and ParseProof both refuse.
func (p Proof) check() error {
	if len(p.Path) > maxPath {
		return fmt.Errorf("proof: %d hashes, at most %d are allowed", len(p.Path), maxPath)
	}
	n, err := splitNote(p.Note)
	if err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	c, err := Parse(n.text)
	if err != nil {
		return fmt.Errorf("proof: %w", err)
	}
	if p.Index < 0 || p.Index >= c.Size {
		return fmt.Errorf("proof: index %d in a log of %d records", p.Index, c.Size)
	}
	return nil
}

// Verify checks that the record's exact bytes stand in the log at Index, under a checkpoint that the
// policy believes, and returns that checkpoint.
func (p Proof) Verify(record []byte, pol Policy) (Checkpoint, error) {
	c, _, err := Open(p.Note, pol)
	if err != nil {
		return Checkpoint{}, err
	}
	if err := VerifyInclusion(c, p.Index, audit.LeafHash(record), p.Path); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// VerifyInclusion checks that the leaf stands at index in the tree of c, RFC 9162 section 2.1.3.2.
func VerifyInclusion(c Checkpoint, index int64, leaf audit.Hash, path []audit.Hash) error {
	if err := c.check(); err != nil {
		return err
	}
	if len(path) > maxPath || tlog.CheckRecord(hashes(path), c.Size, tlog.Hash(c.Root), index, tlog.Hash(leaf)) != nil {
		return fmt.Errorf("record %d with leaf hash %s is not in the log of %s with %d records", index, leaf, c.Origin, c.Size)
	}
	return nil
}

// VerifyConsistency checks that the log of c extends that of old: everything that old covers still
// stands where it stood, RFC 9162 section 2.1.4.2. The path is empty when the sizes are equal or old
// has size 0.
func VerifyConsistency(old, c Checkpoint, path []audit.Hash) error {
	if err := errors.Join(old.check(), c.check()); err != nil {
		return err
	}
	if old.Origin != c.Origin {
		return fmt.Errorf("checkpoints of two logs: %q and %q", old.Origin, c.Origin)
	}
	if old.Size > c.Size {
		return fmt.Errorf("the log of %s shrank from %d to %d records", c.Origin, old.Size, c.Size)
	}
	if old.Size == 0 {
		if len(path) != 0 {
			return errors.New("a consistency proof from size 0 has no hashes")
		}
		return nil
	}
	if len(path) > maxPath+1 || tlog.CheckTree(hashes(path), c.Size, tlog.Hash(c.Root), old.Size, tlog.Hash(old.Root)) != nil {
		return fmt.Errorf("the log of %s with %d records does not extend the one with %d records: it was rewritten, or the proof is wrong",
			c.Origin, c.Size, old.Size)
	}
	return nil
}

func hashes(path []audit.Hash) []tlog.Hash {
	out := make([]tlog.Hash, len(path))
	for i, h := range path {
		out[i] = tlog.Hash(h)
	}
	return out
}
