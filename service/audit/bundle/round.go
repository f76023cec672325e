package bundle

import (
	"fmt"
	"io"
	"strings"

	"kleroterion/randomness/beacon"
)

// RoundContents is what goes into the bundle of a funding round (docs/spec/round.md).
type RoundContents struct {
	CreatedBy string // program and version, 1 to 100 bytes
	Subject   string // of the round
	Rehearsal bool   // the manifest says so
	Threads   []Thread
	Polls     []Nested        // with a jury: its poll, whose bundle nests the draw
	Blobs     []Blob          // the roll, the texts of projects, files of weights, the file of each version, in any order, each once
	Beacons   []beacon.File   // the round that opened a sealed round's gifts, when there is a result
	Chains    []*beacon.Chain // the dev chains that manifest and records name, in any order
	Policy    []byte          // policy.txt
}

// WriteRound writes the bundle of a funding round, as [WritePoll] does that of a poll: the same contents
// give the same bytes, and threads, nested bundles and blobs stream through.
func WriteRound(w io.Writer, c RoundContents) error {
	community, name, ok := strings.Cut(c.Subject, "/round/")
	if !ok || strings.Contains(name, "/") {
		return fmt.Errorf("bundle: subject %.80q is not community/<slug>/round/<name>", c.Subject)
	}
	if err := areOf(c.Threads, []string{community, community + "/members", c.Subject}); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	parts, err := communal(c.Threads, c.Polls, PollPath)
	if err != nil {
		return err
	}
	more, err := shared(c.Beacons, c.Chains, c.Blobs)
	if err != nil {
		return err
	}
	parts = append(append(parts, small(PolicyPath, c.Policy)), more...)
	return writeParts(w, Index{CreatedBy: c.CreatedBy, Kind: KindRound, Rehearsal: c.Rehearsal, Subject: c.Subject}, parts)
}
