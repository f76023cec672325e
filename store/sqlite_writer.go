package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
)

const (
	maxGroup  = 256                   // writes that share one commit
	maxGather = 20 * time.Millisecond // after which a group takes no more
)

// errAborted stands for a fn that panicked or left its goroutine.
var errAborted = errors.New("function did not return")

// sqliteWriter owns the one connection that writes. Its goroutine only opens, groups and commits;
// every fn runs on the goroutine of its caller while the writer waits, so a panic unwinds there.
type sqliteWriter struct {
	pool    *sql.DB
	conn    *prepared
	orm     *gorm.DB
	onQuery func(time.Duration, error)

	queue   chan *request
	closing chan struct{}
	stopped chan struct{}
	once    sync.Once
	scrub   bool // the write-ahead log still holds deleted personal data
	groups  atomic.Int64
	writes  atomic.Int64
}

// request is one Write on its way through the writer.
type request struct {
	ctx    context.Context
	turn   chan *tx      // the writer hands over the transaction …
	gone   chan struct{} // … unless the caller has left
	ran    chan error    // what became of fn
	failed error         // the writer's note of it
	answer chan error    // what became of the commit
}

func startSQLiteWriter(ctx context.Context, pool *sql.DB, onQuery func(time.Duration, error)) (*sqliteWriter, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("writing connection: %w", err)
	}
	// GORM asks its pool for the version, and the pool's only connection is taken: give it that one.
	orm, err := newGORM(conn, dialectSQLite)
	if err != nil {
		return nil, err
	}
	w := &sqliteWriter{
		pool: pool, conn: &prepared{conn: conn, kept: map[string]*sql.Stmt{}}, orm: orm, onQuery: onQuery,
		queue: make(chan *request), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	go w.loop()
	return w, nil
}

func (w *sqliteWriter) write(ctx context.Context, fn func(*tx) error) error {
	r := &request{
		ctx: ctx, turn: make(chan *tx), gone: make(chan struct{}),
		ran: make(chan error, 1), answer: make(chan error, 1),
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case w.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return ErrClosed
	}
	select {
	case t := <-r.turn:
		return r.run(t, fn)
	case err := <-r.answer: // it could not begin
		return err
	case <-ctx.Done():
		close(r.gone)
		return ctx.Err()
	}
}

// run calls fn on the caller's goroutine and waits for the commit.
func (r *request) run(t *tx, fn func(*tx) error) error {
	r.call(t, fn)
	return <-r.answer
}

// call tells the writer what became of fn in any case, also when fn panics or ends its goroutine.
func (r *request) call(t *tx, fn func(*tx) error) {
	outcome := errAborted
	defer func() { r.ran <- outcome }()
	outcome = t.run(fn)
}

// close refuses new writes, ends those that have begun and releases the connection.
func (w *sqliteWriter) close() error {
	w.once.Do(func() { close(w.closing) })
	<-w.stopped
	return errors.Join(w.conn.close(), w.pool.Close())
}
