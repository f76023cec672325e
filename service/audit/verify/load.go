package verify

import (
	"fmt"
	"strings"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

// load reads every file once. Digests that differ are kept for check 1; an error is one of reading.
func (e *evidence) load() error {
	e.registers, e.results = map[audit.Hash]registerFile{}, map[audit.Hash][]byte{}
	e.records = make([]logged, e.b.Index.Records())
	for _, f := range e.b.Index.Files {
		if strings.HasPrefix(f.Path, "blobs/") {
			continue
		}
		if err := e.loadSmall(f); err != nil {
			return err
		}
	}
	for i := range e.records {
		e.records[i].decode()
	}
	return e.loadBlobs()
}

func (e *evidence) loadSmall(f bundle.File) error {
	data, err := e.readSmall(f)
	if err != nil {
		return err
	}
	switch dir, name, _ := strings.Cut(f.Path, "/"); dir {
	case "records":
		e.records[number(name)].raw = data
	case "proofs":
		r := &e.records[number(name)]
		if r.proof, err = checkpoint.ParseProof(data); err != nil {
			r.badProof = fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}

// number reads the four digits that bundle.Open has checked.
func number(name string) (n int) {
	for _, c := range name[:4] {
		n = 10*n + int(c-'0')
	}
	return n
}

func (r *logged) decode() {
	if r.record, r.fault = audit.Decode(r.raw); r.fault == nil {
		r.body, r.fault = r.record.Decoded()
	}
}
