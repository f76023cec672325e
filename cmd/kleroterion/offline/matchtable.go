package offline

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// csvTable reads a CSV file with a header that has exactly the given columns, in any order.
type csvTable struct {
	file    string
	columns []string
	notes   io.Writer // every bad row is named here
}

// read calls take with the fields of every row, in the order of t.columns. A row that is malformed or
// that take refuses is named, and reading goes on; at the end that is one error.
func (t csvTable) read(take func(row []string) error) error {
	f, err := os.Open(t.file)
	if err != nil {
		return Unusable(err, "")
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = in.Discard(3) // three bytes that were just seen
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord, rows.ReuseRecord = -1, true
	place, err := t.header(rows)
	if err != nil {
		return err
	}
	return t.rows(rows, place, take)
}

// header returns where each column stands.
func (t csvTable) header(rows *csv.Reader) ([]int, error) {
	want := strings.Join(t.columns, ",")
	names, err := rows.Read()
	if err != nil {
		return nil, unusablef("a CSV file in UTF-8", "%s: line 1: want the header %s: %w", t.file, want, err)
	}
	place := make([]int, len(t.columns))
	for i, column := range t.columns {
		place[i] = -1
		for at, name := range names {
			if name == column {
				place[i] = at
			}
		}
		if place[i] < 0 || len(names) != len(t.columns) {
			return nil, unusablef("these columns, in any order, and no other", "%s: line 1: the header is %q, want %s", t.file, strings.Join(names, ","), want)
		}
	}
	return place, nil
}

func (t csvTable) rows(rows *csv.Reader, place []int, take func([]string) error) error {
	row, bad, all := make([]string, len(place)), 0, 0
	for ; ; all++ {
		fields, err := rows.Read()
		if err == io.EOF {
			break
		}
		line, err := t.line(rows, fields, err)
		if err == nil {
			for i, at := range place {
				row[i] = fields[at]
			}
			err = take(row)
		}
		if line == 0 {
			return Unusable(err, "")
		}
		if err != nil {
			bad++
			fmt.Fprintf(t.notes, "%s: line %d: %s\n", t.file, line, strings.ReplaceAll(err.Error(), "\n", "; "))
		}
	}
	if bad > 0 {
		return unusablef("each row is named above; mend them all and run it again", "%s: %d of %d rows cannot be used", t.file, bad, all)
	}
	return nil
}

// line is where a row begins, and what is wrong with its form. Line 0 means that the file cannot be
// read any further.
func (t csvTable) line(rows *csv.Reader, fields []string, err error) (int, error) {
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed):
		return malformed.StartLine, malformed.Err
	case err != nil:
		return 0, fmt.Errorf("%s: %w", t.file, err)
	}
	line, _ := rows.FieldPos(0)
	if len(fields) != len(t.columns) {
		err = fmt.Errorf("%d fields, want %d: %s", len(fields), len(t.columns), strings.Join(t.columns, ","))
	}
	return line, err
}
