package offline

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

// Files names the inputs of a draw.
type Files struct {
	Manifest  string
	Register  string
	Beacon    string
	ChainInfo string // of a devchain, or empty
}

// Draw recomputes a draw from its files and writes {"commit","seed","result"|"panel"}. Remarks that
// do not change the outcome go to notes.
func Draw(w, notes io.Writer, in Files) error {
	m, err := readManifest(in.Manifest)
	if err != nil {
		return err
	}
	chain, err := findChain(m.Beacon.Chain.String(), in.ChainInfo)
	if err != nil {
		return err
	}
	if err := m.CheckRound(chain); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFalse, in.Manifest, err)
	}
	b, err := readBeacon(in.Beacon)
	if err != nil {
		return err
	}
	if err := beacon.Verify(chain, m.Beacon.Round, b); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFalse, in.Beacon, err)
	}
	r, err := readRegister(notes, in.Register)
	if err != nil {
		return err
	}
	return drawAndWrite(w, notes, m, r, b)
}

func drawAndWrite(w, notes io.Writer, m *sortition.Manifest, r *register.Register, b beacon.Beacon) error {
	result, err := sortition.Draw(m, r, b)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFalse, err)
	}
	if m.Rehearsal {
		fmt.Fprintln(notes, "REHEARSAL: this chain decides nothing")
	}
	if err := m.CheckRegister(r); err != nil {
		fmt.Fprintf(notes, "note: the service would not have opened this draw: %v\n", err)
	}
	out := map[string]any{"commit": result.Commit, "seed": result.Seed}
	if result.Panel != nil {
		out["panel"] = *result.Panel
	} else {
		out["result"] = result.Strata
	}
	return writeJSON(w, out)
}

// readManifest reads a manifest as a person may have laid it out; what is committed to is its
// canonical form.
func readManifest(file string) (*sortition.Manifest, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, Unusable(err, "")
	}
	plain, err := canonical.Transform(b)
	if err != nil {
		return nil, unusablef("docs/spec/draw.md lists the members", "%s: %w", file, err)
	}
	m, err := sortition.ParseManifest(plain)
	if err != nil {
		return nil, unusablef("docs/spec/draw.md lists the members", "%s: %w", file, err)
	}
	return m, nil
}

// readRegister reads a register's file. A file whose lines mean the same but are laid out or sorted
// otherwise is put in order, with a note: the manifest names the register by its root, so nothing
// but the right people can pass.
func readRegister(notes io.Writer, file string) (*register.Register, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, Unusable(err, "")
	}
	defer f.Close()
	r, err := register.Read(f)
	if err == nil {
		return r, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, Unusable(err, "")
	}
	r, again := reorder(f)
	if again != nil {
		return nil, unusablef("kleroterion register build writes such a file", "%s: %w", file, errors.Join(err, again))
	}
	fmt.Fprintf(notes, "note: %s is not in canonical form (%v); read in the form that the root is taken of\n", file, err)
	return r, nil
}

func reorder(f io.Reader) (*register.Register, error) {
	var entries []register.Entry
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<16)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		plain, err := canonical.Transform(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		e, err := register.ParseLine(plain)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		entries = append(entries, e)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return register.FromEntries(entries)
}
