package offline

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// LotteryFolder names a folder that [Panels] wrote.
type LotteryFolder struct {
	Dir       string
	ChainInfo string // of a devchain, or empty
	JSON      bool
}

// VerifyPanels checks a lottery from its files: quotas and people give the problem, the certificate is
// added up again, every panel is counted, and so are everybody's panels; a draw is made again. It shares
// the verifier with the solver, and nothing else.
func VerifyPanels(w, notes io.Writer, in LotteryFolder) error {
	f := lotteryFolder{LotteryFolder: in}
	if err := f.open(); err != nil {
		return err
	}
	verdict, err := panels.Verify(f.problem, f.result)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFalse, certificateFile, err)
	}
	on, err := f.countPanels()
	if err != nil {
		return err
	}
	if err := f.checkChances(on); err != nil {
		return err
	}
	d, err := f.checkDraw(notes)
	if err != nil {
		return err
	}
	return f.say(w, verdict, d)
}

type lotteryFolder struct {
	LotteryFolder
	fixed   fixed
	commit  beacon.Hash
	files   map[string][]byte
	problem *quota.Problem
	result  *panels.Result
}

func (f *lotteryFolder) read(name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(f.Dir, name))
	if err != nil {
		return nil, Unusable(err, "give the folder that kleroterion panels wrote, with all its files")
	}
	return b, nil
}

// open reads the files, compares them with lottery.json and makes the problem.
func (f *lotteryFolder) open() error {
	text, err := f.read(lotteryFile)
	if err != nil {
		return err
	}
	if err := canonical.Unmarshal(bytes.TrimSuffix(text, []byte("\n")), &f.fixed); err != nil || f.fixed.V != 1 {
		return unusablef("it is written by kleroterion panels and never edited", "%s: version %d: %w", lotteryFile, f.fixed.V, inOneLine(err, errLotteryForm))
	}
	if _, f.commit, err = f.fixed.commit(); err != nil {
		return err
	}
	f.files = map[string][]byte{}
	for _, name := range []string{quotaFile, peopleFile, panelFile, chanceFile, certificateFile} {
		if f.files[name], err = f.read(name); err != nil {
			return err
		}
	}
	if len(f.fixed.Files) != len(f.files) {
		return fmt.Errorf("%w: %s fixes %d files, want %d", ErrFalse, lotteryFile, len(f.fixed.Files), len(f.files))
	}
	if err := f.parse(); err != nil {
		return err
	}
	for _, name := range []string{quotaFile, peopleFile, panelFile, chanceFile, certificateFile} {
		if f.fixed.Files[name] != sha256.Sum256(f.files[name]) {
			return fmt.Errorf("%w: %s is not the file that %s fixes", ErrFalse, name, lotteryFile)
		}
	}
	return nil
}

var (
	errLotteryForm = errors.New("want a lottery of version 1")
	errDrawForm    = errors.New("want a draw of version 1")
)

func (f *lotteryFolder) parse() error {
	quotas, err := quota.ReadQuotas(bytes.NewReader(f.files[quotaFile]))
	if err != nil {
		return unusablef("", "%s: %s", quotaFile, oneLine(err))
	}
	people, err := readPeople(f.files[peopleFile], quotas)
	if err != nil {
		return err
	}
	if f.problem, err = quota.New(f.fixed.Size, quotas, people); err != nil {
		return unusablef("", "%s and %s: %s", quotaFile, peopleFile, oneLine(err))
	}
	if f.result, err = panels.Parse(bytes.TrimSuffix(f.files[certificateFile], []byte("\n"))); err != nil {
		return unusablef("it is written by kleroterion panels and never edited", "%s: %w", certificateFile, err)
	}
	if f.result.Method != f.fixed.Method || f.result.Panels != f.fixed.Panels {
		return fmt.Errorf("%w: %s is of %d panels by %s, %s says %d by %s", ErrFalse, certificateFile, f.result.Panels, f.result.Method, lotteryFile, f.fixed.Panels, f.fixed.Method)
	}
	return nil
}

// checkDraw makes the draw again, where there was one.
func (f *lotteryFolder) checkDraw(notes io.Writer) (*drawn, error) {
	text, err := os.ReadFile(filepath.Join(f.Dir, drawFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, Unusable(err, "")
	}
	var d drawn
	if err := canonical.Unmarshal(bytes.TrimSuffix(text, []byte("\n")), &d); err != nil || d.V != 1 {
		return nil, unusablef("it is written by kleroterion panels and never edited", "%s: version %d: %w", drawFile, d.V, inOneLine(err, errDrawForm))
	}
	if d.Commit != f.commit {
		return nil, fmt.Errorf("%w: %s is of another lottery, with the commit %v", ErrFalse, drawFile, d.Commit)
	}
	if at := f.fixed.Beacon; at != nil && (d.Chain == nil || *d.Chain != at.Chain || d.Round != at.Round) {
		return nil, fmt.Errorf("%w: %s was not made with round %d, which %s announces", ErrFalse, drawFile, at.Round, lotteryFile)
	}
	again := d
	if d.Chain != nil {
		chain, err := findChain(d.Chain.String(), f.ChainInfo)
		if err != nil {
			return nil, err
		}
		if err := again.roll(chain, f.fixed.Panels); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFalse, drawFile, err)
		}
		rehearsed(notes, chain)
	}
	if again.Panel != d.Panel || !bytes.Equal(again.Seed, d.Seed) || d.Panel < 0 || d.Panel >= f.fixed.Panels {
		return nil, fmt.Errorf("%w: %s says panel %d; the lottery has %d, and the round gives %d", ErrFalse, drawFile, d.Panel, f.fixed.Panels, again.Panel)
	}
	return &d, nil
}

func (f *lotteryFolder) say(w io.Writer, v panels.Verdict, d *drawn) error {
	if f.JSON {
		out := map[string]any{"v": 1, "ok": true, "commit": f.commit, "method": f.fixed.Method, "panels": f.fixed.Panels, "size": f.fixed.Size,
			"proved": v.Optimal, "gap": panels.Ratio{Rat: v.Gap}, "lowest": v.Lowest, "highest": v.Highest}
		if d != nil {
			out["panel"] = d.Panel
		}
		return writeJSON(w, out)
	}
	proof := "proved: no lottery is fairer by more than 1 in " + strconv.FormatInt(f.fixed.Panels, 10)
	if !v.Optimal {
		proof = "valid, not proved to the end: the gap is at most " + v.Gap.FloatString(6)
	}
	draw := "not drawn yet"
	switch {
	case d == nil:
	case d.Chain != nil:
		draw = fmt.Sprintf("DRAWN: panel %d, by round %d", d.Panel, d.Round)
	default:
		draw = fmt.Sprintf("DRAWN: panel %d, by hand: no round proves it", d.Panel)
	}
	_, err := fmt.Fprintf(w, "commit: %v\n%d panels of %d, each counted; a candidate is on %d to %d of them\n%s\n%s\n", f.commit, f.fixed.Panels, f.fixed.Size, v.Lowest, v.Highest, proof, draw)
	return err
}
