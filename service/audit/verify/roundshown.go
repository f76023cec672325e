package verify

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// projectsReviewed is check 6.
func (e *roundEvidence) projectsReviewed() (string, error) {
	if err := e.replayed(checkProjects); err != nil {
		return "", err
	}
	p := &e.replay
	of := map[string]int{}
	list := p.round.Projects()
	for _, x := range list {
		of[string(x.State)]++
	}
	text := fmt.Sprintf("%s%s in %s, each signed by the owner or decided by a reviewer", plural(int64(len(list)), "project", "projects"), rulesText(of), plural(p.moves, "move", "moves"))
	if len(p.reviewers) > 0 {
		text += "; reviewers: " + few(slices.Sorted(maps.Keys(p.reviewers)))
	}
	return e.mark(text), nil
}

// giftsOwn is check 7.
func (e *roundEvidence) giftsOwn() (string, error) {
	if err := e.replayed(checkGifts); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, each by somebody on the roll and signed with the key there or by a connector, in time, to an approved project unless sealed, none twice; %s refunded",
		plural(e.replay.round.Gifts(), "gift", "gifts"), count(e.replay.refunds)), nil
}

// poolAdds is check 8.
func (e *roundEvidence) poolAdds() (string, error) {
	if err := e.replayed(checkPool); err != nil {
		return "", err
	}
	m := e.manifest
	return fmt.Sprintf("%s at the opening and %s make %s, in %s with %d decimals", m.Params.Pool, plural(int64(len(e.replay.topups)), "top-up", "top-ups"),
		e.replay.round.Pool(), m.Params.Asset.Code, m.Params.Asset.Decimals), nil
}

// weightsPublished is check 9.
func (e *roundEvidence) weightsPublished() (string, error) {
	if err := e.replayed(checkWeights); err != nil {
		return "", err
	}
	list := e.replay.weights
	switch {
	case !e.manifest.Weights:
		return "the round has no personal weights", nil
	case len(list) == 0:
		return "no weights were published: the default counts", nil
	}
	newest := list[len(list)-1]
	return fmt.Sprintf("%s, the newest of %s from %q, file %s", plural(int64(len(list)), "version", "versions"), at(newest.At), newest.Source, short(newest.File.SHA256)), nil
}

// roundOpened is check 13: manifest and roll are built again from the community's records, and must be the
// same bytes.
func (e *roundEvidence) roundOpened() (string, error) {
	for _, err := range []error{e.openFault, e.noRoll, e.replay.faults[checkRoundOpen]} {
		if err != nil {
			return "", err
		}
	}
	if err := e.countedRightly(e.openSeen); err != nil {
		return "", err
	}
	state, err := e.stateCounted()
	if err != nil {
		return "", err
	}
	m := e.manifest
	built, roll, err := grants.Build(state, m.Asked())
	if err != nil {
		return "", err
	}
	if err := sameRound(m, built); err != nil {
		return "", err
	}
	if !bytes.Equal(roll, e.roll) {
		return "", errors.New("the roll is not in the bundle as the records give it")
	}
	if err := e.saysRehearsal(); err != nil {
		return "", err
	}
	return e.mark(e.openedAs()), nil
}

// sameRound compares part by part, so that a difference is named, and then the whole.
func sameRound(m, built *grants.Manifest) error {
	if m.Roll.Electors != built.Roll.Electors {
		return fmt.Errorf("the roll has %d donors in the manifest, the records give %d", m.Roll.Electors, built.Roll.Electors)
	}
	for _, err := range []error{
		samePart("charter", m.Charter, built.Charter), samePart("beacon", valueOf(m.Beacon), valueOf(built.Beacon)), samePart("rehearsal", m.Rehearsal, built.Rehearsal),
		sameCounted(m.Counted, built.Counted), samePart("roll", m.Roll, built.Roll), samePart("manifest", m, built),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// openedAs says what the round was opened with.
func (e *roundEvidence) openedAs() string {
	m := e.manifest
	text := fmt.Sprintf("round %s under charter %s, %s may give; applications from %s to %s, %s gifts from %s to %s", short(e.hash), short(m.Charter),
		plural(m.Roll.Electors, "member", "members"), at(m.Opens), at(m.ApplicationsEnd), m.Mode, at(m.GiftsStart), at(m.GiftsEnd))
	if m.Mode == poll.ModeSealed && e.chain != nil {
		text += fmt.Sprintf(", then round %d of %s", m.Beacon.Round, e.chain.Name)
	}
	return text + fmt.Sprintf("; %s", plural(int64(len(m.Connectors)), "connector", "connectors"))
}

// notShown is what no bundle of a round can show, and what this one leaves open.
func (e *roundEvidence) notShown() []string {
	list := []string{
		"who the people behind the ids are, and that each of them is one",
		"that money moved: gifts of donors are their word, paid ones that of a connector, the pool, top-ups and payouts that of who recorded them",
		"that donors gave freely and of their own money",
		"who the reviewers are, and that they judged rightly",
		"that no project or gift was refused at the door without a receipt",
		"that the log is complete and the same for everyone (kleroterion log verify)",
		e.insertion(),
	}
	list = append(list, e.ownPolicy()...)
	if len(e.replay.weights) > 0 {
		list = append(list, "that the weights are right: only who published them, and when")
	}
	if len(e.replay.versions) > 1 {
		list = append(list, "that the reasons of corrections are true")
	}
	if e.manifest == nil || e.manifest.Jury == nil {
		return list
	}
	if e.jury.missing {
		return append(list, fmt.Sprintf("that nobody opened %s before the gifts ended: only the whole log shows it", e.manifest.Jury.Poll))
	}
	return append(list, fmt.Sprintf("what the bundle of %s does not show: verify it alone to read it", e.manifest.Jury.Poll))
}
