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
func (r logRows) Add(e service.LogEntry, at int64, hashes []audit.Hash) error {
	n, err := r.t.exec("INSERT INTO log_entries (seq, kind, subject, n, leaf, record) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
		e.Seq, string(e.Kind), e.Subject, e.N, e.Leaf[:], e.Record)
	if err := met(n, err, service.ErrExists); err != nil {
		return fmt.Errorf("entry: %w", err)
	}
	return r.t.insertMany("tree hashes", batch{
		table: "log_nodes", columns: []string{"idx", "hash"}, rows: len(hashes),
		row: func(i int, dst []any) []any { return append(dst, at+int64(i), hashes[i][:]) },
	})
}
