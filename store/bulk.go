package store

import (
	"fmt"
	"strconv"
	"strings"

	"kleroterion/service"
)

// maxBatch is the number of rows of one INSERT: fewer cost PostgreSQL a fifth more, longer statements
// gain little and take memory.
const maxBatch = 1000

// batch is many rows of one table, written by statements of many rows: GORM's way through structs
// takes about twice as long.
type batch struct {
	table   string
	columns []string
	rows    int
	row     func(i int, dst []any) []any // appends the columns of row i
}

// insertMany writes all rows. A row that is already there spoils the transaction, because others of
// the batch are then written already.
func (t *tx) insertMany(what string, b batch) error {
	for from := 0; from < b.rows; from += maxBatch {
		to := min(from+maxBatch, b.rows)
		if err := t.insertSome(b, from, to); err != nil {
			return t.broken(what, err)
		}
	}
	return nil
}

func (t *tx) insertSome(b batch, from, to int) error {
	args := make([]any, 0, (to-from)*len(b.columns))
	for i := from; i < to; i++ {
		args = b.row(i, args)
	}
	res, err := t.pool.ExecContext(t.orm.Statement.Context, b.statement(t.dialect, to-from), args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != int64(to-from) {
		return fmt.Errorf("%d of %d rows are new: %w", n, to-from, service.ErrExists)
	}
	return nil
}

// statement has one tuple for each row.
func (b batch) statement(d dialect, rows int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "INSERT INTO %s (%s) VALUES ", b.table, strings.Join(b.columns, ", "))
	for row := range rows {
		if row > 0 {
			s.WriteString(",")
		}
		s.WriteString("(" + places(d, row*len(b.columns), len(b.columns)) + ")")
	}
	s.WriteString(" ON CONFLICT DO NOTHING")
	return s.String()
}

// places is a list of n places for values, of which first come before it. SQLite takes $1 for a name,
// and the driver looks names up one by one: with thousands of them that is slower than all the rest,
// so it gets question marks.
func places(d dialect, first, n int) string {
	var s strings.Builder
	for p := range n {
		if p > 0 {
			s.WriteString(",")
		}
		if d == dialectPostgres {
			s.WriteString("$" + strconv.Itoa(first+p+1))
		} else {
			s.WriteString("?")
		}
	}
	return s.String()
}
