package verify

import (
	"context"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
)

// The checks of docs/spec/round.md to which records of a round belong.
const (
	checkProjects    = 6
	checkGifts       = 7
	checkPool        = 8
	checkWeights     = 9
	checkMatching    = 10
	checkCorrections = 11
	checkPayouts     = 12
	checkRoundOpen   = 13
)

// roundBundle makes the thirteen checks of docs/spec/round.md.
func roundBundle(ctx context.Context, b *bundle.Bundle, opts Options) (Report, error) {
	e := &roundEvidence{communal: newCommunal(ctx, b, opts), named: map[audit.Hash]bool{}, replay: newRoundReplay()}
	if err := e.load(); err != nil {
		return Report{}, err
	}
	checks, err := runSteps(e.steps())
	if err != nil {
		return Report{}, err
	}
	return Report{
		OK: allHold(checks), Checks: checks, NotShown: e.notShown(), Rehearsal: e.rehearsal(),
		Subject: b.Index.Subject, Of: "file", Act: "round",
	}, nil
}

// roundEvidence is the bundle of a funding round taken apart, and what the checks found so far.
type roundEvidence struct {
	communal
	named map[audit.Hash]bool // blobs that records name

	manifest  *grants.Manifest // nil when the round's opening cannot be read
	text      []byte           // of the manifest
	hash      audit.Hash       // of the manifest
	openFault error            // why there is no manifest
	openSeen  int64            // the time of the round that the opening had seen
	chain     *beacon.Chain    // of a sealed round's beacon, nil when it is not known
	due       int64            // Unix seconds of that beacon
	roll      []byte
	noRoll    error // why the roll cannot be read

	jury   juryPoll
	replay roundReplay
}

func (e *roundEvidence) steps() []step {
	return []step{
		{"files match their digests", nil, e.filesMatch},
		{"checkpoint signed by the log", nil, e.checkpointSigned},
		{"records are in the log", []int{2}, e.threadsIncluded},
		{"charter follows its own rules", []int{3}, e.charterFollows},
		{"members are admitted by attesters", []int{3, 4}, e.membersAdmitted},
		{"projects were reviewed by the rules", []int{3}, e.projectsReviewed},
		{"gifts are the donors' own", []int{3}, e.giftsOwn},
		{"pool and top-ups", []int{3}, e.poolAdds},
		{"weights as published", []int{3}, e.weightsPublished},
		{"matching recomputed for every version", []int{3}, e.matchingRecomputed},
		{"corrections are listed and explained", []int{3}, e.correctionsListed},
		{"payouts never exceed their version", []int{3}, e.payoutsWithin},
		{"round opened by the community's rules", []int{3, 4, 5}, e.roundOpened},
	}
}

// replayed returns why nothing can be said by a check of the round's own records: its opening is
// unreadable, a record breaks the check's rules, or one before stopped the replay.
func (e *roundEvidence) replayed(no int) error {
	p := &e.replay
	switch {
	case p.round == nil:
		return notChecked(checkRoundOpen)
	case p.faults[no] != nil:
		return p.faults[no]
	case p.unread[no]:
		return notChecked(p.stopped)
	}
	return nil
}
