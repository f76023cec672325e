package register

import "crypto/sha256"

// PageSize is the number of lines in a page: the unit in which a store keeps lines, so that one
// proof reads one page.
const PageSize = 256

// LeafHash is the RFC 9162 2.1.1 hash of a line: SHA-256(0x00 ‖ line).
func LeafHash(line []byte) [32]byte {
	buf := make([]byte, 0, 512)
	return sha256.Sum256(append(append(buf, 0), line...))
}

// nodeHash is SHA-256(0x01 ‖ left ‖ right).
func nodeHash(left, right [32]byte) [32]byte {
	var b [65]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}

// parents replaces a level of the tree by the level above, in place: neighbours are joined, and an
// odd last node moves up as it is. From the leaves upwards that gives the tree of RFC 9162 2.1.1.
func parents(level [][32]byte) [][32]byte {
	half := len(level) / 2
	for i := range half {
		level[i] = nodeHash(level[2*i], level[2*i+1])
	}
	if len(level)%2 == 1 {
		level[half] = level[len(level)-1]
		half++
	}
	return level[:half]
}

// rootOf is the tree hash over leaf hashes, which it overwrites.
func rootOf(hashes [][32]byte) [32]byte {
	if len(hashes) == 0 {
		return sha256.Sum256(nil)
	}
	for len(hashes) > 1 {
		hashes = parents(hashes)
	}
	return hashes[0]
}

// PageHash is the tree hash over the lines of one page, given without their line ends.
func PageHash(lines [][]byte) [32]byte {
	return rootOf(leafHashes(lines))
}

func leafHashes(lines [][]byte) [][32]byte {
	hashes := make([][32]byte, len(lines))
	for i, line := range lines {
		hashes[i] = LeafHash(line)
	}
	return hashes
}

// Tree computes a root line by line and holds no more than one hash for each bit of its size. The
// zero value is the empty tree.
type Tree struct {
	size  int64
	peaks [][32]byte // roots of the full subtrees, one for each set bit of size, largest first
}

// Append adds a line, given without its line end.
func (t *Tree) Append(line []byte) { t.AppendHash(LeafHash(line)) }

// AppendHash adds a line by its leaf hash.
func (t *Tree) AppendHash(leaf [32]byte) {
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.peaks) - 1
		leaf = nodeHash(t.peaks[last], leaf)
		t.peaks = t.peaks[:last]
	}
	t.peaks = append(t.peaks, leaf)
	t.size++
}

// Size is the number of lines.
func (t *Tree) Size() int64 { return t.size }

// Root is the RFC 9162 tree hash over all lines so far; SHA-256 of nothing for the empty tree.
func (t *Tree) Root() [32]byte {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(t.peaks) - 1
	root := t.peaks[last]
	for i := last - 1; i >= 0; i-- {
		root = nodeHash(t.peaks[i], root)
	}
	return root
}
