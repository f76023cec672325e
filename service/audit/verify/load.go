package verify

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

const (
	maxSmall  = 256 << 10 // bytes of a record, proof, beacon, chain or policy
	maxResult = 512 << 20 // bytes of a result
)

// load reads every file once. Digests that differ are kept for check 1; an error is one of reading.
func (e *evidence) load() error {
	e.beacons, e.infos = map[string]beacon.File{}, map[beacon.Hash][]byte{}
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
	data, err := e.b.ReadFile(f.Path, maxSmall)
	if err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return err
	}
	e.digest(f, sha256.Sum256(data), int64(len(data)))
	switch dir, name, _ := strings.Cut(f.Path, "/"); dir {
	case bundle.PolicyPath:
		e.policy = data
	case "records":
		e.records[number(name)].raw = data
	case "proofs":
		r := &e.records[number(name)]
		if r.proof, err = checkpoint.ParseProof(data); err != nil {
			r.badProof = fmt.Errorf("%s: %w", f.Path, err)
		}
	case "beacons":
		if b, err := beacon.ParseFile(data); err == nil {
			e.beacons[f.Path] = b
		}
	case "chains":
		if h, err := beacon.ParseHash(strings.TrimSuffix(name, ".json")); err == nil {
			e.infos[h] = data
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

// digest compares what a file holds with what bundle.json says.
func (e *evidence) digest(f bundle.File, sum audit.Hash, size int64) {
	if sum != f.SHA256 || size != f.Bytes {
		e.damage = append(e.damage, fmt.Sprintf("%s has SHA-256 %s and %s bytes, listed are %s and %s",
			f.Path, short(sum), count(size), short(f.SHA256), count(f.Bytes)))
	} else if name, ok := strings.CutPrefix(f.Path, "blobs/"); ok && name != sum.String() {
		e.damage = append(e.damage, fmt.Sprintf("%s is named after another digest than its own", f.Path))
	}
}
