package register

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// fingerprints finds equal texts among millions in 16 bytes each: 96 bits of a keyed hash, and the
// row. Two different texts among 10,000,000 have the same 96 bits with probability 6e-16, and
// nobody can search for two without the key; so no duplicate is reported that is none.
type fingerprints struct {
	key     [32]byte
	tag     byte
	scratch []byte
	buckets [256][]fingerprint // by the first byte, so that growing copies little
}

type fingerprint struct {
	sum [12]byte
	row uint32
}

func (f *fingerprints) add(text string, row int64) {
	f.scratch = append(append(append(f.scratch[:0], f.key[:]...), f.tag), text...)
	sum := sha256.Sum256(f.scratch)
	b := &f.buckets[sum[31]]
	*b = append(*b, fingerprint{[12]byte(sum[:12]), uint32(row)})
}

// groups calls fn for every text with its rows, ascending.
func (f *fingerprints) groups(fn func(rows []fingerprint)) {
	for _, b := range f.buckets {
		slices.SortFunc(b, compareFingerprints)
		for from := 0; from < len(b); {
			to := from + 1
			for to < len(b) && b[to].sum == b[from].sum {
				to++
			}
			fn(b[from:to])
			from = to
		}
	}
}

// repeated calls fn for every row whose text stands in an earlier row, with the first such row.
func (f *fingerprints) repeated(fn func(first, again int64)) {
	type pair struct{ first, again uint32 }
	var pairs []pair
	f.groups(func(rows []fingerprint) {
		for _, r := range rows[1:] {
			pairs = append(pairs, pair{rows[0].row, r.row})
		}
	})
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.again, b.again) })
	for _, p := range pairs {
		fn(int64(p.first), int64(p.again))
	}
}

func compareFingerprints(a, b fingerprint) int {
	x, y := binary.BigEndian.Uint64(a.sum[:8]), binary.BigEndian.Uint64(b.sum[:8])
	if x != y {
		return cmp.Compare(x, y)
	}
	if c := bytes.Compare(a.sum[8:], b.sum[8:]); c != 0 {
		return c
	}
	return cmp.Compare(a.row, b.row)
}
