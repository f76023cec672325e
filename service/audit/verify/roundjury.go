package verify

import (
	"errors"
	"fmt"
	"strings"

	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// juryPoll is what the nested bundle of the jury's poll shows.
type juryPoll struct {
	missing bool  // there is none
	fault   error // why it cannot be believed
	text    string
	origin  string // of its log
	result  *voting.Result
	none    grants.NoJury // why it has no votes
	taken   bool
}

// readJury verifies the nested poll. An error is one of reading.
func (e *roundEvidence) readJury() (juryPoll, error) {
	var paths []string
	for _, f := range e.b.Index.Files {
		if strings.HasPrefix(f.Path, "polls/") {
			paths = append(paths, f.Path)
		}
	}
	ref := e.manifest.Jury
	switch {
	case ref == nil && len(paths) > 0:
		return juryPoll{fault: fmt.Errorf("%s, but the manifest names no poll of a jury", paths[0])}, nil
	case ref == nil:
		return juryPoll{}, nil
	case len(paths) == 0:
		return juryPoll{missing: true, none: grants.JuryAbsent}, nil
	}
	b, err := e.nestedPoll(paths[0], ref.Poll)
	if err != nil {
		return juryPoll{fault: err}, nil
	}
	return e.verifyPoll(b)
}

func (e *roundEvidence) nestedPoll(path, subject string) (*bundle.Bundle, error) {
	if want := bundle.PollPath(subject); path != want {
		return nil, fmt.Errorf("%s, but the jury's poll is %s", path, subject)
	}
	b, err := e.b.Nested(path)
	if err != nil {
		return nil, err
	}
	if b.Index.Kind != bundle.KindPoll || b.Index.Subject != subject {
		return nil, fmt.Errorf("%s is the bundle of a %s, %s", path, b.Index.Kind, b.Index.Subject)
	}
	return b, nil
}

func (e *roundEvidence) verifyPoll(b *bundle.Bundle) (juryPoll, error) {
	pol, _, err := e.trusted()
	if err != nil {
		return juryPoll{fault: err}, nil
	}
	nested, report, err := pollBundle(e.ctx, b, Options{Policy: &pol, Chains: e.opts.Chains, Progress: e.opts.Progress})
	if e.ctx.Err() != nil {
		return juryPoll{}, e.ctx.Err()
	}
	if err != nil {
		return juryPoll{fault: fmt.Errorf("the jury's poll: %w", err)}, nil
	}
	for _, c := range report.Checks {
		if !c.OK {
			return juryPoll{fault: fmt.Errorf("check %d of the jury's poll, %s: %s", c.No, c.Name, c.Evidence)}, nil
		}
	}
	if report.Rehearsal && !e.rehearsal() {
		return juryPoll{fault: errors.New("the jury's poll was a rehearsal, and the round says that it is none")}, nil
	}
	j := juryPoll{origin: nested.head.Origin, text: fmt.Sprintf("all %d checks of %s hold", len(report.Checks), report.Subject)}
	j.fault = j.count(nested, e.manifest.GiftsEnd)
	return j, nil
}

// count takes the poll's votes, or why there are none.
func (j *juryPoll) count(e *pollEvidence, giftsEnd int64) error {
	switch {
	case e.manifest.Opens >= giftsEnd:
		j.none = grants.JuryAbsent
		return nil
	case e.ending.void != nil:
		j.none = grants.JuryVoid
		return nil
	}
	given, err := e.blob("transcript", e.ending.result.Transcript) // its checks hold: it is there
	if err != nil {
		return err
	}
	t, err := poll.ParseTranscript(given)
	j.result = &t.Count
	return err
}

// takeJury tells the round what the jury's poll gives, before the first version.
func (e *roundEvidence) takeJury(rec grants.ResultRecord) error {
	j, ref := &e.jury, e.manifest.Jury
	if j.fault != nil || ref == nil || j.taken {
		return j.fault
	}
	j.taken = true
	if j.missing {
		if err := e.saysAbsent(rec); err != nil {
			return err
		}
	}
	if j.result != nil && e.replay.round.CheckJury(j.result) != nil {
		j.none, j.result = grants.JuryForm, nil
	}
	if j.none == "" {
		return nil
	}
	return e.replay.round.WithoutJury(j.none)
}

// saysAbsent lets the bundle of the jury's poll be missing only where the result says that it never
// opened.
func (e *roundEvidence) saysAbsent(rec grants.ResultRecord) error {
	data, err := e.file(fmt.Sprintf("file of version %d", rec.Version), rec.File)
	if err != nil {
		return err
	}
	f, err := grants.ParseResultFile(data)
	if err != nil {
		return err
	}
	if f.Jury == nil || f.Jury.None != grants.JuryAbsent {
		return fmt.Errorf("%s, the bundle of the jury's poll, is missing", bundle.PollPath(e.manifest.Jury.Poll))
	}
	return nil
}

// juryHolds sums up the jury's poll for check 10.
func (e *roundEvidence) juryHolds() (string, error) {
	j := e.jury
	switch {
	case !j.missing && j.origin != e.head.Origin:
		return "", fmt.Errorf("the jury's poll is in the log %s, the round in %s", j.origin, e.head.Origin)
	case j.none != "":
		return fmt.Sprintf("no votes of the jury (%s)", j.none), nil
	}
	return j.text, nil
}
