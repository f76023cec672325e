package verify

import (
	"bytes"
	"errors"
	"fmt"

	"kleroterion/funding"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// applyResult computes a version again and compares it with the one recorded.
func (e *roundEvidence) applyResult(rec grants.ResultRecord) error {
	p := &e.replay
	if p.closed == nil || p.void != nil {
		return errors.New("a result of a round that is not closed, or is void")
	}
	err := e.sealedOpened(rec.Beacon)
	if e.ctx.Err() != nil {
		return unreadable{e.ctx.Err()}
	}
	if err := first(err, e.takeJury(rec)); err != nil {
		return err
	}
	v, err := p.round.Compute(rec.Changes, e.jury.result)
	if err != nil {
		return err
	}
	given, err := e.file(fmt.Sprintf("file of version %d", rec.Version), rec.File)
	if err != nil {
		return err
	}
	if !bytes.Equal(given, v.Bytes) {
		return resultDiffers(v.File, given)
	}
	if err := p.round.ApplyResult(rec, v); err != nil {
		return err
	}
	p.versions = append(p.versions, version{rec, v.File})
	return e.ctx.Err()
}

// resultDiffers names the place in which a false result differs from the true one.
func resultDiffers(want grants.ResultFile, given []byte) error {
	got, err := grants.ParseResultFile(given)
	if err != nil {
		return err
	}
	for _, err := range []error{
		resultPart("version", got.Version, want.Version), resultPart("round", got.Round, want.Round),
		resultPart("changes", got.Changes, want.Changes), resultPart("invalid", append([]grants.Invalid{}, got.Invalid...), append([]grants.Invalid{}, want.Invalid...)),
		juryDiffers(got.Jury, want.Jury), projectsDiffer(got.Projects, want.Projects),
	} {
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("version %d: the file is not the one that gifts, weights and pool give", want.Version)
}

func resultPart(what string, got, want any) error {
	return (comparison{"result", "records"}).differs(what, got, want)
}

func juryDiffers(got, want *grants.JuryPart) error {
	if (got == nil) != (want == nil) {
		return errors.New("jury: the result has it and the manifest does not, or the other way round")
	}
	if got == nil {
		return nil
	}
	if err := first(resultPart("jury: none", got.None, want.None), resultPart("jury: part", got.Part, want.Part)); err != nil {
		return err
	}
	for i := range min(len(got.Projects), len(want.Projects)) {
		if err := resultPart("jury: project "+want.Projects[i].Project, got.Projects[i], want.Projects[i]); err != nil {
			return err
		}
	}
	return resultPart("jury", got, want)
}

func projectsDiffer(got, want []funding.Project) error {
	if len(got) != len(want) {
		return fmt.Errorf("the result has %s, the records give %d", plural(int64(len(got)), "project", "projects"), len(want))
	}
	for i := range want {
		if err := resultPart("project "+want[i].Project, got[i], want[i]); err != nil {
			return err
		}
	}
	return nil
}

// matchingRecomputed is check 10.
func (e *roundEvidence) matchingRecomputed() (string, error) {
	if err := e.replayed(checkMatching); err != nil {
		return "", err
	}
	p := &e.replay
	if err := e.noOther(p.beaconPath); err != nil {
		return "", err
	}
	switch {
	case p.void != nil:
		return e.mark(fmt.Sprintf("voided at %s%s, no result: %q", at(p.void.At), e.voidedWhen(), p.void.Reason)), nil
	case len(p.versions) == 0 && p.stopped != 0:
		return "", notChecked(p.stopped)
	case p.closed == nil:
		return "", errors.New("the round is neither closed nor void in this bundle")
	case len(p.versions) == 0:
		return "", fmt.Errorf("the round was closed at %s and has no result in this bundle", at(p.closed.At))
	}
	texts := []string{fmt.Sprintf("closed at %s with %s", at(p.closed.At), plural(p.closed.Gifts, "gift", "gifts"))}
	if e.manifest.Mode == poll.ModeSealed {
		texts = append(texts, fmt.Sprintf("sealed ones opened with round %d of %s, %s invalid%s", e.manifest.Beacon.Round, e.chain.Name, count(int64(len(p.round.Invalid()))), rulesOf(p.round.Invalid())))
	}
	if e.manifest.Jury != nil {
		said, err := e.juryHolds()
		if err != nil {
			return "", err
		}
		texts = append(texts, said)
	}
	for _, v := range p.versions {
		texts = append(texts, versionText(v.file))
	}
	return e.mark(each(texts)), nil
}

// voidedWhen says what a void could know.
func (e *roundEvidence) voidedWhen() string {
	switch seen := e.own().seen; {
	case e.due > 0 && seen >= e.due:
		return ", when its sealed gifts could be read"
	case e.replay.closed != nil || seen >= e.manifest.GiftsEnd:
		return ", after its gifts had ended"
	}
	return ""
}

func versionText(f grants.ResultFile) string {
	text := fmt.Sprintf("version %d: ", f.Version) + plural(int64(len(f.Projects)), "project", "projects") + " share " + shared(f) + ", unallocated " + f.Unallocated.String()
	if f.Jury != nil {
		return text + ", of the jury's part " + f.Jury.Part.String() + ", solidarity " + f.Jury.Solidarity.String()
	}
	return text + ", solidarity " + f.Solidarity.String()
}

// shared is what all projects get together.
func shared(f grants.ResultFile) string {
	var sum funding.Amount
	for _, p := range f.Payable() {
		sum, _ = sum.Add(p.Amount) // part of one pool
	}
	return sum.String()
}

// rulesOf lists why sealed gifts do not count, in the order of their names.
func rulesOf(list []grants.Invalid) string {
	of := map[string]int{}
	for _, i := range list {
		of[i.Rule]++
	}
	return rulesText(of)
}

// correctionsListed is check 11.
func (e *roundEvidence) correctionsListed() (string, error) {
	if err := e.replayed(checkCorrections); err != nil {
		return "", err
	}
	list := e.replay.versions
	if len(list) < 2 {
		return "nothing was corrected", nil
	}
	var texts []string
	for _, v := range list[1:] {
		texts = append(texts, fmt.Sprintf("version %d at %s: %s (%q)", v.record.Version, at(v.record.At), changesText(v.record.Changes), v.record.Reason))
	}
	return each(texts), nil
}

func changesText(list []grants.Correction) string {
	if len(list) == 0 {
		return "all changes taken back"
	}
	var donors, projects, weights int64
	for _, c := range list {
		switch {
		case c.Project != "":
			projects++
		case c.Weight != nil:
			weights++
		default:
			donors++
		}
	}
	return fmt.Sprintf("%s and %s struck, %s of another weight", plural(donors, "donor", "donors"), plural(projects, "project", "projects"), plural(weights, "donor", "donors"))
}

// payoutsWithin is check 12.
func (e *roundEvidence) payoutsWithin() (string, error) {
	if err := e.replayed(checkPayouts); err != nil {
		return "", err
	}
	list := e.replay.payouts
	if len(list) == 0 {
		return e.mark("nothing was paid by this bundle"), nil
	}
	paid := map[string]bool{}
	var sum funding.Amount
	for _, p := range list {
		paid[p.Project] = true
		sum, _ = sum.Add(p.Amount) // part of one pool
	}
	return e.mark(fmt.Sprintf("%s of %s to %s, none above what version %d gives", plural(int64(len(list)), "payout", "payouts"), sum,
		plural(int64(len(paid)), "project", "projects"), list[len(list)-1].Version)), nil
}
