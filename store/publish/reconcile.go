package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
)

// Reconcile compares database, key and directory before a service starts, and removes the remains of
// interrupted steps. It returns a *Refusal where the database does not continue what was published.
// It signs and publishes nothing.
func (p *Publisher) Reconcile(ctx context.Context) error {
	return p.locked(ctx, func() error {
		if err := p.sweep(); err != nil {
			return err
		}
		published, err := p.checkContinuity(ctx)
		if err != nil {
			return err
		}
		if err := p.checkEdge(ctx, published); err != nil {
			return err
		}
		if err := p.prune(&writer{files: p.files, dir: p.o.Dir}, 0, published.Size); err != nil {
			return err
		}
		p.reached.set(published.Size)
		return nil
	})
}

// sweep removes files without a name. Only the holder of the lock has such files, and that is us.
func (p *Publisher) sweep() error {
	dir := filepath.Join(p.o.Dir, tempDir)
	left, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("public directory: %w", err)
	}
	for _, f := range left {
		if err := p.files.remove(filepath.Join(dir, f.Name())); err != nil {
			return fmt.Errorf("public directory: %w", err)
		}
	}
	return nil
}

// checkContinuity returns the published checkpoint, which the database continues.
func (p *Publisher) checkContinuity(ctx context.Context) (checkpoint.Checkpoint, error) {
	none := checkpoint.Checkpoint{}
	if err := p.checkKey(ctx); err != nil {
		return none, err
	}
	head, err := p.head(ctx)
	if err != nil {
		return none, err
	}
	if err := p.checkHead(ctx, head); err != nil {
		return none, err
	}
	published, err := p.published()
	if err != nil || published == none {
		return none, err
	}
	if published.Size > head.Size {
		return none, refuseOlder(published.Size, head.Size)
	}
	return published, p.checkRoot(ctx, published, ruleOtherRoot)
}

// checkKey compares the key with the one that the database's log began with.
func (p *Publisher) checkKey(ctx context.Context) error {
	of, err := p.o.DB.Instance(ctx)
	if errors.Is(err, service.ErrNotFound) {
		return fmt.Errorf("database has no log yet: store its origin and key first: %w", err)
	}
	if err != nil {
		return err
	}
	if of.VKey != p.o.VKey || of.Origin != p.o.Signer.Name() {
		return refuse(ruleOtherKey, "the log of %s has the key %s, this is %s", of.Origin, of.VKey, p.o.VKey)
	}
	return nil
}

// checkEdge re-hashes the newest records, where an interrupted write or a quiet edit would show first:
// records, stored hashes and the published tile of level 0 must agree.
func (p *Publisher) checkEdge(ctx context.Context, published checkpoint.Checkpoint) error {
	head, err := p.head(ctx)
	if err != nil {
		return err
	}
	if published.Size > 0 {
		if err := p.checkTile(ctx, published.Size); err != nil {
			return err
		}
	}
	_, err = p.edgeHashes(ctx, head.Size)
	return err
}

// checkTile compares the right-most published tile of level 0 with the records.
func (p *Publisher) checkTile(ctx context.Context, size int64) error {
	want, err := p.edgeHashes(ctx, size)
	if err != nil {
		return err
	}
	name := TileName(0, (size-1)/tileWidth, len(want)/len(audit.Hash{}))
	got, err := os.ReadFile(filepath.Join(p.o.Dir, filepath.FromSlash(name)))
	if err != nil {
		return refuse(RuleDamagedTile, "%s of the published checkpoint cannot be read: %v", name, err)
	}
	if !bytes.Equal(got, want) {
		return refuse(RuleDamagedTile, "%s does not hold the hashes of its records", name)
	}
	return nil
}

// edgeHashes returns the leaf hashes of the records in the right-most tile of a tree of size records.
func (p *Publisher) edgeHashes(ctx context.Context, size int64) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	first := (size - 1) / tileWidth * tileWidth
	entries, err := p.entries(ctx, first, size)
	if err != nil {
		return nil, err
	}
	var all []byte
	for _, e := range entries {
		all = append(all, e.Leaf[:]...)
	}
	return all, nil
}
