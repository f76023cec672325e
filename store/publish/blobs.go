package publish

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/poll"
)

const (
	entriesAtOnce = 256 // of one tile
	pagesAtOnce   = 64  // of a register, about 1 to 5 MB
)

// BlobName is where a blob is published, docs/spec/record.md.
func BlobName(sum audit.Hash) string {
	hex := sum.String()
	return "blob/sha256/" + hex[:2] + "/" + hex
}

// writeBlobs publishes what the records from..to-1 name by digest.
func (p *Publisher) writeBlobs(ctx context.Context, w *writer, from, to int64) error {
	for seq := from; seq < to; seq += entriesAtOnce {
		entries, err := p.entries(ctx, seq, min(seq+entriesAtOnce, to))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := p.writeBlob(ctx, w, e); err != nil {
				return fmt.Errorf("record %d: %w", e.Seq, err)
			}
		}
	}
	return nil
}

// writeBlob publishes what one record names. Of most kinds, such as ballots and gifts, none does: they
// are not read.
func (p *Publisher) writeBlob(ctx context.Context, w *writer, e service.LogEntry) error {
	switch e.Kind {
	case audit.KindDrawOpen, audit.KindDrawResult, audit.KindRegisterCommit, audit.KindProjectMove, audit.KindRoundWeights, audit.KindRoundResult:
	default:
		return nil
	}
	record, err := audit.Decode(e.Record)
	if err != nil {
		return err
	}
	body, err := record.Decoded()
	if err != nil {
		return err
	}
	switch b := body.(type) {
	case audit.DrawOpen:
		return p.writePanels(ctx, w, b.Manifest)
	case audit.DrawResult:
		return w.blob(b.Result, func(to io.Writer) error { return p.copySmall(ctx, to, b.Result.SHA256) })
	case audit.RegisterCommit:
		file := audit.Blob{SHA256: b.File, Bytes: b.Bytes}
		return w.blob(file, func(to io.Writer) error { return p.copyRegister(ctx, to, b.Root) })
	case audit.ProjectMove:
		if b.Text != nil {
			return p.writeSmall(ctx, w, *b.Text)
		}
	case audit.RoundWeights:
		return p.writeSmall(ctx, w, b.File)
	case audit.RoundResult:
		return p.writeSmall(ctx, w, b.File)
	}
	return nil
}

// writePanels publishes the panel file of a draw of method panels, whose length its manifest does not say.
func (p *Publisher) writePanels(ctx context.Context, w *writer, manifest []byte) error {
	m, err := sortition.ParseManifest(manifest)
	if err != nil || m.Panels == nil {
		return err
	}
	var data []byte
	err = p.o.DB.Read(ctx, func(tx service.Tx) error {
		data, err = tx.Blob(m.Panels.FileSHA256)
		return err
	})
	if err != nil {
		return err
	}
	file := audit.Blob{SHA256: m.Panels.FileSHA256, Bytes: int64(len(data))}
	return w.blob(file, func(to io.Writer) error {
		_, err := to.Write(data)
		return err
	})
}

func (p *Publisher) writeSmall(ctx context.Context, w *writer, f poll.File) error {
	return w.blob(audit.Blob{SHA256: f.SHA256, Bytes: f.Bytes}, func(to io.Writer) error { return p.copySmall(ctx, to, f.SHA256) })
}

// blob writes a file named by its digest, and gives it that name only when it has it.
func (w *writer) blob(b audit.Blob, content func(io.Writer) error) error {
	there, err := w.has(BlobName(b.SHA256), b.Bytes)
	if err != nil || there {
		return err
	}
	return w.stream(BlobName(b.SHA256), func(to io.Writer) error {
		sum, size := sha256.New(), &counter{}
		if err := content(io.MultiWriter(to, sum, size)); err != nil {
			return err
		}
		if audit.Hash(sum.Sum(nil)) != b.SHA256 || size.n != b.Bytes {
			return refuse(ruleDamagedLog, "the blob %s of %d bytes has SHA-256 %x and %d bytes in the database", b.SHA256, b.Bytes, sum.Sum(nil), size.n)
		}
		return nil
	})
}

func (p *Publisher) copySmall(ctx context.Context, to io.Writer, sum audit.Hash) error {
	var data []byte
	err := p.o.DB.Read(ctx, func(tx service.Tx) (err error) {
		data, err = tx.Blob(sum)
		return err
	})
	if err != nil {
		return err
	}
	_, err = to.Write(data)
	return err
}

// copyRegister streams the pages of a frozen register: they never change, so that each batch may be
// read in a transaction of its own.
func (p *Publisher) copyRegister(ctx context.Context, to io.Writer, root beacon.Hash) error {
	var id string
	err := p.o.DB.Read(ctx, func(tx service.Tx) error {
		r, err := tx.RegisterByRoot(root)
		id = r.ID
		return err
	})
	for from := int64(0); err == nil; {
		var pages []service.Page
		err = p.o.DB.Read(ctx, func(tx service.Tx) (err error) {
			pages, err = tx.Pages(id, from, pagesAtOnce)
			return err
		})
		if err != nil || len(pages) == 0 {
			break
		}
		for _, page := range pages {
			if _, err := to.Write(page.Data); err != nil {
				return err
			}
		}
		from = pages[len(pages)-1].N + 1
	}
	return err
}

// counter counts what is written to it.
type counter struct{ n int64 }

// Write implements io.Writer.
func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}
