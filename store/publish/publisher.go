package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/store"
	"kleroterion/store/internal/filelock"
)

// Database is what a publisher reads, and the one thing that it writes. *store.DB has it.
type Database interface {
	service.Store
	// LogHashes returns stored tree hashes by their index in golang.org/x/mod/sumdb/tlog's order.
	LogHashes(ctx context.Context, indexes []int64) ([]audit.Hash, error)
	// KeepNote stores the signed checkpoint of size records; service.ErrStale where one of this size or
	// a larger is kept.
	KeepNote(ctx context.Context, size int64, note []byte) error
	// Instance says whose log the database holds.
	Instance(ctx context.Context) (store.Instance, error)
}

// Options are what a Publisher works with. DB, Signer, VKey and Dir are required.
type Options struct {
	DB     Database
	Signer note.Signer // of the log; its name is the origin
	VKey   string      // its verifier key
	Dir    string      // where the public files go; created with its parents
	// Files are further public files by their name in Dir, such as a devchain's description.
	Files    map[string][]byte
	Interval time.Duration // how long a record may wait for its checkpoint; default 1 s
	Logger   *slog.Logger  // hears of attempts that failed and will be repeated; nil: nobody does
}

// Publisher keeps one directory up to date. It is safe for concurrent use.
type Publisher struct {
	o       Options
	policy  checkpoint.Policy
	statics map[string][]byte
	files   files
	kick    chan struct{}
	wrote   atomic.Bool // this process has written a whole checkpoint, and so the static files
	reached reached
}

// Publisher is what package service waits for.
var _ service.Publisher = (*Publisher)(nil)

const defaultInterval = time.Second

// New checks the options. It touches neither the database nor the directory.
func New(o Options) (*Publisher, error) {
	if o.DB == nil || o.Signer == nil || o.Dir == "" {
		return nil, errors.New("publisher: DB, Signer and Dir are required")
	}
	if o.Interval == 0 {
		o.Interval = defaultInterval
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := checkSigner(o.Signer, o.VKey); err != nil {
		return nil, fmt.Errorf("publisher: %w", err)
	}
	policy, err := checkpoint.LogPolicy(o.VKey)
	if err != nil {
		return nil, fmt.Errorf("publisher: %w", err)
	}
	statics := map[string][]byte{"vkey": []byte(o.VKey + "\n"), "policy.txt": []byte(policy.Text())}
	for name, data := range o.Files {
		if _, taken := statics[name]; taken || !fs.ValidPath(name) || name == checkpointName {
			return nil, fmt.Errorf("publisher: file name %q is taken or not a path below the directory", name)
		}
		statics[name] = data
	}
	return &Publisher{o: o, policy: policy, statics: statics, files: disk{}, kick: make(chan struct{}, 1)}, nil
}

// checkSigner lets the private key sign and the public one verify: two halves that do not belong
// together would publish checkpoints that nobody can open.
func checkSigner(signer note.Signer, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return fmt.Errorf("verifier key: %w", err)
	}
	probe := []byte("kleroterion/key-check/v1\n")
	sig, err := signer.Sign(probe)
	if err != nil {
		return fmt.Errorf("log key does not sign: %w", err)
	}
	if signer.Name() != verifier.Name() || signer.KeyHash() != verifier.KeyHash() || !verifier.Verify(probe, sig) {
		return fmt.Errorf("the key of %s does not belong to the verifier key of %s", signer.Name(), verifier.Name())
	}
	return nil
}

// Step signs the log as it is now and publishes it. It is idempotent: whatever an interrupted Step
// left undone, the next one does. Without anything new it only reads.
func (p *Publisher) Step(ctx context.Context) error {
	return p.locked(ctx, func() error {
		from, err := p.published()
		if err != nil {
			return err
		}
		return p.publish(ctx, from, false)
	})
}

// Rebuild writes every file again from the rows, whatever is there. It refuses as Reconcile does to
// replace a checkpoint that the database does not continue.
func (p *Publisher) Rebuild(ctx context.Context) error {
	return p.locked(ctx, func() error {
		if _, err := p.checkContinuity(ctx); err != nil {
			return err
		}
		return p.publish(ctx, checkpoint.Checkpoint{}, true)
	})
}

// publish moves the directory from one checkpoint to the newest. If the process dies:
//   - before sign has returned, nothing was seen; the next Step signs the same or a later size;
//   - afterwards, anywhere before the last line, files stand there that no published checkpoint names
//     yet, each whole; the next Step writes the missing ones and the same bytes over the others;
//   - in the last line, the old checkpoint is in force or the new one, and both are fully covered.
func (p *Publisher) publish(ctx context.Context, from checkpoint.Checkpoint, again bool) error {
	signed, to, err := p.sign(ctx)
	if err != nil || signed == nil {
		return err
	}
	switch {
	case to.Size < from.Size:
		return refuseOlder(from.Size, to.Size)
	case to == from && p.wrote.Load():
		p.reached.set(to.Size)
		return nil
	}
	if from.Size > 0 {
		if err := p.checkRoot(ctx, from, ruleOtherRoot); err != nil {
			return err
		}
	}
	w := &writer{files: p.files, dir: p.o.Dir, again: again, touched: map[string]bool{}}
	if err := p.writeContents(ctx, w, from.Size, to.Size); err != nil {
		return err
	}
	if err := w.settle(); err != nil { // all of it is on disk …
		return err
	}
	if err := w.replace(checkpointName, signed); err != nil { // … before anything points there
		return err
	}
	if err := w.settle(); err != nil {
		return err
	}
	p.wrote.Store(true)
	p.reached.set(to.Size)
	return p.prune(w, from.Size, to.Size)
}

// writeContents writes everything that a checkpoint of to records covers and one of from does not.
func (p *Publisher) writeContents(ctx context.Context, w *writer, from, to int64) error {
	if err := p.writeBlobs(ctx, w, from, to); err != nil {
		return err
	}
	if err := p.writeTiles(ctx, w, from, to); err != nil {
		return err
	}
	for name, data := range p.statics {
		if err := w.replace(name, data); err != nil {
			return err
		}
	}
	return nil
}

// locked runs fn as the only publisher on this directory, in this process and others.
func (p *Publisher) locked(ctx context.Context, fn func() error) error {
	if err := os.MkdirAll(filepath.Join(p.o.Dir, tempDir), 0o755); err != nil {
		return fmt.Errorf("public directory: %w", err)
	}
	release, err := filelock.Acquire(ctx, filepath.Join(p.o.Dir, ".lock"))
	if err != nil {
		return fmt.Errorf("public directory: %w", err)
	}
	return errors.Join(fn(), release())
}
