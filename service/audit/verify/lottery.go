package verify

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// lottery is what the list of panels of a draw shows, after it was checked against the register.
type lottery struct {
	problem *quota.Problem
	verdict panels.Verdict
	method  panels.Method
	terms   panelfile.Terms
	panels  int64
	line    []string // of the panel drawn, ids ascending; nil without a verified beacon
}

// lotteriesHold checks the list of every draw over panels, whatever became of the draw: people were asked
// to trust it when it was opened.
func (e *evidence) lotteriesHold() error {
	for i, d := range e.draws {
		if d.manifest.Panels == nil || d.lottery != nil {
			continue
		}
		l, err := e.readLottery(d)
		if err != nil {
			return naming(d, err)
		}
		// A list may have 2^24 seats. It is given up before the next one is read.
		for _, same := range e.draws[i:] {
			if !same.listOf(d) {
				continue
			}
			if same.lottery, err = e.takeLottery(same, l); err != nil {
				return naming(same, err)
			}
		}
	}
	return nil
}

// naming says which draw does not hold, unless nothing could be read any more.
func naming(d *draw, err error) error {
	var stop unreadable
	if errors.As(err, &stop) {
		return err
	}
	return fmt.Errorf("%s: %w", d.name(), err)
}

// listOf tells whether two draws name one list, of one register.
func (d *draw) listOf(other *draw) bool {
	a, b := d.manifest.Panels, other.manifest.Panels
	return a != nil && b != nil && a.FileSHA256 == b.FileSHA256 && d.file == other.file
}

// readLottery makes all of the checks of docs/spec/panels.md, Draw, on one file.
func (e *evidence) readLottery(d *draw) (*panelfile.Lottery, error) {
	if err := e.ctx.Err(); err != nil {
		return nil, unreadable{err}
	}
	reg := e.registers[d.file].Register
	if reg == nil {
		return nil, errNoRegister
	}
	list := *d.manifest.Panels
	e.opts.progress("panels", 0, list.Count)
	data, err := e.readPanels(list.FileSHA256)
	if err != nil {
		return nil, err
	}
	l, err := panelfile.Check(data, panelfile.Entries(reg))
	if err != nil {
		return nil, err
	}
	e.opts.progress("panels", list.Count, list.Count)
	return l, nil
}

// readPanels reads a panel file, of which check 1 has taken the digest alone: only one is in memory at a
// time.
func (e *evidence) readPanels(want audit.Hash) ([]byte, error) {
	f, ok := e.b.Index.Find(bundle.BlobPath(want))
	if !ok {
		return nil, fmt.Errorf("the list of panels with SHA-256 %s is not in the bundle", short(want))
	}
	r, err := e.stream(f)
	if err != nil {
		return nil, unreadable{err}
	}
	data, err := io.ReadAll(io.LimitReader(r, panelfile.MaxFile+1))
	switch {
	case err != nil && !errors.Is(err, bundle.ErrDamaged):
		return nil, unreadable{err}
	case len(data) > panelfile.MaxFile:
		return nil, &panelfile.Refusal{Rule: panelfile.RuleForm, Detail: fmt.Sprintf("more than %s bytes", count(panelfile.MaxFile))}
	}
	if got := beacon.Hash(sha256.Sum256(data)); got != want {
		return nil, &panelfile.Refusal{Rule: panelfile.RuleDigest, Detail: fmt.Sprintf("the file's SHA-256 is %s, the manifest names %s", short(got), short(want))}
	}
	return data, nil
}

// takeLottery compares a list with the manifest of a draw, and keeps what later checks need of it.
func (e *evidence) takeLottery(d *draw, l *panelfile.Lottery) (*lottery, error) {
	if err := l.Is(*d.manifest.Panels, d.manifest.OnePerHousehold); err != nil {
		return nil, err
	}
	out := &lottery{problem: l.Problem, verdict: l.Verdict, method: l.File.Result.Method, terms: l.File.Terms, panels: l.List.Count}
	if d.result == nil || !e.beaconed {
		return out, nil
	}
	want, err := sortition.Draw(d.manifest, e.registers[d.file].Register, d.result.Beacon.Beacon)
	if err != nil {
		return nil, err
	}
	out.line, err = l.Panel(*want.Panel)
	return out, err
}
