package verify

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/poll"
)

// communal is what the bundles of polls and rounds have: threads of a community's records, which are
// replayed.
type communal struct {
	unpacked
	chainFault error // of the descriptions in chains/
	threads    []*thread
	seen       *seenRounds
	account    *account // nil when the opening cannot be read
	polity     *polity
	rehearsed  bool // the manifest says so
}

// account is when something opens, and up to which records its rolls were made.
type account struct {
	opens   int64
	counted []poll.Counted
}

func newCommunal(ctx context.Context, b *bundle.Bundle, opts Options) communal {
	return communal{unpacked: unpack(ctx, b, opts)}
}

// kind is poll or round, as the index says and people read it.
func (e *communal) kind() string { return e.b.Index.Kind }

// loadSmallFiles reads all but threads and blobs, and takes the digest of nested bundles.
func (e *communal) loadSmallFiles() error {
	community, _, _ := strings.Cut(e.b.Index.Subject, "/"+e.kind()+"/")
	subjects := []string{community, community + "/members", e.b.Index.Subject}
	if e.b.Index.Threads() == 4 {
		subjects = []string{community, community + "/members", "", e.b.Index.Subject}
	}
	for i, s := range subjects {
		e.threads = append(e.threads, &thread{no: i, subject: s, newest: map[beacon.Hash]uint64{}})
	}
	for _, f := range e.b.Index.Files {
		if err := e.loadSmallFile(f); err != nil {
			return err
		}
	}
	e.chainFault = e.addDevChains()
	e.seen = newSeenRounds(e.chains)
	return nil
}

func (e *communal) loadSmallFile(f bundle.File) error {
	dir, name, _ := strings.Cut(f.Path, "/")
	switch dir {
	case "blobs", "threads":
		return nil
	case "draws", "polls":
		return e.hashBlob(f)
	}
	data, err := e.readSmall(f)
	if err != nil || dir != "proofs" {
		return err
	}
	t := e.threads[number(name)]
	if t.proof, err = checkpoint.ParseProof(data); err != nil {
		t.badProof = fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

// own is the thread of the bundle's subject.
func (e *communal) own() *thread { return e.threads[len(e.threads)-1] }

// opening reads the first record of the bundle's subject; there is no line when it cannot be read.
func (e *communal) opening() ([][]byte, error) {
	r, err := e.b.Reader(bundle.ThreadPath(e.own().no))
	if err != nil {
		return nil, err
	}
	lines, err := nextLines(bufio.NewReaderSize(r, maxLine), 1)
	if err != nil && !isForm(err) {
		return nil, err
	}
	return lines, nil
}

// takeAccount tells the threads up to which record they are counted.
func (e *communal) takeAccount(a account) {
	e.account = &a
	for i := range min(len(e.threads)-1, len(a.counted)) {
		e.threads[i].counted.upTo = a.counted[i].Records
	}
}

// openLag is how many seconds an opening may be recorded after the second at which it opens: no vote and
// no window is cut short by more.
const openLag = 60

// countedRightly holds the manifest to the log, which had seen a round of the time opened when it was
// recorded: the rolls were made from what stood there before, and nothing that stood there was left out.
func (e *communal) countedRightly(opened int64) error {
	if opened > e.account.opens+openLag {
		return fmt.Errorf("opens at %s, but the log had seen a round of %s", at(e.account.opens), at(opened))
	}
	for i, t := range e.threads[:len(e.threads)-1] {
		if i >= len(e.account.counted) {
			return fmt.Errorf("the bundle has the records of %s, which the manifest does not count", t.subject)
		}
		switch c := t.counted; {
		case t.records < c.upTo:
			return fmt.Errorf("counted: %s of %s, the bundle has %d", plural(c.upTo, "record", "records"), t.subject, t.records)
		case c.seen > opened:
			return fmt.Errorf("counted: record %d of %s had seen a round of %s, after that of the opening", c.upTo, t.subject, at(c.seen))
		case c.next > 0 && c.next < opened:
			return fmt.Errorf("counted: record %d of %s was there before the opening, and was left out", c.upTo+1, t.subject)
		}
	}
	return nil
}

// stateCounted is the community at the records counted, without its seats.
func (e *communal) stateCounted() (poll.State, error) {
	if e.polity.stateFault != nil {
		return poll.State{}, e.polity.stateFault
	}
	state := e.polity.state
	for _, t := range e.threads[:len(e.threads)-1] {
		state.Counted = append(state.Counted, poll.Counted{Last: t.counted.leaf, Records: t.counted.upTo, Subject: t.subject})
	}
	return state, nil
}

// sameCounted names the first record that the manifest counts otherwise.
func sameCounted(m, built []poll.Counted) error {
	for i := range m {
		if i < len(built) && m[i] != built[i] {
			return fmt.Errorf("counted: record %d of %s is %s, the manifest says %s", built[i].Records, built[i].Subject, short(built[i].Last), short(m[i].Last))
		}
	}
	return nil
}

// saysRehearsal compares bundle.json with the manifest.
func (e *communal) saysRehearsal() error {
	if e.b.Index.Rehearsal != e.rehearsed {
		return fmt.Errorf("bundle.json says rehearsal %t, the manifest says %t", e.b.Index.Rehearsal, e.rehearsed)
	}
	return nil
}

// rehearsal reports whether anything in the bundle says so; whether it says so rightly is a check's.
func (e *communal) rehearsal() bool { return e.b.Index.Rehearsal || e.rehearsed }

func (e *communal) mark(text string) string {
	if e.rehearsal() {
		return "REHEARSAL: " + text
	}
	return text
}
