package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"kleroterion/service"
)

// rowset is one column of many rows.
type rowset struct {
	name string
	kind string // PostgreSQL's name of its type
	all  any    // the slice of its values, as PostgreSQL takes them
	at   func(i int) any
}

// columnOf takes a column out of rows.
func columnOf[R any, V int64 | string | []byte | bool](name, kind string, rows []R, value func(*R) V) rowset {
	values := make([]V, len(rows))
	for i := range rows {
		values[i] = value(&rows[i])
	}
	return rowset{name: name, kind: kind, all: values, at: func(i int) any { return values[i] }}
}

// onlyNew leaves rows alone that are there already; insertColumns then says so.
const onlyNew = " ON CONFLICT DO NOTHING"

// insertColumns writes n rows; otherwise says what happens to those that are there already. One row that is
// not new fails all of them with service.ErrExists.
func (t *tx) insertColumns(table, otherwise string, n int, columns ...rowset) error {
	if t.dialect == dialectPostgres {
		return t.insertUnnested(table, otherwise, n, columns)
	}
	for from := 0; from < n; {
		rows := step(n - from)
		if err := t.insertStep(table, otherwise, columns, from, rows); err != nil {
			return err
		}
		from += rows
	}
	return nil
}

// insertUnnested passes each column as one value: the statement is the same for any number of rows.
func (t *tx) insertUnnested(table, otherwise string, n int, columns []rowset) error {
	names, places, args := make([]string, len(columns)), make([]string, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		names[i], places[i], args[i] = c.name, fmt.Sprintf("$%d::%s[]", i+1, c.kind), c.all
	}
	written, err := t.exec("INSERT INTO "+table+" ("+strings.Join(names, ", ")+") SELECT * FROM unnest("+strings.Join(places, ", ")+")"+otherwise, args...)
	return allNew(written, err, n)
}

// maxStep is the most rows of one statement on SQLite.
const maxStep = 128

// step is the largest power of two up to n: of statements with that many rows there are few, so each is
// parsed once.
func step(n int) int {
	rows := 1
	for 2*rows <= min(n, maxStep) {
		rows *= 2
	}
	return rows
}

func (t *tx) insertStep(table, otherwise string, columns []rowset, from, rows int) error {
	names, args := make([]string, len(columns)), make([]any, 0, rows*len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	for row := from; row < from+rows; row++ {
		for _, c := range columns {
			args = append(args, c.at(row))
		}
	}
	tuple := ",(?" + strings.Repeat(",?", len(columns)-1) + ")"
	written, err := t.exec("INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES "+strings.Repeat(tuple, rows)[1:]+otherwise, args...)
	return allNew(written, err, rows)
}

// update changes n rows of a table, each as a row of the columns says: v is the table that they make. A row
// that is not as where says fails all of them with service.ErrStale.
func (t *tx) update(table, set, where string, n int, columns ...rowset) error {
	if n == 0 {
		return nil
	}
	from, args, err := t.table(n, columns)
	if err != nil {
		return err
	}
	changed, err := t.exec("UPDATE "+table+" SET "+set+" FROM "+from+" WHERE "+where, args...)
	if err == nil && changed != int64(n) {
		return fmt.Errorf("%d of %d rows are as they were: %w", changed, n, service.ErrStale)
	}
	return err
}

// table makes a table v of columns that are texts or numbers.
func (t *tx) table(n int, columns []rowset) (from string, args []any, err error) {
	names, places := make([]string, len(columns)), make([]string, len(columns))
	if t.dialect == dialectPostgres {
		for i, c := range columns {
			names[i], places[i], args = c.name, fmt.Sprintf("$%d::%s[]", i+1, c.kind), append(args, c.all)
		}
		return "unnest(" + strings.Join(places, ", ") + ") AS v (" + strings.Join(names, ", ") + ")", args, nil
	}
	rows := make([][]any, n)
	for i, c := range columns {
		places[i] = fmt.Sprintf("json_extract(value, '$[%d]') AS %s", i, c.name)
		for row := range rows {
			rows[row] = append(rows[row], c.at(row))
		}
	}
	text, err := json.Marshal(rows)
	return "(SELECT " + strings.Join(places, ", ") + " FROM json_each($1)) AS v", []any{string(text)}, err
}

func allNew(written int64, err error, n int) error {
	if err == nil && written != int64(n) {
		return fmt.Errorf("%d of %d rows are new: %w", written, n, service.ErrExists)
	}
	return err
}

// anyOf is a condition on a column, and its one value: a list. kind is PostgreSQL's name of its type.
func anyOf[V string | int64](d dialect, column, place, kind string, list []V) (condition string, value any, err error) {
	if d == dialectPostgres {
		return column + " = ANY(" + place + "::" + kind + "[])", list, nil
	}
	text, err := json.Marshal(list)
	return column + " IN (SELECT value FROM json_each(" + place + "))", string(text), err
}
