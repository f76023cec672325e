package verify

import (
	"context"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/poll"
)

// pollBundle makes the twelve checks of docs/spec/poll.md. It also returns what was found, for a round
// whose jury votes in the poll.
func pollBundle(ctx context.Context, b *bundle.Bundle, opts Options) (*pollEvidence, Report, error) {
	e := &pollEvidence{communal: newCommunal(ctx, b, opts), blobs: map[audit.Hash][]byte{}}
	if err := e.load(); err != nil {
		return nil, Report{}, err
	}
	checks, err := runSteps(e.steps())
	if err != nil {
		return nil, Report{}, err
	}
	return e, Report{
		OK: allHold(checks), Checks: checks, NotShown: e.notShown(), Rehearsal: e.rehearsal(),
		Subject: b.Index.Subject, Of: "file", Act: "poll",
	}, nil
}

// pollEvidence is the bundle of a poll taken apart, and what the checks found so far.
type pollEvidence struct {
	communal
	blobs map[audit.Hash][]byte // rolls, proposed charter and transcript, by SHA-256

	manifest  *poll.Manifest // nil when the poll's opening cannot be read
	hash      audit.Hash     // of the manifest
	openFault error          // why there is no manifest
	chain     *beacon.Chain  // of the manifest, nil when it is not known
	due       int64          // Unix seconds of the closing round

	seats  seatsThread
	nested *evidence // the jury's draw, from check 6
	term   jurors    // from check 7
	box    ballotBox
	ending pollEnding
}

func (e *pollEvidence) steps() []step {
	return []step{
		{"files match their digests", nil, e.filesMatch},
		{"checkpoint signed by the log", nil, e.checkpointSigned},
		{"records are in the log", []int{2}, e.threadsIncluded},
		{"charter follows its own rules", []int{3}, e.charterFollows},
		{"members are admitted by attesters", []int{3, 4}, e.membersAdmitted},
		{"jury's draw verifies", []int{2}, e.juryDrawn},
		{"seats follow from the draw", []int{3, 6}, e.seatsFollow},
		{"poll opened by the charter", []int{3, 4, 5, 7}, e.openedByCharter},
		{"ballots are the voters' own", []int{3}, e.ballotsOwn},
		{"beacon verified", []int{3}, e.closingVerified},
		{"ballots opened and tally recomputed", []int{9, 10}, e.tallyRecomputed},
		{"one outcome", []int{3}, e.oneOutcome},
	}
}

// opened returns why nothing can be said about the poll itself: its opening, of check 8, is unreadable.
func (e *pollEvidence) opened() error {
	if e.manifest == nil {
		return notChecked(8)
	}
	return nil
}
