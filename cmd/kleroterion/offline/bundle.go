package offline

import (
	"context"
	"io"
	"os"

	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/verify"
)

// VerifyBundle makes the checks of docs/spec/bundle.md on one file.
func VerifyBundle(ctx context.Context, w io.Writer, in BundleCheck, asJSON bool) error {
	opts, err := options(in.Policy, in.LogKey, in.ChainInfo, in.Progress)
	if err != nil {
		return err
	}
	f, err := os.Open(in.File)
	if err != nil {
		return Unusable(err, "")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Unusable(err, "")
	}
	b, err := bundle.Open(f, info.Size())
	if err != nil {
		return unusablef("fetch the file again, whole and as it is", "%s: %w", in.File, err)
	}
	report, err := verify.Bundle(ctx, b, opts)
	if err != nil {
		return unusablef("fetch the file again, whole and as it is", "%s: %w", in.File, err)
	}
	return writeReport(w, report, asJSON)
}
