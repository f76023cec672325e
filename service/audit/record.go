package audit

import (
	"encoding/json"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// MaxRecord is the largest record in bytes: the entry bundles of C2SP tlog-tiles write each length
// in 16 bits.
const MaxRecord = 65535

// maxInt is the largest integer of canonical bytes, 2^53-1.
const maxInt = 1<<53 - 1

// Seen is the newest beacon the service had verified when it wrote a record. It shows that the
// record is not older than that round.
type Seen = beacon.File

// Record is one entry of the log: a body of one kind, at place N in the chain of its subject.
type Record struct {
	Body    json.RawMessage // canonical object; its members are those of the kind
	Kind    Kind
	N       int64 // 1, 2, 3, … within the subject
	Prev    Hash  // leaf hash of N-1; zero for N = 1
	Seen    *Seen // optional
	Subject string
}

// envelope is a record as it is written.
type envelope struct {
	Body    json.RawMessage `json:"body"`
	Kind    Kind            `json:"kind"`
	N       int64           `json:"n"`
	Prev    Hash            `json:"prev"`
	Seen    *Seen           `json:"seen,omitempty"`
	Subject string          `json:"subject"`
	V       int64           `json:"v"`
}

// Encode returns the canonical bytes of the record. It refuses what Decode and Decoded would refuse;
// the body of an unknown kind is only required to be a canonical object.
func (r Record) Encode() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	err := r.checkBody()
	unknown := errors.Is(err, ErrUnknownKind)
	if err != nil && !unknown {
		return nil, err
	}
	b, err := r.text(unknown)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	if len(b) > MaxRecord {
		return nil, fmt.Errorf("record: %d bytes, at most %d fit: store large parts as a blob", len(b), MaxRecord)
	}
	return b, nil
}

// Decode reads the envelope of one record from its canonical bytes. The body is checked by Decoded.
func Decode(b []byte) (Record, error) {
	if len(b) > MaxRecord {
		return Record{}, fmt.Errorf("record: %d bytes, at most %d are allowed", len(b), MaxRecord)
	}
	var e envelope
	if err := canonical.Unmarshal(b, &e); err != nil {
		return Record{}, fmt.Errorf("record: %w", err)
	}
	if e.V != 1 {
		return Record{}, fmt.Errorf("record: version %d is not understood, only 1 is", e.V)
	}
	r := Record{Body: e.Body, Kind: e.Kind, N: e.N, Prev: e.Prev, Seen: e.Seen, Subject: e.Subject}
	if err := r.check(); err != nil {
		return Record{}, err
	}
	return r, nil
}

// check holds the rules of the envelope.
func (r Record) check() error {
	if err := CheckSubject(r.Subject); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if err := checkKind(r.Kind); err != nil {
		return fmt.Errorf("record of %s: %w", r.Subject, err)
	}
	if len(r.Body) == 0 || r.Body[0] != '{' {
		return fmt.Errorf("record of %s: the body is not an object", r.Subject)
	}
	if r.N < 1 || r.N > maxInt {
		return fmt.Errorf("record of %s: n is %d, it counts from 1", r.Subject, r.N)
	}
	if (r.N == 1) != (r.Prev == Hash{}) {
		return fmt.Errorf("record of %s: n is %d, prev is %s: prev is zero for n = 1 and only there", r.Subject, r.N, r.Prev)
	}
	return nil
}
