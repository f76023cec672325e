package store

import (
	"context"
	"fmt"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/store/tlog"
)

type headRow struct {
	ID   int64 `gorm:"primaryKey;autoIncrement:false"` // 1
	Size int64
	Root digest
}

func (headRow) TableName() string { return "log_head" }

type signedRow struct {
	ID   int64 `gorm:"primaryKey;autoIncrement:false"` // 1
	Size int64
	Note blob
}

func (signedRow) TableName() string { return "log_signed" }

type nodeRow struct {
	Idx  int64 `gorm:"primaryKey;autoIncrement:false"`
	Hash digest
}

func (nodeRow) TableName() string { return "log_nodes" }

// LogHead implements service.LogRows. Origin is empty before KeepInstance.
func (t *tx) LogHead() (service.LogHead, error) {
	head, err := t.head()
	if err != nil {
		return service.LogHead{}, t.broken("head of the log", err)
	}
	var signed signedRow
	if err := t.orm.Take(&signed, "id = 1").Error; err != nil {
		return service.LogHead{}, t.broken("signed head of the log", err)
	}
	var of []instanceRow // one or none
	if err := t.orm.Find(&of, "id = 1").Error; err != nil {
		return service.LogHead{}, t.broken("origin of the log", err)
	}
	h := service.LogHead{Size: head.Size, Root: audit.Hash(head.Root), SignedSize: signed.Size, Note: signed.Note}
	if len(of) == 1 {
		h.Origin = of[0].Origin
	}
	return h, nil
}

func (t *tx) head() (headRow, error) {
	var h headRow
	err := t.orm.Take(&h, "id = 1").Error
	return h, err
}

// Lock implements tlog.Rows.
func (r logRows) Lock() (head tlog.Head, err error) {
	statement := "SELECT size, root FROM log_head WHERE id = 1"
	if r.t.dialect == dialectPostgres {
		statement += " FOR UPDATE"
	}
	err = r.t.take([]any{&head.Size, (*digest)(&head.Root)}, statement)
	return head, err
}

// Swap implements tlog.Rows.
func (r logRows) Swap(old, next tlog.Head) error {
	n, err := r.t.exec("UPDATE log_head SET size = $1, root = $2 WHERE id = 1 AND size = $3", next.Size, next.Root[:], old.Size)
	if err := met(n, err, service.ErrStale); err != nil {
		return fmt.Errorf("log of %d records: %w", old.Size, err)
	}
	return nil
}

// Hashes implements tlog.Reader.
func (r logRows) Hashes(indexes []int64) ([]audit.Hash, error) {
	at, err := r.nodes(indexes)
	if err != nil {
		return nil, err
	}
	out := make([]audit.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := at[index]
		if !ok {
			return nil, fmt.Errorf("log is damaged: tree hash %d is missing", index)
		}
		out[i] = h
	}
	return out, nil
}

// nodes returns those of the tree hashes that are there.
func (r logRows) nodes(indexes []int64) (map[int64]audit.Hash, error) {
	at := make(map[int64]audit.Hash, len(indexes))
	if len(indexes) == 0 {
		return at, nil
	}
	args := make([]any, len(indexes))
	for i, index := range indexes {
		args[i] = index
	}
	rows, err := r.t.pool.QueryContext(r.t.orm.Statement.Context,
		"SELECT idx, hash FROM log_nodes WHERE idx IN ("+places(r.t.dialect, 0, len(args))+")", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var index int64
		var h audit.Hash
		if err := rows.Scan(&index, (*digest)(&h)); err != nil {
			return nil, err
		}
		at[index] = h
	}
	return at, rows.Err()
}

// LogHashes returns stored tree hashes by their index in golang.org/x/mod/sumdb/tlog's order. They
// never change once written. At most 1,000 at once.
func (db *DB) LogHashes(ctx context.Context, indexes []int64) (hashes []audit.Hash, err error) {
	err = db.engine.read(ctx, func(t *tx) error {
		hashes, err = logRows{t}.Hashes(indexes)
		return err
	})
	return hashes, err
}

// KeepNote stores the signed checkpoint over the first size records. It is service.ErrStale where one
// of this size or a larger is kept already: then that one is the one to publish.
func (db *DB) KeepNote(ctx context.Context, size int64, note []byte) error {
	return db.engine.write(ctx, func(t *tx) error {
		res := t.orm.Model(&signedRow{}).Where("id = 1 AND size < ?", size).
			Updates(map[string]any{"size": size, "note": blob(note)})
		return t.changed(fmt.Sprintf("checkpoint of %d records", size), res, service.ErrStale)
	})
}
