package tlog

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service/audit"
)

// Reader reads stored tree hashes. It answers as many as it was asked for, in that order, or an error.
type Reader interface {
	Hashes(indexes []int64) ([]audit.Hash, error)
}

// InclusionPath returns the hashes that prove record seq in the tree of size records, leaf to root
// (RFC 9162, section 2.1.3.1). 0 <= seq < size <= the log's size.
func InclusionPath(r Reader, seq, size int64) ([]audit.Hash, error) {
	if seq < 0 || seq >= size {
		return nil, fmt.Errorf("record %d is not in a tree of %d records", seq, size)
	}
	path, err := tlog.ProveRecord(size, seq, reading{rows: r})
	if err != nil {
		return nil, fmt.Errorf("proof of record %d in %d: %w", seq, size, err)
	}
	return fromTree(path), nil
}

// ConsistencyPath returns the hashes that prove that the tree of size records extends the tree of
// the first old (RFC 9162, section 2.1.4.1). 1 <= old <= size <= the log's size; nothing is to be
// proved, and the path is empty, where old is 0 or size.
func ConsistencyPath(r Reader, old, size int64) ([]audit.Hash, error) {
	if old < 0 || old > size {
		return nil, fmt.Errorf("a tree of %d records does not extend one of %d", size, old)
	}
	if old == 0 || old == size {
		return []audit.Hash{}, nil
	}
	path, err := tlog.ProveTree(size, old, reading{rows: r})
	if err != nil {
		return nil, fmt.Errorf("proof that %d records extend %d: %w", size, old, err)
	}
	return fromTree(path), nil
}

// TreeHash returns the root of the first size records (RFC 9162, section 2.1.1).
func TreeHash(r Reader, size int64) (audit.Hash, error) {
	if size < 0 {
		return audit.Hash{}, fmt.Errorf("tree of %d records", size)
	}
	root, err := tlog.TreeHash(size, reading{rows: r})
	if err != nil {
		return audit.Hash{}, fmt.Errorf("tree of %d records: %w", size, err)
	}
	return audit.Hash(root), nil
}

// cache holds hashes of this transaction by stored index.
type cache map[int64]tlog.Hash

// reading answers from known first, and keeps there what it had to read.
type reading struct {
	rows  Reader
	known cache // may be nil: then nothing is kept
}

// ReadHashes implements tlog.HashReader.
func (r reading) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	var missing []int64
	var places []int
	for i, index := range indexes {
		if h, ok := r.known[index]; ok {
			out[i] = h
			continue
		}
		missing, places = append(missing, index), append(places, i)
	}
	if len(missing) == 0 {
		return out, nil
	}
	read, err := r.rows.Hashes(missing)
	if err != nil {
		return nil, err
	}
	for i, h := range read {
		out[places[i]] = tlog.Hash(h)
		if r.known != nil {
			r.known[missing[i]] = tlog.Hash(h)
		}
	}
	return out, nil
}

func fromTree(in []tlog.Hash) []audit.Hash {
	out := make([]audit.Hash, len(in))
	for i, h := range in {
		out[i] = audit.Hash(h)
	}
	return out
}
