package register

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// MaxCells is the largest number of different feature combinations in a register.
const MaxCells = 100_000

// Cell is one combination of disclosed features and the number of people who have it.
type Cell struct {
	Features map[string]string `json:"features"`
	Count    int               `json:"count"`
}

// Register is a frozen list of people, sorted by id. It is immutable and takes about 45 bytes an
// entry, 77 where features are sealed.
type Register struct {
	ids        [][32]byte
	cell       []uint32
	households []uint64 // nil when nobody has one
	housed     bitmap
	seals      [][32]byte // nil when nobody has one
	sealed     bitmap
	keys       []string // canonical features of each cell
	cells      []Cell
	prover     *Prover
	digest     [32]byte
	bytes      int64
}

// bitmap has one bit for each entry.
type bitmap []uint64

func (m bitmap) get(i int) bool { return m[i>>6]>>(i&63)&1 == 1 }
func (m bitmap) set(i int)      { m[i>>6] |= 1 << (i & 63) }

// Size is the number of entries.
func (r *Register) Size() int { return len(r.ids) }

// Root is the RFC 9162 tree hash over the lines.
func (r *Register) Root() [32]byte { return r.prover.Root() }

// FileSHA256 is the digest of the register's file.
func (r *Register) FileSHA256() [32]byte { return r.digest }

// Bytes is the length of the register's file.
func (r *Register) Bytes() int64 { return r.bytes }

// IDs are all ids, ascending; shared, not to be changed.
func (r *Register) IDs() [][32]byte { return r.ids }

// Household is the household of entry i, and false when it has none.
func (r *Register) Household(i int) (uint64, bool) {
	if r.households == nil || !r.housed.get(i) {
		return 0, false
	}
	return r.households[i], true
}

// HasHouseholds reports whether some entry has a household.
func (r *Register) HasHouseholds() bool { return r.households != nil }

// HasSealed reports whether some entry has sealed features.
func (r *Register) HasSealed() bool { return r.seals != nil }

// Cell is the index in [Register.Cells] of the features of entry i.
func (r *Register) Cell(i int) uint32 { return r.cell[i] }

// Cells are the feature combinations that occur, ordered by their canonical bytes; shared, not to
// be changed.
func (r *Register) Cells() []Cell { return r.cells }

// Prover makes proofs for lines that are kept elsewhere, and knows the page hashes.
func (r *Register) Prover() *Prover { return r.prover }

// Find is the index of an id, and false when it is not in the register.
func (r *Register) Find(id [32]byte) (int, bool) {
	return slices.BinarySearchFunc(r.ids, id, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
}

// Line is the canonical line of entry i, without a line end.
func (r *Register) Line(i int) []byte { return r.appendLine(make([]byte, 0, 256), i) }

// Entry is entry i; its features are shared, not to be changed.
func (r *Register) Entry(i int) Entry {
	raw := rawLine{id: r.ids[i]}
	raw.household, raw.hasHousehold = r.Household(i)
	if r.seals != nil {
		raw.sealed, raw.hasSealed = r.seals[i], r.sealed.get(i)
	}
	return raw.entry(r.cells[r.cell[i]].Features)
}

// appendLine rebuilds the line that was read: the form is canonical, so there is only one.
func (r *Register) appendLine(dst []byte, i int) []byte {
	dst = append(append(dst, `{"features":`...), r.keys[r.cell[i]]...)
	if household, ok := r.Household(i); ok {
		dst = append(dst, `,"household":"`...)
		for shift := 60; shift >= 0; shift -= 4 {
			dst = strconv.AppendUint(dst, household>>shift&15, 16)
		}
		dst = append(dst, '"')
	}
	dst = append(hex.AppendEncode(append(dst, `,"id":"`...), r.ids[i][:]), '"')
	if r.seals != nil && r.sealed.get(i) {
		dst = append(hex.AppendEncode(append(dst, `,"sealed":"`...), r.seals[i][:]), '"')
	}
	return append(dst, '}')
}

// Prove makes the proof for entry i.
func (r *Register) Prove(i int) (Proof, error) {
	if i < 0 || i >= r.Size() {
		return Proof{}, proofForm("index %d in a list of %d lines", i, r.Size())
	}
	no, lines := r.prover.PageOf(int64(i))
	page := make([][]byte, lines)
	for k := range page {
		page[k] = r.Line(int(no)*PageSize + k)
	}
	return r.prover.Prove(int64(i), page)
}

// ProveID makes the proof for the entry with this id.
func (r *Register) ProveID(id [32]byte) (Proof, error) {
	i, ok := r.Find(id)
	if !ok {
		return Proof{}, &Refusal{Rule: RuleProofID, Detail: fmt.Sprintf("the register has no id %x", id)}
	}
	return r.Prove(i)
}

// WriteTo writes the register's file.
func (r *Register) WriteTo(w io.Writer) (int64, error) {
	var total int64
	buf := make([]byte, 0, 1<<16+MaxLine)
	for i := range r.ids {
		buf = append(r.appendLine(buf, i), '\n')
		if len(buf) < 1<<16 && i+1 < len(r.ids) {
			continue
		}
		n, err := w.Write(buf)
		total += int64(n)
		if err != nil {
			return total, fmt.Errorf("writing the register: %w", err)
		}
		buf = buf[:0]
	}
	return total, nil
}
