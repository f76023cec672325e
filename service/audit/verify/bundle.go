package verify

import (
	"context"

	"kleroterion/randomness/register"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

// Bundle makes the eleven checks of docs/spec/bundle.md on the bundle of a draw, the twelve of
// docs/spec/poll.md on that of a poll, or the thirteen of docs/spec/round.md on that of a funding round. A
// register with a million people takes a few seconds, as do 100,000 open ballots; each file is read once,
// lists of panels and files that a round's records name a second time when they are needed.
func Bundle(ctx context.Context, b *bundle.Bundle, opts Options) (Report, error) {
	switch b.Index.Kind {
	case bundle.KindPoll:
		_, report, err := pollBundle(ctx, b, opts)
		return report, err
	case bundle.KindRound:
		return roundBundle(ctx, b, opts)
	}
	_, report, err := drawBundle(ctx, b, opts)
	return report, err
}

// drawBundle also returns what was found, for a poll whose jury the draw gave.
func drawBundle(ctx context.Context, b *bundle.Bundle, opts Options) (*evidence, Report, error) {
	e := &evidence{unpacked: unpack(ctx, b, opts)}
	if err := e.load(); err != nil {
		return nil, Report{}, err
	}
	e.follow()
	checks, err := runSteps(e.steps())
	if err != nil {
		return nil, Report{}, err
	}
	return e, Report{
		OK: allHold(checks), Checks: checks, NotShown: e.notShown(), Rehearsal: e.rehearsal(),
		Subject: b.Index.Subject, Of: "file",
	}, nil
}

// evidence is the bundle of a draw taken apart, and what the checks found so far.
type evidence struct {
	unpacked
	records   []logged
	registers map[audit.Hash]registerFile // by SHA-256
	results   map[audit.Hash][]byte       // by SHA-256

	draws    []*draw      // in sequence
	broken   *audit.Break // where the subject's chain breaks
	beaconed bool         // check 9 holds
}

// logged is one record of the bundle with its proof.
type logged struct {
	raw      []byte
	record   audit.Record
	body     any   // nil when it could not be decoded
	fault    error // why not
	proof    checkpoint.Proof
	badProof error
}

// registerFile is a register, or why its file is not one.
type registerFile struct {
	*register.Register
	fault error
}

func (e *evidence) steps() []step {
	return []step{
		{"files match their digests", nil, e.filesMatch},
		{"checkpoint signed by the log", nil, e.checkpointSigned},
		{"records are in the log", []int{2}, e.recordsIncluded},
		{"chain of the subject is complete", []int{3}, e.chainComplete},
		{"register matches its commitment", []int{3}, e.registerMatches},
		{"manifest was committed", []int{3}, e.manifestCommitted},
		{"round follows from the draw time", []int{6}, e.roundFollows},
		{"list fixed before the randomness", []int{7}, e.fixedBefore},
		{"beacon verified", []int{7}, e.beaconVerified},
		{"draw recomputed", []int{5, 6}, e.drawRecomputed}, // and 9, but for lists of panels
		{"no redraw", []int{4, 7}, e.noRedraw},
	}
}

// rehearsal reports whether anything in the bundle says so; whether it says so rightly is check 7.
func (e *evidence) rehearsal() bool {
	for _, d := range e.draws {
		if d.manifest.Rehearsal {
			return true
		}
	}
	return e.b.Index.Rehearsal
}

// mark puts the word before the evidence of a check on a rehearsal.
func (e *evidence) mark(text string) string {
	if e.rehearsal() {
		return "REHEARSAL: " + text
	}
	return text
}
