package verify

import (
	"errors"
	"fmt"
	"strings"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// load reads the files in the order in which they are needed: the manifest, its roll and the jury's poll
// before the threads. Blobs are hashed, and read again where a record names them, so that only one is in
// memory at a time.
func (e *roundEvidence) load() error {
	if err := e.loadSmallFiles(); err != nil {
		return err
	}
	for _, f := range e.b.Index.Files {
		if strings.HasPrefix(f.Path, "blobs/") {
			if err := e.hashBlob(f); err != nil {
				return err
			}
		}
	}
	if err := e.peek(); err != nil {
		return err
	}
	e.polity = newPolity(e.chains, e.account)
	for i, take := range []func([]line) error{e.polity.takeCharters, e.polity.takeMoves, e.takeRound} {
		if err := e.readThread(e.threads[i], take); err != nil {
			return err
		}
	}
	e.polity.finish()
	e.seen.verify(e.opts.progress)
	if e.manifest != nil && e.own().fault == nil {
		e.onlyNamed(e.named)
	}
	return e.ctx.Err()
}

// peek reads the manifest from the first record of the round, and all that must be known before the next.
func (e *roundEvidence) peek() error {
	lines, err := e.opening()
	if err != nil {
		return err
	}
	e.openFault = e.open(lines)
	if e.manifest == nil {
		return nil
	}
	e.rehearsed = e.manifest.Rehearsal
	e.takeAccount(account{e.manifest.Opens, e.manifest.Counted})
	if b := e.manifest.Beacon; b != nil {
		var known bool
		if e.chain, known = e.chains.Lookup(b.Chain); known {
			e.due, err = e.chain.TimeOf(b.Round)
			e.openFault = errors.Join(e.openFault, err)
		}
	}
	if err := e.readRoll(); err != nil {
		return err
	}
	e.jury, err = e.readJury()
	return err
}

func (e *roundEvidence) open(lines [][]byte) error {
	if len(lines) == 0 {
		return errors.New("the round has no records")
	}
	r, err := audit.Decode(lines[0])
	if err != nil {
		return err
	}
	body, err := r.Decoded()
	if err != nil {
		return err
	}
	opened, ok := body.(audit.RoundOpen)
	if !ok {
		return fmt.Errorf("the round's first record is a %s, not its opening", r.Kind)
	}
	m, err := grants.ParseManifest(opened.Manifest)
	if err != nil {
		return err
	}
	if m.Round != e.b.Index.Subject {
		return fmt.Errorf("the manifest is for %s", m.Round)
	}
	e.manifest, e.text, e.hash = m, opened.Manifest, opened.Hash
	return nil
}

// readRoll reads the roll that the manifest names, right or not: check 13 compares it.
func (e *roundEvidence) readRoll() error {
	e.named[e.manifest.Roll.File.SHA256] = true
	var err error
	if e.roll, err = e.file("roll", e.manifest.Roll.File); err == nil {
		e.replay.round, err = grants.New(e.text, e.roll)
	}
	e.noRoll = err
	return onlyUnreadable(err)
}

// file returns a blob that a record names by size and digest.
func (e *roundEvidence) file(what string, f poll.File) ([]byte, error) {
	path := bundle.BlobPath(f.SHA256)
	switch listed, ok := e.b.Index.Find(path); {
	case !ok:
		return nil, fmt.Errorf("the %s with SHA-256 %s is not in the bundle", what, short(f.SHA256))
	case listed.Bytes != f.Bytes:
		return nil, fmt.Errorf("the %s has %s bytes, the record says %s", what, count(listed.Bytes), count(f.Bytes))
	}
	data, err := e.b.ReadFile(path, maxLarge)
	if err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return nil, unreadable{err}
	}
	if got := poll.FileOf(data); got != f {
		return nil, fmt.Errorf("the %s has %s bytes with SHA-256 %s, the record says %s with %s", what, count(got.Bytes), short(got.SHA256), count(f.Bytes), short(f.SHA256))
	}
	return data, nil
}

// onlyUnreadable returns err when it is about reading the input, else nil.
func onlyUnreadable(err error) error {
	var stop unreadable
	if errors.As(err, &stop) {
		return stop.error
	}
	return nil
}
