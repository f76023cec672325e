package main

import (
	"crypto/rand"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

const origin = "bench.example/log"

// scroll is a small log in memory with a key of its own.
type scroll struct {
	signer  note.Signer
	vkey    string
	records [][]byte
	stored  []tlog.Hash
	n       map[string]int64
	prev    map[string]audit.Hash
}

func newScroll() (*scroll, error) {
	signer, vkey, err := newLogKey()
	return &scroll{signer: signer, vkey: vkey, n: map[string]int64{}, prev: map[string]audit.Hash{}}, err
}

func newLogKey() (note.Signer, string, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, "", err
	}
	signer, err := note.NewSigner(skey)
	return signer, vkey, err
}

// put appends the next record of a subject.
func (s *scroll) put(kind audit.Kind, subject string, seen *audit.Seen, body any) error {
	text, err := canonical.Marshal(body)
	if err != nil {
		return err
	}
	record, err := audit.Record{Body: text, Kind: kind, N: s.n[subject] + 1, Prev: s.prev[subject], Seen: seen, Subject: subject}.Encode()
	if err != nil {
		return err
	}
	hashes, err := tlog.StoredHashes(int64(len(s.records)), record, s)
	if err != nil {
		return err
	}
	s.records, s.stored = append(s.records, record), append(s.stored, hashes...)
	s.n[subject]++
	s.prev[subject] = audit.LeafHash(record)
	return nil
}

// ReadHashes implements tlog.HashReader.
func (s *scroll) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = s.stored[at]
	}
	return out, nil
}

// proven returns all records with their proofs under one checkpoint.
func (s *scroll) proven() ([]bundle.Entry, error) {
	size := int64(len(s.records))
	root, err := tlog.TreeHash(size, s)
	if err != nil {
		return nil, err
	}
	signed, err := checkpoint.Sign(checkpoint.Checkpoint{Origin: origin, Size: size, Root: audit.Hash(root)}, s.signer)
	if err != nil {
		return nil, err
	}
	var list []bundle.Entry
	for i, record := range s.records {
		path, err := tlog.ProveRecord(size, int64(i), s)
		if err != nil {
			return nil, err
		}
		p := checkpoint.Proof{Index: int64(i), Note: signed}
		for _, h := range path {
			p.Path = append(p.Path, audit.Hash(h))
		}
		text, err := p.Marshal()
		if err != nil {
			return nil, err
		}
		list = append(list, bundle.Entry{Record: record, Proof: text})
	}
	return list, nil
}
