package verify

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/service/audit"
)

// registerMatches is check 5: every register that a draw names is the one that was committed.
func (e *evidence) registerMatches() (string, error) {
	var texts []string
	for i, r := range e.records {
		commit, ok := r.body.(audit.RegisterCommit)
		if !ok {
			continue
		}
		reg, have := e.registers[commit.File]
		if !have {
			if !e.drawnFrom(commit) {
				continue
			}
			return "", fmt.Errorf("%s: the file with SHA-256 %s that it commits to is not in the bundle", r.record.Subject, short(commit.File))
		}
		if err := reg.matches(commit); err != nil {
			return "", fmt.Errorf("%s (records/%04d.json): %w", r.record.Subject, i, err)
		}
		texts = append(texts, fmt.Sprintf("%s: %s, root %s, sorted, no id twice; %s", r.record.Subject,
			plural(commit.Size, "person", "people"), short(commit.Root), cells(reg.Register)))
	}
	if len(texts) == 0 {
		return "", errors.New("the bundle commits to no register")
	}
	return each(texts), nil
}

func (e *evidence) drawnFrom(c audit.RegisterCommit) bool {
	for _, d := range e.draws {
		if ref := d.manifest.Register; ref.Root == c.Root && ref.Size == c.Size {
			return true
		}
	}
	return false
}

// matches compares a register with everything that its record says of it.
func (f registerFile) matches(c audit.RegisterCommit) error {
	if f.fault != nil {
		return f.fault
	}
	root, digest := beacon.Hash(f.Root()), beacon.Hash(f.FileSHA256())
	switch {
	case root != c.Root:
		return fmt.Errorf("the lines have the root %s, committed is %s", root, c.Root)
	case int64(f.Size()) != c.Size:
		return fmt.Errorf("%s lines, committed are %s", count(int64(f.Size())), count(c.Size))
	case digest != c.File || f.Bytes() != c.Bytes:
		return fmt.Errorf("the file has SHA-256 %s and %s bytes, committed are %s and %s", digest, count(f.Bytes()), c.File, count(c.Bytes))
	}
	return f.describes(c)
}

// describes checks what the record says about the content of the register, beyond its identity.
func (f registerFile) describes(c audit.RegisterCommit) error {
	features, small := map[string]bool{}, audit.SmallCellsNone
	for _, cell := range f.Cells() {
		for name := range cell.Features {
			features[name] = true
		}
		if int64(cell.Count) < c.K {
			small = audit.SmallCellsPublished
		}
	}
	if names := slices.Sorted(maps.Keys(features)); !slices.Equal(names, c.Features) {
		return fmt.Errorf("the lines disclose the features %q, the record says %q", names, c.Features)
	}
	if small != c.SmallCells {
		return fmt.Errorf("small_cells is %q for k %d, the lines say %q", c.SmallCells, c.K, small)
	}
	if c.Households != f.HasHouseholds() {
		return fmt.Errorf("households is %t, the lines say otherwise", c.Households)
	}
	if c.Sealed != f.HasSealed() {
		return fmt.Errorf("sealed is %t, the lines say otherwise", c.Sealed)
	}
	return nil
}

func cells(r *register.Register) string {
	smallest := r.Size()
	for _, c := range r.Cells() {
		smallest = min(smallest, c.Count)
	}
	return fmt.Sprintf("%s, the smallest of %s", plural(int64(len(r.Cells())), "combination of features", "combinations of features"),
		plural(int64(smallest), "person", "people"))
}
