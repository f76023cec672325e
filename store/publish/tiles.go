package publish

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service/audit"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// TileName is where a tile of hashes at this level is published; EntriesName the same for the bundle
// of records. A width below 256 is a partial tile at the right edge. https://c2sp.org/tlog-tiles
func TileName(level int, n int64, width int) string {
	return fmt.Sprintf("tile/%d/%s", level, tilePlace(n, width))
}

// EntriesName is where a bundle of records is published.
func EntriesName(n int64, width int) string { return "tile/entries/" + tilePlace(n, width) }

// tilePlace writes 1234067 as x001/x234/067.
func tilePlace(n int64, width int) string {
	place := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		place = fmt.Sprintf("x%03d/%s", n%1000, place)
	}
	if width < tileWidth {
		place += fmt.Sprintf(".p/%d", width)
	}
	return place
}

// writeTiles publishes the tiles and bundles that the tree of to records has beyond that of from.
func (p *Publisher) writeTiles(ctx context.Context, w *writer, from, to int64) error {
	for _, t := range tlog.NewTiles(tileHeight, from, to) {
		data, err := tlog.ReadTileData(t, treeHashes{ctx, p.o.DB})
		if err != nil {
			return fmt.Errorf("tile %d of level %d: %w", t.N, t.L, err)
		}
		if err := w.replace(TileName(t.L, t.N, t.W), data); err != nil {
			return err
		}
	}
	for n := from / tileWidth; n*tileWidth < to; n++ {
		if err := p.writeEntries(ctx, w, n, to); err != nil {
			return err
		}
	}
	return nil
}

// writeEntries publishes one bundle: each record after its length in two bytes.
func (p *Publisher) writeEntries(ctx context.Context, w *writer, n, to int64) error {
	entries, err := p.entries(ctx, n*tileWidth, min((n+1)*tileWidth, to))
	if err != nil {
		return err
	}
	var data []byte
	for _, e := range entries {
		if len(e.Record) > audit.MaxRecord {
			return refuse(ruleDamagedLog, "record %d has %d bytes", e.Seq, len(e.Record))
		}
		data = binary.BigEndian.AppendUint16(data, uint16(len(e.Record)))
		data = append(data, e.Record...)
	}
	return w.replace(EntriesName(n, len(entries)), data)
}

// prune removes the partial tiles of those that became full: readers of an older checkpoint take the
// beginning of the full one. It comes last, so dying here leaves files that are right and not needed.
func (p *Publisher) prune(w *writer, from, to int64) error {
	for level, size := 0, to; size > 0; level, size = level+1, size>>tileHeight {
		first := from >> (tileHeight * (level + 1))
		for n := first; (n+1)*tileWidth <= size; n++ {
			names := []string{TileName(level, n, tileWidth)}
			if level == 0 {
				names = append(names, EntriesName(n, tileWidth))
			}
			for _, name := range names {
				if err := w.files.remove(filepath.Join(w.dir, filepath.FromSlash(name)) + ".p"); err != nil {
					return fmt.Errorf("remove partial tiles of %s: %w", name, err)
				}
			}
		}
	}
	return nil
}

// treeHashes is tlog.HashReader on the database.
type treeHashes struct {
	ctx context.Context
	db  Database
}

// ReadHashes implements tlog.HashReader.
func (h treeHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list, err := h.db.LogHashes(h.ctx, indexes)
	out := make([]tlog.Hash, len(list))
	for i, sum := range list {
		out[i] = tlog.Hash(sum)
	}
	return out, err
}
