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
			w.share(r)
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
			w.share(r)
		default:
			w.emptyLog()
			return
		}
	}
}

// share runs first and the writes queued behind it in one transaction, and answers all of them when
// the commit is on disk. Those that failed wait as well: what they read, and failed on, may be the
// uncommitted work of another one in the group.
func (w *sqliteWriter) share(first *request) {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		first.answer <- fmt.Errorf("begin transaction: %w", err)
		return
	}
	gather := time.NewTimer(maxGather)
	defer gather.Stop()
	g := group{}
	for r := first; r != nil; r = w.next(&g, gather.C) {
		w.serve(r, &g)
	}
	err := w.commit(&g)
	if w.scrub {
		w.emptyLog()
	}
	for _, r := range g.ran {
		if err == nil {
			r.answer <- r.failed
		} else {
			r.answer <- err
		}
	}
	w.groups.Add(1)
	w.writes.Add(g.kept)
}

// group is the writes that share one transaction.
type group struct {
	ran  []*request // in their order; all wait for an answer
	kept int64      // of them, those that did not fail
	// lost means that the transaction is gone: SQLite itself rolls back on a full disk or an I/O error,
	// and then there is no savepoint to return to.
	lost error
}

// next returns a write that waits, nil when there is none or the group is lost, full or old. Who is
// taken from the queue must be served.
func (w *sqliteWriter) next(g *group, late <-chan time.Time) *request {
	if g.lost != nil || len(g.ran) >= maxGroup {
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

// serve runs one write in its savepoint, unless its caller has left.
func (w *sqliteWriter) serve(r *request, g *group) {
	if g.lost = w.exec("SAVEPOINT one"); g.lost != nil {
		r.answer <- fmt.Errorf("begin savepoint: %w", g.lost)
		return
	}
	t := newTx(context.WithoutCancel(r.ctx), w.orm, &guard{pool: w.conn, onQuery: w.onQuery})
	select {
	case r.turn <- t:
	case <-r.gone:
		g.lost = w.exec("RELEASE one")
		return
	}
	g.ran = append(g.ran, r)
	if r.failed = <-r.ran; r.failed != nil {
		g.lost = w.exec("ROLLBACK TO one; RELEASE one")
		return
	}
	g.kept++
	w.scrub = w.scrub || t.scrub
	g.lost = w.exec("RELEASE one")
}

// commit makes the group durable. One that changed nothing has nothing to sync.
func (w *sqliteWriter) commit(g *group) error {
	if g.lost == nil && g.kept > 0 {
		if g.lost = w.exec("COMMIT"); g.lost == nil {
			return nil
		}
	}
	rollback := w.exec("ROLLBACK") // fails where SQLite has already rolled back: the same end
	if g.lost != nil {
		return fmt.Errorf("transaction lost, nothing was stored: %w", g.lost)
	}
	return rollback
}

// emptyLog moves all pages into the database file, where secure_delete has overwritten what was
// erased, and cuts the write-ahead log, which may hold older copies. Where a reader still needs the
// log it stays, and the next commit tries again: nobody waits for readers.
func (w *sqliteWriter) emptyLog() {
	if w.pragma("PRAGMA busy_timeout(0)") != nil {
		return
	}
	var busy, frames, moved int
	row := w.conn.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := row.Scan(&busy, &frames, &moved); err == nil && busy == 0 {
		w.scrub = false
	}
	if w.pragma(fmt.Sprintf("PRAGMA busy_timeout(%d)", busyTimeout)) != nil {
		w.scrub = true // and again with the next commit
	}
}

func (w *sqliteWriter) exec(statement string) error {
	_, err := w.conn.ExecContext(context.Background(), statement)
	return err
}

// pragma is parsed anew each time: some take effect while they are parsed.
func (w *sqliteWriter) pragma(statement string) error {
	_, err := w.conn.conn.ExecContext(context.Background(), statement)
	return err
}
