package store

import (
	"errors"
	"fmt"

	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/store/tlog"
)

type entryRow struct {
	Seq     int64 `gorm:"primaryKey;autoIncrement:false"`
	Kind    string
	Subject string
	N       int64
	Leaf    digest
	Record  blob
}

func (entryRow) TableName() string { return "log_entries" }

func (r entryRow) domain() service.LogEntry {
	return service.LogEntry{
		Seq: r.Seq, Kind: audit.Kind(r.Kind), Subject: r.Subject, N: r.N, Leaf: audit.Hash(r.Leaf), Record: r.Record,
	}
}

// Append implements service.LogRows.
func (t *tx) Append(kind audit.Kind, subject string, seen *audit.Seen, body any) (service.LogEntry, error) {
	if t.log == nil {
		t.log = tlog.New(logRows{t})
	}
	e, err := t.log.Append(kind, subject, seen, body)
	return e, t.broken("append to the log", err)
}

// Entry implements service.LogRows.
func (t *tx) Entry(seq int64) (service.LogEntry, error) {
	return one[entryRow](t, fmt.Sprintf("record %d of the log", seq), t.orm.Where("seq = ?", seq))
}

// EntriesOf implements service.LogRows.
func (t *tx) EntriesOf(subject string) ([]service.LogEntry, error) {
	return all[entryRow](t, "records of "+subject, t.orm.Where("subject = ?", subject).Order("seq"))
}

// EntriesAfter implements service.LogRows.
func (t *tx) EntriesAfter(subject string, n int64, limit int) ([]service.LogEntry, error) {
	q := t.orm.Where("subject = ? AND n > ?", subject, n).Order("n")
	return list[entryRow](t, "records of "+subject, q, limit)
}

// EntriesAt implements service.LogRows. It is written out: a poll asks for the last ballots of those who vote
// again.
func (t *tx) EntriesAt(subject string, numbers []int64) ([]service.LogEntry, error) {
	list, err := t.entriesAt(subject, numbers)
	return list, t.broken("records of "+subject, err)
}

func (t *tx) entriesAt(subject string, numbers []int64) ([]service.LogEntry, error) {
	out := []service.LogEntry{}
	if len(numbers) == 0 {
		return out, nil
	}
	condition, value, err := anyOf(t.dialect, "n", "$2", "bigint", numbers)
	if err != nil {
		return nil, err
	}
	rows, err := t.pool.QueryContext(t.orm.Statement.Context,
		"SELECT seq, kind, subject, n, leaf, record FROM log_entries WHERE subject = $1 AND "+condition+" ORDER BY n", subject, value)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(&r.Seq, &r.Kind, &r.Subject, &r.N, &r.Leaf, &r.Record); err != nil {
			return nil, err
		}
		out = append(out, r.domain())
	}
	return out, rows.Err()
}

// Entries implements service.LogRows.
func (t *tx) Entries(from int64, limit int) ([]service.LogEntry, error) {
	return list[entryRow](t, "records of the log", t.orm.Where("seq >= ?", from).Order("seq"), limit)
}

// InclusionPath implements service.LogRows.
func (t *tx) InclusionPath(seq, size int64) ([]audit.Hash, error) {
	if err := t.within(seq >= 0 && seq < size, size); err != nil {
		return nil, err
	}
	path, err := tlog.InclusionPath(logRows{t}, seq, size)
	return path, t.broken("inclusion proof", err)
}

// ConsistencyPath implements service.LogRows.
func (t *tx) ConsistencyPath(old, size int64) ([]audit.Hash, error) {
	if err := t.within(old >= 0 && old <= size, size); err != nil {
		return nil, err
	}
	path, err := tlog.ConsistencyPath(logRows{t}, old, size)
	return path, t.broken("consistency proof", err)
}

// within answers service.ErrNotFound for a tree that the log does not have.
func (t *tx) within(ok bool, size int64) error {
	head, err := t.head()
	if err != nil {
		return t.broken("head of the log", err)
	}
	if !ok || size > head.Size {
		return fmt.Errorf("tree of %d records, the log has %d: %w", size, head.Size, service.ErrNotFound)
	}
	return nil
}

// logRows is tlog.Rows in this transaction.
type logRows struct{ t *tx }

var _ tlog.Rows = logRows{}

// Last implements tlog.Rows.
func (r logRows) Last(subject string) (n int64, leaf audit.Hash, err error) {
	err = r.t.take([]any{&n, (*digest)(&leaf)},
		"SELECT n, leaf FROM log_entries WHERE subject = $1 ORDER BY n DESC LIMIT 1", subject)
	if errors.Is(err, service.ErrNotFound) {
		return 0, audit.Hash{}, nil
	}
	return n, leaf, err
}

// Add implements tlog.Rows.
func (r logRows) Add(entries []service.LogEntry, at int64, hashes []audit.Hash) error {
	err := r.t.insertColumns("log_entries", onlyNew, len(entries),
		columnOf("seq", "bigint", entries, func(e *service.LogEntry) int64 { return e.Seq }),
		columnOf("kind", "text", entries, func(e *service.LogEntry) string { return string(e.Kind) }),
		columnOf("subject", "text", entries, func(e *service.LogEntry) string { return e.Subject }),
		columnOf("n", "bigint", entries, func(e *service.LogEntry) int64 { return e.N }),
		columnOf("leaf", "bytea", entries, func(e *service.LogEntry) []byte { return e.Leaf[:] }),
		columnOf("record", "bytea", entries, func(e *service.LogEntry) []byte { return e.Record }))
	if err != nil {
		return fmt.Errorf("entries: %w", err)
	}
	indexes := make([]int64, len(hashes))
	for i := range indexes {
		indexes[i] = at + int64(i)
	}
	err = r.t.insertColumns("log_nodes", onlyNew, len(hashes),
		columnOf("idx", "bigint", indexes, func(i *int64) int64 { return *i }),
		columnOf("hash", "bytea", hashes, func(h *audit.Hash) []byte { return h[:] }))
	if err != nil {
		return fmt.Errorf("tree hashes: %w", err)
	}
	return nil
}
