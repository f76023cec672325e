package verify

import (
	"bytes"
	"errors"
	"fmt"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

// checkpointSigned is check 2.
func (e *pollEvidence) checkpointSigned() (string, error) {
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
func (e *pollEvidence) threadsIncluded() (string, error) {
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

func (e *pollEvidence) included(t *thread) error {
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

// notShown is what no bundle of a poll can show, and what this one leaves open.
func (e *pollEvidence) notShown() []string {
	list := []string{
		"who the people behind the ids and seats are, and that each of them is one",
		"that they voted freely, unwatched and unpaid",
		"that no ballot was refused at the door without a receipt",
		"whether one person is both a member and a resident on the jury",
		"that the log is complete and the same for everyone (kleroterion log verify)",
		e.insertion(),
	}
	if e.opts.Policy == nil {
		list = append(list, "that the log's key is the right one: the policy came with the bundle; bring your own with --policy or --log-key")
	}
	if e.hasSeats() {
		list = append(list, "that the residents on the jury's register exist, and that nobody was left out or refused")
	}
	if len(e.polity.adopted) > 1 {
		list = append(list, "that earlier amendments were adopted by their polls: their own bundles show it")
	}
	if v := e.ending.void; v != nil && v.Late {
		list = append(list, "whether the closing round is missing from its time until now, which alone would excuse the void")
	}
	return list
}

// insertion is what the witnesses leave open: they sign what is there, not when it came.
func (e *pollEvidence) insertion() string {
	if len(e.witnessed.Cosignatures) == 0 {
		return "when the records came into the log: late insertion is not excluded, no witness signed"
	}
	last := e.witnessed.Cosignatures[len(e.witnessed.Cosignatures)-1].Time
	return "when the records came into the log: late insertion is not excluded before " + at(last) + ", when witnesses cosigned"
}

// at returns the Unix second of a round whose chain take has found, else 0.
func (s *seenRounds) at(b *audit.Seen) int64 {
	of, err := s.chain(b.Chain)
	if err != nil {
		return 0
	}
	due, err := of.TimeOf(b.Round)
	if err != nil {
		return 0
	}
	return due
}
