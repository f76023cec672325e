package verify

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/service/audit"
)

// listed is what a published list of panels says of itself, and why it is none.
type listed struct {
	panels          int64
	onePerHousehold bool
	fault           error
}

// takeLottery holds the opening of a draw over panels to the list that the log publishes. Who sits on the
// panels, and how fair they are, needs the register: the draw's bundle shows it.
func (s *scan) takeLottery(m *sortition.Manifest) error {
	want := m.Panels
	if want == nil {
		return nil
	}
	s.lotteries++
	l, known := s.lists[want.FileSHA256]
	if !known {
		var err error
		if l, err = s.readList(want.FileSHA256); err != nil {
			return err
		}
		s.lists[want.FileSHA256] = l
	}
	switch {
	case l.fault != nil:
		return fmt.Errorf("draw %d: %w", m.Seq, l.fault)
	case l.panels != want.Count:
		return fmt.Errorf("draw %d: the list has %s, the manifest says %s", m.Seq, plural(l.panels, "panel", "panels"), count(want.Count))
	case l.onePerHousehold != m.OnePerHousehold:
		return fmt.Errorf("draw %d: one_per_household is %t in the list and %t in the manifest", m.Seq, l.onePerHousehold, m.OnePerHousehold)
	}
	return nil
}

// readList reads a published list of panels. An error ends the scan.
func (s *scan) readList(want audit.Hash) (listed, error) {
	name := want.String()
	data, err := s.read("blob/sha256/" + name[:2] + "/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		return listed{fault: fmt.Errorf("its list of panels: %w", err)}, nil
	}
	if err != nil {
		return listed{}, err
	}
	if got := beacon.Hash(sha256.Sum256(data)); got != want {
		return listed{fault: fmt.Errorf("its list of panels: the file published as %s has SHA-256 %s", short(want), short(got))}, nil
	}
	f, err := panelfile.Read(data)
	if err != nil {
		return listed{fault: fmt.Errorf("its list of panels: %w", err)}, nil
	}
	return listed{panels: f.Result.Panels, onePerHousehold: f.OnePerHousehold}, nil
}

// panelDrawn computes the whole result of a draw over panels, which needs no register.
func (o opening) panelDrawn(b audit.DrawResult) error {
	if o.panels == 0 {
		return nil
	}
	panel := int64(randomness.Seed(b.Seed).Uniform("panel", uint64(o.panels)))
	want, err := sortition.Result{Commit: o.commit, Panel: &panel, Seed: b.Seed, V: 1}.Canonical()
	if err != nil {
		return err
	}
	if (b.Result != audit.Blob{SHA256: sha256.Sum256(want), Bytes: int64(len(want))}) {
		return fmt.Errorf("the result is not panel %d (from 0) of %s, which its beacon gives", panel, count(o.panels))
	}
	return nil
}
