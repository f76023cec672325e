package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/store/tlog"
)

const checkpointName = "checkpoint"

// sign returns the newest kept checkpoint, after it has signed and kept one over the log as it is. It
// is nil while the log is empty. If the process dies before KeepNote has committed, the signature is
// lost with it; nobody has seen it.
func (p *Publisher) sign(ctx context.Context) ([]byte, checkpoint.Checkpoint, error) {
	head, err := p.head(ctx)
	if err != nil {
		return nil, checkpoint.Checkpoint{}, err
	}
	if head.Size > head.SignedSize {
		if err := p.signHead(ctx, head); err != nil {
			return nil, checkpoint.Checkpoint{}, err
		}
		if head, err = p.head(ctx); err != nil {
			return nil, checkpoint.Checkpoint{}, err
		}
	}
	if len(head.Note) == 0 {
		return nil, checkpoint.Checkpoint{}, nil
	}
	kept, err := p.openNote(head.Note)
	if err != nil {
		return nil, checkpoint.Checkpoint{}, fmt.Errorf("kept checkpoint: %w", err)
	}
	return head.Note, kept, nil
}

// signHead signs a tree that extends the one signed before. Another replica may be faster: then its
// note stands, and this one is dropped.
func (p *Publisher) signHead(ctx context.Context, head service.LogHead) error {
	if err := p.checkHead(ctx, head); err != nil {
		return err
	}
	c := checkpoint.Checkpoint{Origin: p.o.Signer.Name(), Size: head.Size, Root: head.Root}
	signed, err := checkpoint.Sign(c, p.o.Signer)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	if err := p.o.DB.KeepNote(ctx, head.Size, signed); err != nil && !errors.Is(err, service.ErrStale) {
		return fmt.Errorf("keep checkpoint: %w", err)
	}
	return nil
}

// checkHead compares the head, and the tree that was signed last, with the stored hashes.
func (p *Publisher) checkHead(ctx context.Context, head service.LogHead) error {
	if err := p.checkRoot(ctx, checkpoint.Checkpoint{Size: head.Size, Root: head.Root}, ruleDamagedLog); err != nil {
		return err
	}
	if len(head.Note) == 0 {
		return nil
	}
	kept, err := p.openNote(head.Note)
	if err != nil {
		return refuse(ruleOtherKey, "the checkpoint in the database does not open: %v", err)
	}
	if kept.Size != head.SignedSize || kept.Size > head.Size {
		return refuse(ruleDamagedLog, "the database keeps a checkpoint of %d records as one of %d, and has %d", kept.Size, head.SignedSize, head.Size)
	}
	return p.checkRoot(ctx, kept, ruleDamagedLog)
}

// checkRoot computes the root at c's size from the stored hashes.
func (p *Publisher) checkRoot(ctx context.Context, c checkpoint.Checkpoint, rule Rule) error {
	root, err := tlog.TreeHash(hashes{ctx, p.o.DB}, c.Size)
	if err != nil {
		return err
	}
	if root != c.Root {
		return refuse(rule, "the first %d records have root %s in the database, the checkpoint says %s", c.Size, root, c.Root)
	}
	return nil
}

func (p *Publisher) head(ctx context.Context) (head service.LogHead, err error) {
	err = p.o.DB.Read(ctx, func(tx service.Tx) error {
		head, err = tx.LogHead()
		return err
	})
	return head, err
}

func (p *Publisher) openNote(b []byte) (checkpoint.Checkpoint, error) {
	c, _, err := checkpoint.Open(b, p.policy)
	return c, err
}

// published reads the checkpoint in the directory, the zero value where there is none.
func (p *Publisher) published() (checkpoint.Checkpoint, error) {
	b, err := os.ReadFile(filepath.Join(p.o.Dir, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return checkpoint.Checkpoint{}, nil
	}
	if err != nil {
		return checkpoint.Checkpoint{}, fmt.Errorf("published checkpoint: %w", err)
	}
	c, err := p.openNote(b)
	if err != nil {
		return checkpoint.Checkpoint{}, refuse(ruleOtherKey, "the published checkpoint does not open under this log's key: %v", err)
	}
	return c, nil
}

// hashes is tlog.Reader on the database.
type hashes struct {
	ctx context.Context
	db  Database
}

// Hashes implements tlog.Reader.
func (h hashes) Hashes(indexes []int64) ([]audit.Hash, error) { return h.db.LogHashes(h.ctx, indexes) }
