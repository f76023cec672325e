package bundle

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
)

// PollContents is what goes into the bundle of a poll (docs/spec/poll.md).
type PollContents struct {
	CreatedBy string // program and version, 1 to 100 bytes
	Subject   string // of the poll
	Rehearsal bool   // the manifest says so
	Threads   []Thread
	Draws     []Draw          // with a jury: the draw that gave its seats
	Blobs     []Blob          // the rolls, the proposed charter and the transcript, in any order, each once
	Beacons   []beacon.File   // the closing round, when there is a result
	Chains    []*beacon.Chain // the dev chains that manifest and records name, in any order
	Policy    []byte          // policy.txt
}

// Thread is all records of one subject up to the checkpoint. Threads stand in this order: community,
// members, seats (with a jury), poll.
type Thread struct {
	Subject string
	Open    func() (io.ReadCloser, error) // the records from the first, one a line, each ended by LF
	Bytes   int64
	SHA256  audit.Hash
	Proof   []byte // tlog-proof text of the last record
}

// Draw is the whole bundle of the draw on a subject.
type Draw struct {
	Subject string
	SHA256  audit.Hash
	Bytes   int64
	Open    func() (io.ReadCloser, error)
}

// WritePoll writes the bundle of a poll. The same contents give the same bytes. Threads, draws and blobs
// stream through, each opened twice, for the CRC stands before the content. When one turns out not to
// have its size or digest the error says so, and what was written is to be thrown away.
func WritePoll(w io.Writer, c PollContents) error {
	if err := c.checkThreads(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	parts, err := c.listed()
	if err != nil {
		return err
	}
	return writeParts(w, Index{CreatedBy: c.CreatedBy, Kind: KindPoll, Rehearsal: c.Rehearsal, Subject: c.Subject}, parts)
}

// checkThreads refuses threads that are not the poll's, or in another order than readers expect.
func (c PollContents) checkThreads() error {
	community, name, ok := strings.Cut(c.Subject, "/poll/")
	if !ok || strings.Contains(name, "/") {
		return fmt.Errorf("subject %.80q is not community/<slug>/poll/<name>", c.Subject)
	}
	want := []string{community, community + "/members", c.Subject}
	got := make([]string, len(c.Threads))
	for i, t := range c.Threads {
		got[i] = t.Subject
	}
	if len(got) == 4 && strings.HasSuffix(got[2], "/seats") {
		want = slices.Insert(want, 2, got[2])
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the threads are of %q, want %q, with the seats before the last where there is a jury", got, want)
	}
	return nil
}

func (c PollContents) listed() ([]part, error) {
	parts := []part{small(PolicyPath, c.Policy)}
	type file struct {
		name string
		Blob
	}
	var large []file
	for i, t := range c.Threads {
		parts = append(parts, small(ProofPath(i), t.Proof))
		large = append(large, file{ThreadPath(i), Blob{Blob: audit.Blob{SHA256: t.SHA256, Bytes: t.Bytes}, Open: t.Open}})
	}
	for _, d := range c.Draws {
		large = append(large, file{DrawPath(d.Subject), Blob{Blob: audit.Blob{SHA256: d.SHA256, Bytes: d.Bytes}, Open: d.Open}})
	}
	for _, f := range large {
		p, err := f.part(f.name)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	more, err := shared(c.Beacons, c.Chains, c.Blobs)
	return append(parts, more...), err
}
