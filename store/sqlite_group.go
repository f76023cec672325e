package store

import (
	"context"
	"fmt"
	"time"
)

// loop serves until close, and then whoever was already waiting.
func (w *sqliteWriter) loop() {
	defer close(w.stopped)
	for {
		select {
		case r := <-w.queue:
			w.group(r)
		case <-w.closing:
			w.drain()
			return
		}
	}
}

func (w *sqliteWriter) drain() {
	for {
		select {
		case r := <-w.queue:
			w.group(r)
		default:
			w.emptyLog()
			return
		}
	}
}

// group runs first and the writes queued behind it in one transaction, and answers all of them when
// the commit is on disk. Those that failed wait as well: what they read, and failed on, may be the
// uncommitted work of another one in the group.
func (w *sqliteWriter) group(first *request) {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		first.answer <- fmt.Errorf("begin transaction: %w", err)
		return
	}
	gather := time.NewTimer(maxGather)
	defer gather.Stop()
	var ran []*request
	var kept int64
	var broken error
	for r := first; r != nil && broken == nil; r = w.next(len(ran), gather.C) {
		var begun bool
		if begun, broken = w.serve(r); begun {
			ran = append(ran, r)
		}
		if begun && r.failed == nil {
			kept++
		}
	}
	w.end(ran, w.commit(kept > 0, broken))
	w.groups.Add(1)
	w.writes.Add(kept)
}

// end answers a group whose commit came to err.
func (w *sqliteWriter) end(ran []*request, err error) {
	for _, r := range ran {
		if err == nil {
			r.answer <- r.failed
		} else {
			r.answer <- err
		}
	}
	if w.scrub {
		w.emptyLog()
	}
}

// next returns a write that waits, nil when there is none or the group is full or old.
func (w *sqliteWriter) next(size int, late <-chan time.Time) *request {
	if size >= maxGroup {
		return nil
	}
	select {
	case <-late:
		return nil
	default:
	}
	select {
	case r := <-w.queue:
		return r
	default:
		return nil
	}
}

// serve runs one write in its savepoint and reports whether its fn was begun, and so waits for an
// answer. broken means that the shared transaction is lost: SQLite itself rolls back on a full disk or
// an I/O error, and then there is no savepoint to return to.
func (w *sqliteWriter) serve(r *request) (begun bool, broken error) {
	if err := w.exec("SAVEPOINT one"); err != nil {
		r.answer <- fmt.Errorf("begin savepoint: %w", err)
		return false, err
	}
	t := newTx(context.WithoutCancel(r.ctx), w.orm, &guard{pool: w.conn, onQuery: w.onQuery})
	select {
	case r.turn <- t:
	case <-r.gone:
		return false, w.exec("RELEASE one")
	}
	if r.failed = <-r.ran; r.failed != nil {
		return true, w.exec("ROLLBACK TO one; RELEASE one")
	}
	w.scrub = w.scrub || t.scrub
	return true, w.exec("RELEASE one")
}

// commit makes the group durable. An empty group has nothing to sync.
func (w *sqliteWriter) commit(any bool, broken error) error {
	if broken == nil && any {
		broken = w.exec("COMMIT")
		if broken == nil {
			return nil
		}
	}
	rollback := w.exec("ROLLBACK") // fails where SQLite has already rolled back: the same end
	if broken != nil {
		return fmt.Errorf("transaction lost, nothing was stored: %w", broken)
	}
	return rollback
}

// emptyLog moves all pages into the database file, where secure_delete has overwritten what was
// erased, and cuts the write-ahead log, which may hold older copies. Where a reader still needs the
// log it stays, and the next commit tries again.
func (w *sqliteWriter) emptyLog() {
	var busy, frames, moved int
	row := w.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := row.Scan(&busy, &frames, &moved); err == nil && busy == 0 {
		w.scrub = false
	}
}

func (w *sqliteWriter) exec(statement string) error {
	_, err := w.conn.ExecContext(context.Background(), statement)
	return err
}
