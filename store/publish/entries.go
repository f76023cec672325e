package publish

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/service"
	"kleroterion/service/audit"
)

// entries reads the records from..to-1: all of them, each with the leaf hash of its bytes, which is
// also the one in the tree. Nothing that fails this is ever published.
func (p *Publisher) entries(ctx context.Context, from, to int64) (list []service.LogEntry, err error) {
	err = p.o.DB.Read(ctx, func(tx service.Tx) error {
		list, err = tx.Entries(from, int(to-from))
		return err
	})
	if err != nil {
		return nil, err
	}
	stored, err := p.o.DB.LogHashes(ctx, leafIndexes(from, to))
	if err != nil {
		return nil, err
	}
	for i, want := range stored {
		seq := from + int64(i)
		if i >= len(list) || list[i].Seq != seq {
			return nil, refuse(ruleDamagedLog, "record %d is missing", seq)
		}
		if leaf := audit.LeafHash(list[i].Record); leaf != want || list[i].Leaf != want {
			return nil, refuse(ruleDamagedLog, "record %d has leaf hash %s, its row says %s and the tree %s", seq, leaf, list[i].Leaf, want)
		}
	}
	return list, nil
}

// leafIndexes are where the leaf hashes of the records from..to-1 are stored.
func leafIndexes(from, to int64) []int64 {
	indexes := make([]int64, 0, to-from)
	for seq := from; seq < to; seq++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, seq))
	}
	return indexes
}
