package verify

import (
	"bytes"
	"fmt"
	"strings"

	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
)

// checkpointSigned is check 2. Every proof carries the same signed note, and that note is believed.
func (e *evidence) checkpointSigned() (string, error) {
	note, err := e.oneNote()
	if err != nil {
		return "", err
	}
	return e.signed(note)
}

func (e *evidence) oneNote() ([]byte, error) {
	var note []byte
	for i, r := range e.records {
		switch {
		case r.badProof != nil:
		case note == nil:
			note = r.proof.Note
		case !bytes.Equal(note, r.proof.Note):
			return nil, fmt.Errorf("proof %d stands under another checkpoint than those before it", i)
		}
	}
	return note, nil
}

func cosigners(w checkpoint.Witnessed, pol checkpoint.Policy) string {
	if len(w.Cosignatures) == 0 {
		return "no witness signed"
	}
	var who []string
	for _, c := range w.Cosignatures {
		who = append(who, c.Witness+" "+at(c.Time))
	}
	return fmt.Sprintf("%d of %d witnesses cosigned (%s)", len(who), len(pol.Witnesses()), strings.Join(who, ", "))
}

// recordsIncluded is check 3: the exact bytes of each record stand in the log.
func (e *evidence) recordsIncluded() (string, error) {
	var places []string
	for i, r := range e.records {
		if r.badProof != nil {
			return "", r.badProof
		}
		if err := checkpoint.VerifyInclusion(e.head, r.proof.Index, audit.LeafHash(r.raw), r.proof.Path); err != nil {
			return "", fmt.Errorf("records/%04d.json: %w", i, err)
		}
		places = append(places, fmt.Sprint(r.proof.Index))
	}
	return fmt.Sprintf("%s, at %s of %s", plural(int64(len(places)), "record", "records"), few(places), count(e.head.Size)), nil
}
