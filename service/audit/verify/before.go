package verify

import (
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
)

// minLead is the least time in seconds between the opening of a draw and its round, on any chain
// but a dev chain (docs/spec/draw.md rule 1).
const minLead = 60

// fixedBefore is check 8. `seen` and `not_before` show that a record is not older than a round, and
// here: that their rounds came before the draw's by the lead at least. That the record is not younger
// than the draw's round only a witness can show.
func (e *evidence) fixedBefore() (string, error) {
	if err := e.seenVerify(); err != nil {
		return "", err
	}
	var texts []string
	for _, d := range e.draws {
		text, err := e.before(d)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.name(), err)
		}
		texts = append(texts, text)
	}
	return e.mark(each(texts)), nil
}

// seenVerify checks every `seen` of the bundle: it verifies, and on one chain rounds never go back.
func (e *evidence) seenVerify() error {
	newest := map[beacon.Hash]uint64{}
	for i, r := range e.records {
		s := r.record.Seen
		if s == nil {
			continue
		}
		if s.Round < newest[s.Chain] {
			return fmt.Errorf("records/%04d.json: seen goes back from round %d to %d", i, newest[s.Chain], s.Round)
		}
		newest[s.Chain] = s.Round
		if _, err := seenAt(e.chains, s); err != nil {
			return fmt.Errorf("records/%04d.json: seen: %w", i, err)
		}
	}
	return nil
}

// seenAt verifies a `seen` and returns the Unix second of its round.
func seenAt(chains beacon.Chains, s *audit.Seen) (int64, error) {
	c, ok := chains.Lookup(s.Chain)
	if !ok {
		return 0, fmt.Errorf("chain %s is neither pinned nor described", s.Chain)
	}
	if err := beacon.Verify(c, s.Round, s.Beacon); err != nil {
		return 0, err
	}
	return c.TimeOf(s.Round)
}

func (e *evidence) before(d *draw) (string, error) {
	if err := d.manifest.CheckRound(d.chain); err != nil {
		return "", err
	}
	newest, err := e.seenBy(d.opened)
	if err != nil {
		return "", err
	}
	text := d.name() + ": "
	if newest > 0 {
		text += "the newest round seen by then is of " + at(newest) + ", "
	}
	if nb := d.manifest.NotBefore; nb != nil {
		t, err := d.chain.TimeOf(nb.Round)
		if err != nil {
			return "", err
		}
		text += fmt.Sprintf("not_before is round %d of %s, ", nb.Round, at(t))
		newest = max(newest, t)
	}
	switch lead := d.due - newest; {
	case newest == 0:
		text += "neither not_before nor seen is given, "
	case lead <= 0:
		return "", fmt.Errorf("it was opened after a round of %s had been seen, and its own was due %s", at(newest), at(d.due))
	case lead < minLead && d.chain.Status != beacon.StatusDev:
		return "", fmt.Errorf("it was opened less than %d s before its round: one of %s had been seen, its own was due %s", minLead, at(newest), at(d.due))
	}
	return text + fmt.Sprintf("the round was due %s; %s", at(d.due), e.witnessedBefore(d)), nil
}

// seenBy returns the latest time that record i, or one before it in the log, shows to have passed.
func (e *evidence) seenBy(i int) (int64, error) {
	latest := int64(0)
	for _, r := range e.records[:i+1] {
		if r.record.Seen == nil {
			continue
		}
		t, err := seenAt(e.chains, r.record.Seen)
		if err != nil {
			return 0, fmt.Errorf("seen: %w", err)
		}
		latest = max(latest, t)
	}
	return latest, nil
}

// witnessedBefore says what the witnesses add. They cosigned the bundle's checkpoint, which holds
// the draw's opening.
func (e *evidence) witnessedBefore(d *draw) string {
	if e.witnessed.Complete > 0 && e.witnessed.Complete < d.due {
		return "cosigned by the quorum before it, " + at(e.witnessed.Complete)
	}
	return "that the log had it before then is the log's word, no witness cosigned it in time"
}
