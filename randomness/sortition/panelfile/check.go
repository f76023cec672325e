package panelfile

import (
	"crypto/sha256"
	"iter"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// Lottery is a panel file that was checked against a register.
type Lottery struct {
	File    *File
	Problem *quota.Problem
	Verdict panels.Verdict
	Panels  [][]string          // the people drawn with each panel, ids ascending; without those seated before
	List    sortition.PanelList // what a manifest of this lottery says
}

// Build makes the file of a lottery, and what the manifest says of it. The result is that of
// panels.Solve on terms.Problem(entries). Nothing is returned that [Check] would not accept.
func Build(entries iter.Seq[register.Entry], terms Terms, r *panels.Result) ([]byte, sortition.PanelList, error) {
	b, err := encode(terms, r)
	if err != nil {
		return nil, sortition.PanelList{}, err
	}
	l, err := Check(b, entries)
	if err != nil {
		return nil, sortition.PanelList{}, err
	}
	return b, l.List, nil
}

// Check does all that can be done with a file and the entries of its register: it reads the file
// strictly, makes the pool, verifies lottery and certificate, seats every panel and computes the root
// over their lines. It trusts nothing in the file.
func Check(b []byte, entries iter.Seq[register.Entry]) (*Lottery, error) {
	l, err := seat(b, entries)
	if err != nil {
		return nil, err
	}
	var tree register.Tree
	for k, ids := range l.Panels {
		if err := l.complete(k, ids); err != nil {
			return nil, err
		}
		line, err := Line(int64(k), ids)
		if err != nil {
			return nil, err
		}
		tree.Append(line)
	}
	l.List = sortition.PanelList{Count: tree.Size(), FileSHA256: sha256.Sum256(b), Root: tree.Root()}
	return l, nil
}

// Panel says who is drawn with panel k, from 0, of a file. It checks all but the root.
func Panel(b []byte, entries iter.Seq[register.Entry], k int64) ([]string, error) {
	l, err := seat(b, entries)
	if err != nil {
		return nil, err
	}
	return l.Panel(k)
}

func seat(b []byte, entries iter.Seq[register.Entry]) (*Lottery, error) {
	f, err := Read(b)
	if err != nil {
		return nil, err
	}
	l := &Lottery{File: f}
	if l.Problem, err = f.Problem(entries); err != nil {
		return nil, err
	}
	// Verify first: Seat would take a lottery of a billion seats at its word.
	if l.Verdict, err = panels.Verify(l.Problem, f.Result); err != nil {
		return nil, wrap(RuleCertificate, err)
	}
	if l.Panels, err = panels.Seat(l.Problem, f.Result.Lottery); err != nil {
		return nil, wrap(RuleCertificate, err)
	}
	return l, nil
}

// complete guards the root: whatever a certificate says, a panel has one person a seat.
func (l *Lottery) complete(k int, ids []string) error {
	if int64(len(ids)) != l.Problem.Size {
		return refuse(RuleCertificate, "panel %d has %d people for %d seats", k, len(ids), l.Problem.Size)
	}
	for i := 1; i < len(ids); i++ {
		if ids[i-1] >= ids[i] {
			return refuse(RuleCertificate, "panel %d seats %s twice", k, ids[i])
		}
	}
	return nil
}

// Is compares the lottery with what a manifest says of it.
func (l *Lottery) Is(list sortition.PanelList, onePerHousehold bool) error {
	switch {
	case list.FileSHA256 != l.List.FileSHA256:
		return refuse(RuleDigest, "the file's SHA-256 is %s, the manifest names %s", l.List.FileSHA256, list.FileSHA256)
	case list.Count != l.List.Count:
		return refuse(RuleCount, "the file has %d panels, the manifest says %d", l.List.Count, list.Count)
	case list.Root != l.List.Root:
		return refuse(RuleRoot, "the panels have root %s, the manifest names %s", l.List.Root, list.Root)
	case onePerHousehold != l.File.OnePerHousehold:
		return refuse(RuleHouseholds, "one_per_household is %t in the file and %t in the manifest", l.File.OnePerHousehold, onePerHousehold)
	}
	return nil
}

// Panel returns the people drawn with panel k, from 0: ids ascending, shared, not to be changed.
func (l *Lottery) Panel(k int64) ([]string, error) {
	if k < 0 || k >= int64(len(l.Panels)) {
		return nil, refuse(RulePanel, "panel %d: there are %d, from 0", k, len(l.Panels))
	}
	return l.Panels[k], nil
}

type line struct {
	Panel int64    `json:"panel"`
	Seats []string `json:"seats"`
}

// Line is the canonical line of panel k, a leaf of the root.
func Line(k int64, ids []string) ([]byte, error) {
	b, err := canonical.Marshal(line{Panel: k, Seats: ids})
	if err != nil {
		return nil, wrap(RuleForm, err)
	}
	return b, nil
}
