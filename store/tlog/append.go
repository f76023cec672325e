package tlog

import (
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/randomness/canonical"
	"kleroterion/service"
	"kleroterion/service/audit"
)

// Head is the number of records and the tree hash over them.
type Head struct {
	Size int64
	Root audit.Hash
}

// Rows is the log as one transaction sees it.
type Rows interface {
	Reader
	// Lock returns the head and keeps others from appending until the transaction ends.
	Lock() (Head, error)
	// Last returns n and leaf hash of the newest record on subject, zeros when there is none.
	Last(subject string) (n int64, leaf audit.Hash, err error)
	// Add writes entries that follow each other and their hashes, the first at stored index at.
	Add(entries []service.LogEntry, at int64, hashes []audit.Hash) error
	// Swap moves the head from old to next, and fails where it is not old.
	Swap(old, next Head) error
}

// Log appends within one transaction. It is not safe for concurrent use.
type Log struct {
	rows    Rows
	locked  bool
	head    Head             // as it is written
	last    map[string]place // newest record of the subjects met so far
	known   cache
	entries []service.LogEntry // appended and not written yet
	hashes  []audit.Hash       // that belong to them
}

type place struct {
	n    int64
	leaf audit.Hash
}

// New returns a Log for one transaction. It reads nothing before the first Append.
func New(rows Rows) *Log {
	return &Log{rows: rows, last: map[string]place{}, known: cache{}}
}

// Append makes the next record of subject. body is what package audit defines for kind; the record is
// checked as a whole before it gets its place. [Log.Flush] writes it.
func (l *Log) Append(kind audit.Kind, subject string, seen *audit.Seen, body any) (service.LogEntry, error) {
	if err := l.lock(); err != nil {
		return service.LogEntry{}, err
	}
	e, err := l.next(kind, subject, seen, body)
	if err != nil {
		return service.LogEntry{}, err
	}
	if err := l.grow(e); err != nil {
		return service.LogEntry{}, err
	}
	l.last[subject] = place{e.N, e.Leaf}
	return e, nil
}

// lock takes the head once, before anything that depends on it is read. Its root must follow from
// the stored hashes, which are kept for the appends.
func (l *Log) lock() error {
	if l.locked {
		return nil
	}
	head, err := l.rows.Lock()
	if err != nil {
		return fmt.Errorf("head of the log: %w", err)
	}
	root, err := tlog.TreeHash(head.Size, l.reader())
	if err != nil {
		return fmt.Errorf("tree of %d records: %w", head.Size, err)
	}
	if audit.Hash(root) != head.Root {
		return fmt.Errorf("log is damaged: the stored hashes of %d records give root %s, the head says %s", head.Size, audit.Hash(root), head.Root)
	}
	l.head, l.locked = head, true
	return nil
}

// next makes the record that continues subject.
func (l *Log) next(kind audit.Kind, subject string, seen *audit.Seen, body any) (service.LogEntry, error) {
	before, ok := l.last[subject]
	if !ok {
		var err error
		if before.n, before.leaf, err = l.rows.Last(subject); err != nil {
			return service.LogEntry{}, fmt.Errorf("last record of %s: %w", subject, err)
		}
	}
	b, err := canonicalOf(body)
	if err != nil {
		return service.LogEntry{}, fmt.Errorf("%s record of %s: body: %w", kind, subject, err)
	}
	record, err := audit.Record{
		Body: json.RawMessage(b), Kind: kind, N: before.n + 1, Prev: before.leaf, Seen: seen, Subject: subject,
	}.Encode()
	if err != nil {
		return service.LogEntry{}, err
	}
	return service.LogEntry{
		Seq: l.head.Size + int64(len(l.entries)), Kind: kind, Subject: subject, N: before.n + 1, Leaf: audit.LeafHash(record), Record: record,
	}, nil
}

// canonicalOf asks a body for its bytes where it knows a shorter way to them. Encode reads them strictly.
func canonicalOf(body any) ([]byte, error) {
	if short, ok := body.(interface{ CanonicalBody() ([]byte, error) }); ok {
		return short.CanonicalBody()
	}
	return canonical.Marshal(body)
}

// grow gives the entry its place and the tree the hashes of the subtrees that it completes.
func (l *Log) grow(e service.LogEntry) error {
	at := tlog.StoredHashIndex(0, e.Seq)
	hashes, err := tlog.StoredHashesForRecordHash(e.Seq, tlog.Hash(e.Leaf), l.reader())
	if err != nil {
		return fmt.Errorf("hashes of record %d: %w", e.Seq, err)
	}
	for i, h := range hashes {
		l.hashes = append(l.hashes, audit.Hash(h))
		l.known[at+int64(i)] = h
	}
	l.entries = append(l.entries, e)
	return nil
}

// Flush writes what was appended since the last time, records and hashes and then the head, so that
// however many records a transaction appends, the root is computed and the head moved once. A caller that
// reads the log in the same transaction flushes before; one that commits must.
func (l *Log) Flush() error {
	if len(l.entries) == 0 {
		return nil
	}
	entries, hashes := l.entries, l.hashes
	l.entries, l.hashes = nil, nil
	next := Head{Size: l.head.Size + int64(len(entries))}
	root, err := tlog.TreeHash(next.Size, l.reader())
	if err != nil {
		return fmt.Errorf("tree of %d records: %w", next.Size, err)
	}
	next.Root = audit.Hash(root)
	if err := l.rows.Add(entries, tlog.StoredHashIndex(0, l.head.Size), hashes); err != nil {
		return fmt.Errorf("records %d to %d: %w", l.head.Size, next.Size-1, err)
	}
	if err := l.rows.Swap(l.head, next); err != nil {
		return fmt.Errorf("head of the log: %w", err)
	}
	l.head = next
	return nil
}

func (l *Log) reader() tlog.HashReader { return reading{rows: l.rows, known: l.known} }
