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
// members, seats (of a poll with a jury), poll or round.
type Thread struct {
	Subject string
	Open    func() (io.ReadCloser, error) // the records from the first, one a line, each ended by LF
	Bytes   int64
	SHA256  audit.Hash
	Proof   []byte // tlog-proof text of the last record
}

// Nested is the whole bundle of a draw or poll on a subject.
type Nested struct {
	Subject string
	SHA256  audit.Hash
	Bytes   int64
	Open    func() (io.ReadCloser, error)
}

// Draw is the nested bundle of a draw.
type Draw = Nested

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
	if len(c.Threads) == 4 && strings.HasSuffix(c.Threads[2].Subject, "/seats") {
		want = slices.Insert(want, 2, c.Threads[2].Subject)
	}
	return areOf(c.Threads, want)
}

func areOf(threads []Thread, want []string) error {
	got := make([]string, len(threads))
	for i, t := range threads {
		got[i] = t.Subject
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the threads are of %q, want %q, with the seats before the last in a poll with a jury", got, want)
	}
	return nil
}

func (c PollContents) listed() ([]part, error) {
	own, err := communal(c.Threads, c.Draws, DrawPath)
	if err != nil {
		return nil, err
	}
	more, err := shared(c.Beacons, c.Chains, c.Blobs)
	return append(append(own, small(PolicyPath, c.Policy)), more...), err
}

// communal lists what the bundles of polls and rounds have: threads with their proofs, and nested bundles
// under the names that path gives.
func communal(threads []Thread, nested []Nested, path func(subject string) string) (parts []part, err error) {
	add := func(name string, b Blob) {
		if err != nil {
			return
		}
		var p part
		p, err = b.part(name)
		parts = append(parts, p)
	}
	for i, t := range threads {
		parts = append(parts, small(ProofPath(i), t.Proof))
		add(ThreadPath(i), Blob{Blob: audit.Blob{SHA256: t.SHA256, Bytes: t.Bytes}, Open: t.Open})
	}
	for _, n := range nested {
		add(path(n.Subject), Blob{Blob: audit.Blob{SHA256: n.SHA256, Bytes: n.Bytes}, Open: n.Open})
	}
	return parts, err
}
