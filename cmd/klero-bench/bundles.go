package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"kleroterion/randomness/register"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/audit/verify"
)

// bundleRows verifies the bundle of one draw, on two cores, beside the hashes, HMACs and pairings
// that nobody could leave out.
func bundleRows(ctx context.Context, b *bench) ([]Row, error) {
	n := b.sizes.people
	b.status.say("writing the bundle")
	e, err := newEvening(n)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(b.dir, "bundle.klero")
	if err := e.write(path); err != nil {
		return nil, err
	}
	policy, err := checkpoint.LogPolicy(e.log.vkey)
	if err != nil {
		return nil, err
	}
	check := func() error { return verifyFile(ctx, path, policy) }
	least, err := e.least()
	if err != nil {
		return nil, err
	}
	t, err := onCores(2, func() ([]time.Duration, error) {
		return b.medians(ctx, b.sizes.some(), timed(check), timed(least))
	})
	if err != nil {
		return nil, err
	}
	grown, err := watch(check)
	if err != nil {
		return nil, err
	}
	name := "bundle.verify." + short(n)
	speed := Row{Name: name, What: fmt.Sprintf("all checks on a draw's bundle of %s, two cores", size(int64(len(e.file)))), Figure: took(t[0])}
	return []Row{
		speed.against(took(t[1]), "its hashes, HMACs and pairings alone").promise(at(n, within(took(3*time.Second)))),
		{Name: name + ".memory", What: "heap while verifying", Figure: size(grown.heap)},
	}, nil
}

// verifyFile does what klero-verify does with a file.
func verifyFile(ctx context.Context, path string, policy checkpoint.Policy) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	opened, err := bundle.Open(f, info.Size())
	if err != nil {
		return err
	}
	report, err := verify.Bundle(ctx, opened, verify.Options{Policy: &policy})
	if err != nil {
		return err
	}
	return holds(report)
}

// holds is an error that names the first check that failed.
func holds(r verify.Report) error {
	for _, c := range r.Checks {
		if !c.OK {
			return fmt.Errorf("check %d, %s: %s", c.No, c.Name, c.Evidence)
		}
	}
	return nil
}

// least is the work that no verifier can leave out: the digest and the tree of the register's file,
// a ticket for every entry, and two beacons, the draw's and the one before it.
func (e *evening) least() (func() error, error) {
	chain, value, err := quicknet()
	if err != nil {
		return nil, err
	}
	k, err := newBare(chain, value)
	if err != nil {
		return nil, err
	}
	tree := newBareTree(e.file)
	return func() error {
		tree.run()
		bareTickets(e.register.IDs())
		if tree.root != e.register.Root() {
			return errors.New("the bare pass has another root")
		}
		return errors.Join(k.points(), k.pairing(), k.points(), k.pairing())
	}, nil
}

// write packs the bundle.
func (e *evening) write(path string) error {
	entries, err := e.log.proven()
	if err != nil {
		return err
	}
	policy, err := checkpoint.LogPolicy(e.log.vkey)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = bundle.Write(f, bundle.Contents{CreatedBy: "klero-bench", Subject: e.manifest.Draw, Entries: entries, Beacons: e.beacons,
		Blobs: []bundle.Blob{inMemory(e.file, e.register.FileSHA256()), inMemory(e.result, e.resultSum)}, Policy: []byte(policy.Text())})
	return errors.Join(err, f.Close())
}

func inMemory(data []byte, sum audit.Hash) bundle.Blob {
	return bundle.Blob{Blob: audit.Blob{SHA256: sum, Bytes: int64(len(data))},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// readTown is the register file of n people and the register that it makes.
func readTown(n int) ([]byte, *register.Register, error) {
	file, err := io.ReadAll(newPeople(n))
	if err != nil {
		return nil, nil, err
	}
	r, err := register.Read(bytes.NewReader(file))
	return file, r, err
}
