package verify

import (
	"errors"
	"fmt"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/poll"
)

// load reads every file once. The manifest comes first, for it says what the blobs are; then the blobs,
// for ballots need the rolls; then the threads in their order.
func (e *pollEvidence) load() error {
	if err := e.loadSmallFiles(); err != nil {
		return err
	}
	if err := e.peek(); err != nil {
		return err
	}
	if err := e.loadBlobs(); err != nil {
		return err
	}
	e.polity = newPolity(e.chains, e.account)
	e.box.prepare(e)
	for i, t := range e.threads {
		if err := e.readThread(t, e.takers()[i]); err != nil {
			return err
		}
	}
	e.polity.finish()
	e.seen.verify(e.opts.progress)
	e.checkNames()
	return e.ctx.Err()
}

// takers are what reads each thread's records once they are known to form a chain.
func (e *pollEvidence) takers() []func([]line) error {
	of := []func([]line) error{e.polity.takeCharters, e.polity.takeMoves}
	if e.hasSeats() {
		of = append(of, e.seats.take)
	}
	return append(of, e.takePoll)
}

func (e *pollEvidence) hasSeats() bool { return len(e.threads) == 4 }

// peek reads the manifest from the first record of the poll.
func (e *pollEvidence) peek() error {
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
	var known bool
	if e.chain, known = e.chains.Lookup(e.manifest.Beacon.Chain); known {
		e.due, err = e.chain.TimeOf(e.manifest.Beacon.Round)
		e.openFault = errors.Join(e.openFault, err)
	}
	return nil
}

func (e *pollEvidence) open(lines [][]byte) error {
	if len(lines) == 0 {
		return errors.New("the poll has no records")
	}
	r, err := audit.Decode(lines[0])
	if err != nil {
		return err
	}
	body, err := r.Decoded()
	if err != nil {
		return err
	}
	opened, ok := body.(audit.PollOpen)
	if !ok {
		return fmt.Errorf("the poll's first record is a %s, not its opening", r.Kind)
	}
	m, err := poll.ParseManifest(opened.Manifest)
	if err != nil {
		return err
	}
	if m.Poll != e.b.Index.Subject {
		return fmt.Errorf("the manifest is for %s", m.Poll)
	}
	e.manifest, e.hash = m, opened.Hash
	return nil
}

// loadBlobs reads all blobs, for the record that names the transcript is the poll's last.
func (e *pollEvidence) loadBlobs() error {
	for _, f := range e.b.Index.Files {
		name, ok := strings.CutPrefix(f.Path, "blobs/")
		if !ok {
			continue
		}
		h, err := beacon.ParseHash(name)
		if err != nil {
			return err
		}
		if e.blobs[h], err = e.readLarge(f); err != nil {
			return err
		}
	}
	return nil
}

// checkNames finds blobs that no record names. Where the poll's records cannot all be read, nobody knows
// what they name.
func (e *pollEvidence) checkNames() {
	if e.manifest == nil || e.own().fault != nil {
		return
	}
	named := map[audit.Hash]bool{}
	for _, r := range e.manifest.Rolls {
		named[r.File.SHA256] = true
	}
	if f := e.manifest.Amends; f != nil {
		named[f.SHA256] = true
	}
	if r := e.ending.result; r != nil {
		named[r.Transcript.SHA256] = true
	}
	e.onlyNamed(named)
}

// onlyNamed finds blobs that no record names.
func (e *communal) onlyNamed(named map[audit.Hash]bool) {
	for _, f := range e.b.Index.Files {
		if name, ok := strings.CutPrefix(f.Path, "blobs/"); ok {
			if h, err := beacon.ParseHash(name); err == nil && !named[h] {
				e.damage = append(e.damage, f.Path+" is named by no record")
			}
		}
	}
}

// blob returns a file that a record names by size and digest.
func (e *pollEvidence) blob(what string, f poll.File) ([]byte, error) {
	data, ok := e.blobs[f.SHA256]
	if !ok {
		return nil, fmt.Errorf("the %s with SHA-256 %s is not in the bundle", what, short(f.SHA256))
	}
	if int64(len(data)) != f.Bytes {
		return nil, fmt.Errorf("the %s has %s bytes, the record says %s", what, count(int64(len(data))), count(f.Bytes))
	}
	return data, nil
}
