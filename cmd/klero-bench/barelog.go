package main

import (
	"context"
	"database/sql"
	"errors"
)

// bareLog writes one row after the other into the table of the log, those that wait at the same time
// in one commit: the least that makes a record durable.
type bareLog struct {
	db    *sql.DB
	row   []any // the columns behind seq and before n
	queue chan chan error
	ended chan struct{}
	next  int64
}

// maxShare is how many writes share a commit, as in package store.
const maxShare = 256

// newBareLog makes the table of the log at from in a fresh file, and takes its first record as the
// one that is written.
func newBareLog(ctx context.Context, from, to string) (*bareLog, error) {
	source, err := sqliteFile(from)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	db, err := sqliteFile(to)
	if err != nil {
		return nil, err
	}
	l := &bareLog{db: db, queue: make(chan chan error), ended: make(chan struct{})}

	if err := l.prepare(ctx, source); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go l.serve(ctx)
	return l, nil
}

func (l *bareLog) prepare(ctx context.Context, source *sql.DB) error {
	if err := copyTable(ctx, source, l.db, "log_entries"); err != nil {
		return err
	}
	var kind, subject string
	var leaf, record []byte
	row := source.QueryRowContext(ctx, "SELECT kind, subject, leaf, record FROM log_entries WHERE seq = 0")
	if err := row.Scan(&kind, &subject, &leaf, &record); err != nil {
		return err
	}
	l.row = []any{kind, subject, leaf, record}
	return nil
}

// insert waits until a row is on disk.
func (l *bareLog) insert(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case l.queue <- answer:
		return <-answer
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *bareLog) serve(ctx context.Context) {
	defer close(l.ended)
	for first := range l.queue {
		waiting := []chan error{first}
		err := l.commit(ctx, &waiting)
		for _, answer := range waiting {
			answer <- err
		}
	}
}

// commit writes a row for everyone who waits, until nobody more does.
func (l *bareLog) commit(ctx context.Context, waiting *[]chan error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit this does nothing
	statement, err := tx.PrepareContext(ctx, "INSERT INTO log_entries (seq, n, kind, subject, leaf, record) VALUES (?,?,?,?,?,?)")
	if err != nil {
		return err
	}
	defer statement.Close()
	for done := 0; done < len(*waiting); done++ {
		if _, err := statement.ExecContext(ctx, append([]any{l.next, l.next + 1}, l.row...)...); err != nil {
			return err
		}
		l.next++
		if len(*waiting) == maxShare {
			continue
		}
		select {
		case more := <-l.queue:
			*waiting = append(*waiting, more)
		default:
		}
	}
	return tx.Commit()
}

func (l *bareLog) close() error {
	close(l.queue)
	<-l.ended
	return l.db.Close()
}
