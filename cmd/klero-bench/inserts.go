package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver that package store uses
)

// rowsPerStatement and rowsPerCommit are those of the service.
const (
	rowsPerStatement = 500
	rowsPerCommit    = 4000
)

const residentColumns = "register_id, row_number, id, record, salt, line"

// sqliteFile opens a file with the pragmas of package store.
func sqliteFile(path string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	db, err := sql.Open("sqlite", u.String()+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"+
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=temp_store(2)"+
		"&_pragma=cache_size(-65536)&_pragma=journal_size_limit(67108864)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// bareSQLite inserts the residents of one file into the same table of a fresh one, and returns the
// time that the inserts and commits took.
func bareSQLite(ctx context.Context, from, to string) (time.Duration, error) {
	source, err := sqliteFile(from)
	if err != nil {
		return 0, err
	}
	defer source.Close()
	target, err := sqliteFile(to)
	if err != nil {
		return 0, err
	}
	if err := copyTable(ctx, source, target, "residents"); err != nil {
		return 0, errors.Join(err, target.Close())
	}
	d, err := bareInsert(ctx, source, table{db: target, name: "residents"})
	return d, errors.Join(err, target.Close())
}

// copyTable makes table and its indexes in target as they are in source.
func copyTable(ctx context.Context, source, target *sql.DB, table string) error {
	rows, err := source.QueryContext(ctx, "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			return err
		}
		if _, err := target.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return rows.Err()
}

// table is where rows go; PostgreSQL numbers the places of a statement.
type table struct {
	db       *sql.DB
	name     string
	numbered bool
}

// bareInsert copies the residents in the order of the imported file. Reading them is not counted.
func bareInsert(ctx context.Context, source *sql.DB, to table) (time.Duration, error) {
	rows, err := source.QueryContext(ctx, "SELECT "+residentColumns+" FROM residents ORDER BY register_id, row_number")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var total time.Duration
	for more := true; more; {
		var args []any
		if args, more, err = nextRows(rows, rowsPerCommit); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := to.insert(ctx, args); err != nil {
			return 0, err
		}
		total += time.Since(start)
	}
	return total, rows.Err()
}

// nextRows returns the columns of up to n rows, one row behind the other.
func nextRows(rows *sql.Rows, n int) (args []any, more bool, err error) {
	for range n {
		if !rows.Next() {
			return args, false, nil
		}
		var register string
		var number int64
		var id, record, salt, line []byte
		if err := rows.Scan(&register, &number, &id, &record, &salt, &line); err != nil {
			return nil, false, err
		}
		args = append(args, register, number, id, record, salt, line)
	}
	return args, true, nil
}

// insert writes rows in one transaction.
func (t table) insert(ctx context.Context, args []any) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit this does nothing
	const columns = 6
	for len(args) > 0 {
		n := min(len(args)/columns, rowsPerStatement)
		if _, err := tx.ExecContext(ctx, t.statement(n), args[:n*columns]...); err != nil {
			return err
		}
		args = args[n*columns:]
	}
	return tx.Commit()
}

// statement has places without numbers for SQLite, which looks numbered ones up one by one.
func (t table) statement(rows int) string {
	var s strings.Builder
	s.WriteString("INSERT INTO " + t.name + " (" + residentColumns + ") VALUES ")
	for i := range rows {
		if i > 0 {
			s.WriteByte(',')
		}
		if !t.numbered {
			s.WriteString("(?,?,?,?,?,?)")
			continue
		}
		p := i * 6
		fmt.Fprintf(&s, "($%d,$%d,$%d,$%d,$%d,$%d)", p+1, p+2, p+3, p+4, p+5, p+6)
	}
	return s.String()
}
