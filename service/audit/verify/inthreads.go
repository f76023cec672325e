package verify

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

// checkpointSigned is check 2.
func (e *communal) checkpointSigned() (string, error) {
	var note []byte
	for i, t := range e.threads {
		switch {
		case t.badProof != nil:
		case note == nil:
			note = t.proof.Note
		case !bytes.Equal(note, t.proof.Note):
			return "", fmt.Errorf("proof %d stands under another checkpoint than those before it", i)
		}
	}
	return e.signed(note)
}

// threadsIncluded is check 3.
func (e *communal) threadsIncluded() (string, error) {
	if e.chainFault != nil {
		return "", e.chainFault
	}
	var texts []string
	for _, t := range e.threads {
		if err := e.included(t); err != nil {
			return "", fmt.Errorf("%s: %w", bundle.ThreadPath(t.no), err)
		}
		texts = append(texts, fmt.Sprintf("%s of %s up to %d", plural(t.records, "record", "records"), t.subject, t.proof.Index))
	}
	if e.seen.fault != nil {
		return "", e.seen.fault
	}
	return few(texts) + fmt.Sprintf(" of %s; %s seen, verified", count(e.head.Size), plural(e.seen.beacons, "round", "rounds")), nil
}

func (e *communal) included(t *thread) error {
	switch {
	case t.badProof != nil:
		return t.badProof
	case t.fault != nil:
		return t.fault
	case t.records == 0:
		return errors.New("there is no record in it")
	}
	return checkpoint.VerifyInclusion(e.head, t.proof.Index, t.last, t.proof.Path)
}

// insertion is what the witnesses leave open: they sign what is there, not when it came.
func (e *communal) insertion() string {
	if len(e.witnessed.Cosignatures) == 0 {
		return "when the records came into the log: late insertion is not excluded, no witness signed"
	}
	last := e.witnessed.Cosignatures[len(e.witnessed.Cosignatures)-1].Time
	return "when the records came into the log: late insertion is not excluded before " + at(last) + ", when witnesses cosigned"
}

// ownPolicy is what a bundle leaves open that is judged by its own word.
func (e *communal) ownPolicy() []string {
	if e.opts.Policy != nil {
		return nil
	}
	return []string{"that the log's key is the right one: the policy came with the bundle; bring your own with --policy or --log-key"}
}

// closingBeacon verifies the beacon that a result names: it is the manifest's round and stands in beacons/.
func (e *communal) closingBeacon(chain *beacon.Chain, want sortition.Round, b beacon.File) (path string, err error) {
	path = bundle.BeaconPath(b.Chain, b.Round)
	switch file, ok := e.beacons[path]; {
	case chain == nil:
		return "", fmt.Errorf("chain %s is neither pinned nor described in the bundle", want.Chain)
	case b.Chain != want.Chain || b.Round != want.Round:
		return "", fmt.Errorf("the result's beacon is round %d of chain %s, the manifest's is round %d of chain %s", b.Round, short(b.Chain), want.Round, short(want.Chain))
	case !ok || !sameBeacon(file, b):
		return "", fmt.Errorf("%s is missing, or not the beacon of the result's record", path)
	}
	return path, beacon.Verify(chain, want.Round, b.Beacon)
}

// noOther refuses beacons in the bundle but the one used, which may be none.
func (e *communal) noOther(used string) error {
	for _, f := range e.b.Index.Files {
		if strings.HasPrefix(f.Path, "beacons/") && f.Path != used {
			return fmt.Errorf("%s is the beacon of no result", f.Path)
		}
	}
	return nil
}
