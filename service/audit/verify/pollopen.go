package verify

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"kleroterion/randomness/canonical"
	"kleroterion/service/charter"
	"kleroterion/service/poll"
)

// openedByCharter is check 8: the manifest and its rolls are built again from the community's records,
// and must be the same bytes.
func (e *pollEvidence) openedByCharter() (string, error) {
	if e.openFault != nil {
		return "", e.openFault
	}
	if err := e.countedRightly(e.box.openSeen); err != nil {
		return "", err
	}
	state, err := e.stateWithJury()
	if err != nil {
		return "", err
	}
	built, rolls, err := poll.Build(state, e.manifest.Asked())
	if err != nil {
		return "", err
	}
	if err := sameManifest(e.manifest, built); err != nil {
		return "", err
	}
	for i, r := range e.manifest.Rolls {
		if file, err := e.blob("roll of "+r.Chamber, r.File); err != nil || !bytes.Equal(file, rolls[i]) {
			return "", errors.Join(err, fmt.Errorf("the roll of %s is not in the bundle as the records give it", r.Chamber))
		}
	}
	if err := e.proposes(); err != nil {
		return "", err
	}
	if err := e.saysRehearsal(); err != nil {
		return "", err
	}
	return e.mark(e.openedAs()), nil
}

// stateWithJury is the community at the records counted, and its jury then.
func (e *pollEvidence) stateWithJury() (poll.State, error) {
	state, err := e.stateCounted()
	if err != nil {
		return poll.State{}, err
	}
	if !e.hasSeats() {
		return state, nil
	}
	if e.manifest.Jury == nil {
		return poll.State{}, fmt.Errorf("the bundle has the seats %s, the manifest names no jury", e.threads[2].subject)
	}
	jury, err := e.term.replay(e.seats, int(e.threads[2].counted.upTo-1))
	state.Jury, state.Seats = jury, e.term.seats
	return state, err
}

// sameManifest compares part by part, so that a difference is named, and then the bytes.
func sameManifest(m, built *poll.Manifest) error {
	for _, err := range []error{
		samePart("charter", m.Charter, built.Charter), samePart("tier", m.Tier, built.Tier), samePart("mode", m.Mode, built.Mode),
		samePart("size", m.Size, built.Size), samePart("beacon", m.Beacon, built.Beacon), samePart("rehearsal", m.Rehearsal, built.Rehearsal),
		sameJury(valueOf(m.Jury), valueOf(built.Jury)), sameChambers(m, built), sameCounted(m.Counted, built.Counted),
	} {
		if err != nil {
			return err
		}
	}
	return samePart("manifest", m, built)
}

// valueOf is the zero value for what is left out.
func valueOf[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

func samePart(name string, got, want any) error {
	g, err := canonical.Marshal(map[string]any{name: got})
	if err != nil {
		return err
	}
	w, err := canonical.Marshal(map[string]any{name: want})
	if err != nil {
		return err
	}
	if !bytes.Equal(g, w) {
		return fmt.Errorf("the manifest says %s, the charter and the records give %s", g, w)
	}
	return nil
}

func sameJury(m, built poll.JuryRef) error {
	if m.Seats != built.Seats {
		return fmt.Errorf("the manifest has the jury %q, the charter and the records give %q", m.Seats, built.Seats)
	}
	if !slices.Equal(m.Recused, built.Recused) {
		return fmt.Errorf("recused are the seats %v in the manifest, the records give %v", m.Recused, built.Recused)
	}
	return nil
}

func sameChambers(m, built *poll.Manifest) error {
	if len(m.Rules.Chambers) != len(built.Rules.Chambers) {
		return fmt.Errorf("%s in the manifest, the charter gives %d", plural(int64(len(m.Rules.Chambers)), "chamber", "chambers"), len(built.Rules.Chambers))
	}
	for i := range built.Rules.Chambers {
		got, want := m.Rules.Chambers[i], built.Rules.Chambers[i]
		if !got.Share.Equal(want.Share) {
			return fmt.Errorf("the share of the %s is %s in the manifest, the charter gives %s", got.ID, got.Share, want.Share)
		}
		if got.Electors != want.Electors {
			return fmt.Errorf("the roll of %s has %d electors in the manifest, the records give %d", got.ID, got.Electors, want.Electors)
		}
		if err := samePart("chamber", got, want); err != nil {
			return err
		}
		if m.Rolls[i] != built.Rolls[i] {
			return fmt.Errorf("the roll of %s has SHA-256 %s in the manifest, the records give %s", got.ID, short(m.Rolls[i].File.SHA256), short(built.Rolls[i].File.SHA256))
		}
	}
	return nil
}

// proposes holds an amendment's file to its hash.
func (e *pollEvidence) proposes() error {
	if e.manifest.Amends == nil {
		return nil
	}
	text, err := e.blob("proposed charter", *e.manifest.Amends)
	if err != nil {
		return err
	}
	if hash := charter.HashBytes(text); hash != *e.manifest.Proposes {
		return fmt.Errorf("the proposed charter has the hash %s, the manifest says %s", short(hash), short(*e.manifest.Proposes))
	}
	return nil
}

// openedAs says what the poll was opened with.
func (e *pollEvidence) openedAs() string {
	m := e.manifest
	text := fmt.Sprintf("poll %s under charter %s, tier %d; ", short(e.hash), short(m.Charter), m.Tier)
	for i, c := range m.Rules.Chambers {
		text += fmt.Sprintf("%s %s with %s, ", c.ID, c.Share, plural(m.Rolls[i].Electors, "elector", "electors"))
	}
	if m.Jury != nil {
		text += plural(int64(len(m.Jury.Recused)), "juror", "jurors") + " recused, "
	}
	return text + fmt.Sprintf("%s ballots from %s to %s, then round %d of %s", m.Mode, at(m.Opens), at(m.Closes), m.Beacon.Round, e.chainName())
}

func (e *pollEvidence) chainName() string {
	if e.chain == nil {
		return e.manifest.Beacon.Chain.String()
	}
	return e.chain.Name
}

// readRolls reads the rolls that the manifest names, right or not: check 8 compares them.
func (e *pollEvidence) readRolls() (*poll.Roll, error) {
	var roll poll.Roll
	for _, ref := range e.manifest.Rolls {
		file, err := e.blob("roll of "+ref.Chamber, ref.File)
		if err != nil {
			return nil, err
		}
		if err := roll.ReadRoll(ref, bytes.NewReader(file)); err != nil {
			return nil, err
		}
	}
	return &roll, nil
}
