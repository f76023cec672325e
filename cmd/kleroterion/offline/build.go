package offline

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
)

// Build names the inputs of a register that is made from files.
type Build struct {
	In                string
	Out               string // folder
	Mapping           string // file, or empty to guess from the header
	K                 int    // smallest cell to publish
	PublishSmallCells bool
	DryRun            bool
	Entropy           io.Reader
	Progress          func(done, total int64) // bytes read
}

// Summary is what a build answers with. Nothing in it is personal.
type Summary struct {
	Root       beacon.Hash `json:"root"`
	Size       int64       `json:"size"`
	FileSHA256 beacon.Hash `json:"file_sha256"`
	Bytes      int64       `json:"bytes"`
	SmallCells string      `json:"small_cells"`
	Entries    string      `json:"entries"` // public
	Private    string      `json:"private"` // never to be published
}

// BuildRegister makes a register of a CSV file: the private rows, the public entries, their root.
// Everything that is wrong with the file is reported at once, to notes, and then nothing is written.
func BuildRegister(w, notes io.Writer, in Build) error {
	report, rows, err := in.read()
	if err != nil {
		return err
	}
	if err := in.judge(notes, report); err != nil {
		return err
	}
	if in.DryRun {
		report.Problems = []register.Problem{}
		return json.NewEncoder(w).Encode(report)
	}
	sum, err := in.write(rows)
	if err != nil {
		return err
	}
	if sum.SmallCells = "none"; len(report.SmallCells) > 0 {
		sum.SmallCells = "published"
	}
	if err := in.writeSummary(sum); err != nil {
		return err
	}
	return writeJSON(w, sum)
}

// read seals all rows of the file under a fresh register key.
func (in Build) read() (register.Report, []register.Private, error) {
	f, err := os.Open(in.In)
	if err != nil {
		return register.Report{}, nil, Unusable(err, "")
	}
	defer f.Close()
	options := register.Options{Entropy: in.Entropy}
	if options.Mapping, err = in.mapping(); err != nil {
		return register.Report{}, nil, err
	}
	counted := &counting{r: f, told: in.Progress}
	if info, err := f.Stat(); err == nil {
		counted.total = info.Size()
	}
	rows, err := register.NewImporter(counted, options)
	if err != nil {
		return register.Report{}, nil, Unusable(err, "")
	}
	sealed, err := in.seal(rows)
	return rows.Report(in.K), sealed, err
}

func (in Build) seal(rows *register.Importer) ([]register.Private, error) {
	key, err := register.NewSecret(in.Entropy)
	if err != nil {
		return nil, err
	}
	sealer, err := register.NewSealer(key, bufio.NewReaderSize(in.Entropy, 8192))
	if err != nil {
		return nil, err
	}
	var list []register.Private
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, Unusable(err, "")
		}
		if in.DryRun || !rows.OK() {
			continue
		}
		p, err := sealer.Seal(row)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
}

func (in Build) mapping() (*register.Mapping, error) {
	if in.Mapping == "" {
		return nil, nil
	}
	b, err := os.ReadFile(in.Mapping)
	if err != nil {
		return nil, Unusable(err, "")
	}
	m, err := register.ParseMapping(b)
	if err != nil {
		return nil, unusablef("docs/guides/host-city.md shows a mapping", "%s: %w", in.Mapping, err)
	}
	return &m, nil
}

// judge refuses a file with problems, or with cells so small that they point at people.
func (in Build) judge(notes io.Writer, report register.Report) error {
	for _, p := range report.Problems {
		fmt.Fprintf(notes, "row %d, column %q, value %q: %s (%s)\n", p.Row, p.Column, p.Value, p.Message, p.Rule)
	}
	if !report.OK {
		return unusablef("mend the rows above; nothing was written", "%s: the file breaks rules %v", in.In, report.ProblemCounts)
	}
	if len(report.LeftOut) > 0 {
		fmt.Fprintf(notes, "note: columns left out: %q\n", report.LeftOut)
	}
	if len(report.SmallCells) > 0 && !in.PublishSmallCells && !in.DryRun {
		return unusablef("merge values, seal a feature in the mapping, or pass --publish-small-cells knowingly",
			"%s: %d combinations of features have fewer than %d people each", in.In, len(report.SmallCells), in.K)
	}
	return nil
}

// write puts entries.jsonl (public) and private.jsonl into the folder; both are new files.
func (in Build) write(rows []register.Private) (Summary, error) {
	entries := make([]register.Entry, len(rows))
	for i, p := range rows {
		entries[i] = p.Entry
	}
	r, err := register.FromEntries(entries)
	if err != nil {
		return Summary{}, Unusable(err, "")
	}
	if err := in.makeFolder(); err != nil {
		return Summary{}, err
	}
	sum := Summary{Root: r.Root(), Size: int64(r.Size()), FileSHA256: r.FileSHA256(), Bytes: r.Bytes(),
		Entries: filepath.Join(in.Out, "entries.jsonl"), Private: filepath.Join(in.Out, "private.jsonl")}
	if err := newFile(sum.Entries, 0o644, func(w io.Writer) error { _, err := r.WriteTo(w); return err }); err != nil {
		return Summary{}, err
	}
	return sum, newFile(sum.Private, 0o600, func(w io.Writer) error { return writePrivate(w, rows) })
}

// makeFolder makes the folder, or accepts an empty one: a register is written whole, beside nothing.
func (in Build) makeFolder() error {
	if err := os.MkdirAll(in.Out, 0o700); err != nil {
		return Unusable(err, "")
	}
	there, err := os.ReadDir(in.Out)
	if err != nil {
		return Unusable(err, "")
	}
	if len(there) > 0 {
		return unusablef("choose an empty folder: a register is never overwritten", "%s: %s exists", in.Out, there[0].Name())
	}
	return nil
}

func writePrivate(w io.Writer, rows []register.Private) error {
	for _, p := range rows {
		err := writeJSON(w, map[string]any{"id": canonical.Hex(p.Entry.ID[:]), "record": json.RawMessage(p.Record), "salt": canonical.Hex(p.Salt[:])})
		if err != nil {
			return err
		}
	}
	return nil
}

func (in Build) writeSummary(sum Summary) error {
	return newFile(filepath.Join(in.Out, "register.json"), 0o644, func(w io.Writer) error { return writeJSON(w, sum) })
}

// newFile writes a file of a register, which must not exist.
func newFile(path string, mode os.FileMode, fill func(io.Writer) error) error {
	return freshFile(path, mode, "choose an empty folder: a register is never overwritten", fill)
}

// freshFile writes a file that must not exist, whole or not at all. hint says what to do when it does.
func freshFile(path string, mode os.FileMode, hint string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return Unusable(err, hint)
	}
	buffered := bufio.NewWriterSize(f, 1<<16)
	err = errors.Join(fill(buffered), buffered.Flush(), f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// counting tells how many bytes have been read.
type counting struct {
	r     io.Reader
	done  int64
	total int64
	told  func(done, total int64)
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	if c.told != nil {
		c.told(c.done, c.total)
	}
	return n, err
}
