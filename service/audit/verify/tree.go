package verify

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service/audit"
)

// tree computes the RFC 9162 tree hash of leaves as they come. peaks are the roots of its full
// subtrees, the largest first: one for each bit that is set in size.
type tree struct {
	size  int64
	peaks []tlog.Hash
}

func (t *tree) add(leaf audit.Hash) {
	h := tlog.Hash(leaf)
	for bits := t.size; bits&1 == 1; bits >>= 1 {
		last := len(t.peaks) - 1
		h, t.peaks = tlog.NodeHash(t.peaks[last], h), t.peaks[:last]
	}
	t.peaks = append(t.peaks, h)
	t.size++
}

func (t *tree) root() audit.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(t.peaks) - 1
	h := t.peaks[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(t.peaks[i], h)
	}
	return audit.Hash(h)
}
