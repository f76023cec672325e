package offline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/audit/verify"
)

// LogCheck names what is checked of a log, and by what.
type LogCheck struct {
	Where     string // folder or URL
	Policy    string // file, or empty
	LogKey    string // verifier key in place of a policy, or empty
	ChainInfo string
	State     string // folder that keeps the checkpoint of each log checked; empty keeps none
	Progress  func(step string, done, total int64)
}

// VerifyLog reads a whole log and makes the checks of docs/spec/record.md. When all hold, the
// checkpoint is kept, so that the next check shows that the log only grew.
func VerifyLog(ctx context.Context, w io.Writer, in LogCheck, asJSON bool) error {
	src, err := Source(in.Where)
	if err != nil {
		return err
	}
	opts, err := options(in.Policy, in.LogKey, in.ChainInfo, in.Progress)
	if err != nil {
		return err
	}
	note, err := src.Read(ctx, "checkpoint")
	if err != nil {
		return Unusable(err, "")
	}
	kept := in.keptFile(note)
	if opts.Saved, err = readKept(kept); err != nil {
		return err
	}
	report, err := verify.Log(ctx, src, opts)
	if err != nil {
		return Unusable(err, "")
	}
	if err := writeReport(w, report, asJSON); err != nil {
		return err
	}
	return keep(kept, note)
}

// options are the auditor's own: whom to believe, and which dev chain.
func options(policyFile, logKey, chainInfo string, progress func(string, int64, int64)) (verify.Options, error) {
	brought := verify.Brought{LogKey: logKey}
	for _, in := range []struct {
		file string
		into *[]byte
	}{{policyFile, &brought.Policy}, {chainInfo, &brought.ChainInfo}} {
		if in.file == "" {
			continue
		}
		var err error
		if *in.into, err = os.ReadFile(in.file); err != nil {
			return verify.Options{}, Unusable(err, "")
		}
	}
	opts, err := brought.Options()
	if err != nil {
		return verify.Options{}, Unusable(err, "docs/guides/auditor.md shows a policy")
	}
	opts.Progress = progress
	return opts, nil
}

// writeReport prints a report and turns a failed check into ErrFalse.
func writeReport(w io.Writer, r verify.Report, asJSON bool) error {
	show := verify.Fprint
	if asJSON {
		show = verify.FprintJSON
	}
	err := show(w, r)
	if err == nil && !r.OK {
		err = fmt.Errorf("%w: %s does not verify", ErrFalse, r.Subject)
	}
	return err
}

// keptFile is where the checkpoint of this log is kept; the origin is the note's first line.
func (in LogCheck) keptFile(note []byte) string {
	origin, _, ok := strings.Cut(string(note), "\n")
	if in.State == "" || !ok {
		return ""
	}
	return filepath.Join(in.State, strings.NewReplacer("/", "_", "..", "_", `\`, "_").Replace(origin)+".checkpoint")
}

// readKept reads the checkpoint that an earlier check kept. Its signature was verified then.
func readKept(file string) (*checkpoint.Checkpoint, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, Unusable(err, "")
	}
	text, _, _ := strings.Cut(string(b), "\n\n")
	c, err := checkpoint.Parse(text + "\n")
	if err != nil {
		return nil, unusablef("remove it to begin anew", "%s: %w", file, err)
	}
	return &c, nil
}

func keep(file string, note []byte) error {
	if file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return Unusable(err, "choose another folder with --state")
	}
	return os.WriteFile(file, note, 0o600)
}

// BundleCheck names a bundle and by what it is checked.
type BundleCheck struct {
	File      string
	Policy    string
	LogKey    string
	ChainInfo string
	Progress  func(step string, done, total int64)
}
