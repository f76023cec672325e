package verify

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// closingVerified is check 10.
func (e *pollEvidence) closingVerified() (string, error) {
	if err := e.opened(); err != nil {
		return "", err
	}
	used := ""
	text := "the poll has no result, so no round decided it"
	if r := e.ending.result; r != nil {
		var err error
		if used, err = e.closingBeacon(e.chain, e.manifest.Beacon, r.Beacon); err != nil {
			return "", err
		}
		text = fmt.Sprintf("round %d of %s is signed by its key %x…, due %s", r.Beacon.Round, e.chain.Name, e.chain.PublicKey[:6], at(e.due))
	}
	if err := e.noOther(used); err != nil {
		return "", err
	}
	return e.mark(text), nil
}

// tallyRecomputed is check 11: ballots and round give the same transcript.
func (e *pollEvidence) tallyRecomputed() (string, error) {
	r := e.ending.result
	if r == nil {
		return e.mark("the poll has no result, nothing to recompute"), nil
	}
	t, err := e.box.box.Count(e.ctx, e.chain, r.Beacon.Beacon, func(done, total int64) { e.opts.progress("ballots", done, total) })
	if e.ctx.Err() != nil {
		return "", unreadable{e.ctx.Err()}
	}
	if err != nil {
		return "", err
	}
	again, err := t.Canonical()
	if err != nil {
		return "", err
	}
	given, err := e.blob("transcript", r.Transcript)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(again, given) {
		return "", transcriptDiffers(t, given)
	}
	return e.mark(counts(t)), nil
}

// transcriptDiffers names the place in which a false transcript differs from the true one.
func transcriptDiffers(want poll.Transcript, given []byte) error {
	got, err := poll.ParseTranscript(given)
	if err != nil {
		return err
	}
	if got.Records != want.Records || got.Superseded != want.Superseded {
		return fmt.Errorf("the transcript has %d ballots, %d superseded; the records give %d and %d", got.Records, got.Superseded, want.Records, want.Superseded)
	}
	for i, w := range want.Count.Chambers {
		if i >= len(got.Count.Chambers) {
			break
		}
		if err := differs("chamber "+w.ID, got.Count.Chambers[i], w); err != nil {
			return err
		}
	}
	for _, err := range []error{
		differs("outcome", got.Count.Outcome, want.Count.Outcome), differs("rate", valueOf(got.Count.Rate), valueOf(want.Count.Rate)),
		differs("options", append([]voting.OptionCount{}, got.Count.Options...), append([]voting.OptionCount{}, want.Count.Options...)),
		differs("invalid ballots", got.Count.Invalid, want.Count.Invalid),
		differs("beacon", got.Beacon, want.Beacon),
	} {
		if err != nil {
			return err
		}
	}
	return errors.New("the transcript is not the one that the ballots give")
}

func differs(what string, got, want any) error {
	return comparison{"transcript", "ballots"}.differs(what, got, want)
}

// comparison names what is given and what it is computed from again.
type comparison struct{ given, from string }

func (c comparison) differs(what string, got, want any) error {
	g, gErr := canonical.Marshal(map[string]any{"is": got})
	w, wErr := canonical.Marshal(map[string]any{"is": want})
	if err := first(gErr, wErr); err != nil || bytes.Equal(g, w) {
		return err
	}
	return fmt.Errorf("%s: the %s says %.400s, the %s give %.400s", what, c.given, g, c.from, w)
}

// counts sums up a true transcript.
func counts(t poll.Transcript) string {
	var cast, electors int64
	var chambers []string
	for _, c := range t.Count.Chambers {
		cast, electors = cast+c.Cast, electors+c.Electors
		chambers = append(chambers, chamberText(c))
	}
	text := fmt.Sprintf("%s of %s, %d superseded, %d invalid%s; %s", plural(cast, "ballot", "ballots"), plural(electors, "elector", "electors"),
		t.Superseded, len(t.Count.Invalid), reasons(t.Count.Invalid), strings.Join(chambers, ", "))
	if t.Count.Rate != nil {
		text += "; R = " + t.Count.Rate.String()
	}
	return text + "; " + outcomeText(t.Count.Outcome)
}

func chamberText(c voting.ChamberCount) string {
	text := fmt.Sprintf("%s %s of the decision, effective %s", c.ID, c.Share, c.Effective)
	if c.Yes != nil && c.No != nil {
		text += fmt.Sprintf(" (%d yes, %d no, %d blank of %d)", *c.Yes, *c.No, c.Blank, c.Electors)
	}
	if !c.QuorumMet {
		text += ", quorum not met"
	}
	return text
}

// reasons lists why ballots are invalid, in the order of their names.
func reasons(list []voting.Invalid) string {
	of := map[string]int{}
	for _, i := range list {
		of[i.Rule]++
	}
	return rulesText(of)
}

func rulesText(of map[string]int) string {
	var texts []string
	for rule, n := range of {
		texts = append(texts, fmt.Sprintf("%d %s", n, rule))
	}
	if len(texts) == 0 {
		return ""
	}
	slices.Sort(texts)
	return " (" + few(texts) + ")"
}

func outcomeText(o voting.Outcome) string {
	switch {
	case o.Passed != nil && *o.Passed:
		return "passed"
	case o.Passed != nil:
		return fmt.Sprintf("rejected (%s)", o.Reason)
	case len(o.Elected) > 0:
		return "elected: " + few(o.Elected)
	}
	return fmt.Sprintf("nobody elected (%s)", o.Reason)
}
