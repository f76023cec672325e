package verify

import (
	"bytes"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit/bundle"
)

// beaconVerified is check 9: the signature that decided each draw is the chain's, for its round.
func (e *evidence) beaconVerified() (string, error) {
	if err := e.intact(9); err != nil {
		return "", err
	}
	var texts []string
	used := map[string]bool{}
	for _, d := range e.draws {
		text, err := e.verifyBeacon(d, used)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.name(), err)
		}
		texts = append(texts, text)
	}
	for _, f := range e.b.Index.Files {
		if len(f.Path) > 8 && f.Path[:8] == "beacons/" && !used[f.Path] {
			return "", fmt.Errorf("%s is the beacon of no result", f.Path)
		}
	}
	e.beaconed = true
	return e.mark(each(texts)), nil
}

func (e *evidence) verifyBeacon(d *draw, used map[string]bool) (string, error) {
	if d.void != nil {
		return d.name() + " was voided and needs none", nil
	}
	if d.result == nil {
		return "", fmt.Errorf("it has no result in this bundle; round %d of %s was due %s", d.manifest.Beacon.Round, d.chain.Name, at(d.due))
	}
	b := d.result.Beacon
	path := bundle.BeaconPath(b.Chain, b.Round)
	used[path] = true
	if file, ok := e.beacons[path]; !ok || !sameBeacon(file, b) {
		return "", fmt.Errorf("%s is missing, or not the beacon of the result's record", path)
	}
	if err := beacon.Verify(d.chain, d.manifest.Beacon.Round, b.Beacon); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: round %d of %s is signed by its key %x…, randomness %s", d.name(), b.Round, d.chain.Name,
		d.chain.PublicKey[:6], short(b.Randomness())), nil
}

func sameBeacon(a, b beacon.File) bool {
	return a.Chain == b.Chain && a.Round == b.Round && bytes.Equal(a.Signature, b.Signature) && bytes.Equal(a.Previous, b.Previous)
}

// drawRecomputed is check 10: manifest, register and beacon give the logged result, seat by seat. The list
// of a draw over panels must hold whether there is a result or not.
func (e *evidence) drawRecomputed() (string, error) {
	if err := e.lotteriesHold(); err != nil {
		return "", err
	}
	if !e.beaconed {
		return "", e.withoutBeacon()
	}
	var texts []string
	drawn := false
	for i, d := range e.draws {
		e.opts.progress("draw", int64(i), int64(len(e.draws)))
		switch {
		case d.result != nil:
			text, err := e.recompute(d)
			if err != nil {
				return "", naming(d, err)
			}
			texts, drawn = append(texts, text), true
		case d.lottery != nil:
			texts = append(texts, d.name()+": "+d.lottery.text())
		}
	}
	if !drawn {
		texts = append([]string{"no draw has a result, nothing to recompute"}, texts...)
	}
	return e.mark(each(texts)), nil
}

// withoutBeacon is the outcome when the lists of panels hold and no result can be looked at.
func (e *evidence) withoutBeacon() error {
	var err error = notChecked(9)
	for _, d := range e.draws {
		if d.lottery != nil {
			err = fmt.Errorf("%w; %s: %s", err, d.name(), d.lottery.text())
		}
	}
	return err
}

var errNoRegister = errors.New("the file of its register is not in the bundle")

func (e *evidence) recompute(d *draw) (string, error) {
	if err := e.ctx.Err(); err != nil {
		return "", unreadable{err}
	}
	reg := e.registers[d.file].Register
	if reg == nil {
		return "", errNoRegister
	}
	if err := d.manifest.CheckRegister(reg); err != nil {
		return "", err
	}
	want, err := sortition.Draw(d.manifest, reg, d.result.Beacon.Beacon)
	if err != nil {
		return "", err
	}
	if want.Seed != d.result.Seed {
		return "", fmt.Errorf("the seed is %s, the record says %s", want.Seed, d.result.Seed)
	}
	if err := e.compareResult(d, want); err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s: seed %s; %s among %s", d.name(), short(want.Seed), d.outcome(want), plural(int64(reg.Size()), "person", "people"))
	if d.lottery != nil {
		text += "; " + d.lottery.text()
	}
	return text, nil
}

func (e *evidence) compareResult(d *draw, want sortition.Result) error {
	blob := d.result.Result
	data, ok := e.results[blob.SHA256]
	if !ok {
		return fmt.Errorf("the result with SHA-256 %s is not in the bundle", short(blob.SHA256))
	}
	if int64(len(data)) != blob.Bytes {
		return fmt.Errorf("the result has %s bytes, the record says %s", count(int64(len(data))), count(blob.Bytes))
	}
	got, err := sortition.ParseResult(data)
	if err != nil {
		return err
	}
	again, err := want.Canonical()
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return firstDifference(want, got)
	}
	return nil
}

// firstDifference names the place in which a false result differs from the true one.
func firstDifference(want, got sortition.Result) error {
	switch {
	case got.Commit != want.Commit || got.Seed != want.Seed:
		return fmt.Errorf("the result names commit %s and seed %s, the draw has %s and %s", short(got.Commit), short(got.Seed), short(want.Commit), short(want.Seed))
	case want.Panel != nil && got.Panel != nil:
		return fmt.Errorf("the result says panel %d, the draw gives panel %d", *got.Panel, *want.Panel)
	}
	for i := range min(len(want.Strata), len(got.Strata)) {
		w, g := want.Strata[i], got.Strata[i]
		if w.Stratum != g.Stratum {
			return fmt.Errorf("stratum %d is %q in the result, %q in the manifest", i+1, g.Stratum, w.Stratum)
		}
		if err := errors.Join(differ(w.Stratum, "seat", w.Seats, g.Seats), differ(w.Stratum, "alternate", w.Alternates, g.Alternates)); err != nil {
			return err
		}
	}
	return errors.New("the result has another form than the draw")
}

func differ(stratum, what string, want, got []string) error {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(want):
			return fmt.Errorf("stratum %q: the result has %s %d, the draw gives %d", stratum, what, i+1, len(want))
		case i >= len(got):
			return fmt.Errorf("stratum %q: the result leaves out %s %d, the draw gives %s", stratum, what, i+1, want[i])
		case want[i] != got[i]:
			return fmt.Errorf("stratum %q %s %d: the result says %.60q, the draw gives %s", stratum, what, i+1, got[i], want[i])
		}
	}
	return nil
}

// outcome sums up a true result.
func (d *draw) outcome(r sortition.Result) string {
	if r.Panel != nil {
		return fmt.Sprintf("panel %d (from 0) of %s, %s", *r.Panel, plural(d.manifest.Panels.Count, "panel", "panels"),
			plural(int64(len(d.lottery.line)), "person drawn", "people drawn"))
	}
	m := d.manifest
	var seats, alternates, empty int64
	var names []string
	for i, s := range r.Strata {
		seats, alternates = seats+int64(len(s.Seats)), alternates+int64(len(s.Alternates))
		empty += m.Strata[i].Seats - int64(len(s.Seats)) + m.Strata[i].Alternates - int64(len(s.Alternates))
		names = append(names, fmt.Sprintf("%s %d+%d", s.Stratum, len(s.Seats), len(s.Alternates)))
	}
	text := plural(seats, "seat", "seats") + " and " + plural(alternates, "alternate", "alternates")
	if len(m.StrataBy) > 0 {
		text += " (" + few(names) + ")"
	}
	if empty > 0 {
		text += ", " + plural(empty, "place", "places") + " empty for want of people"
	}
	return text
}
