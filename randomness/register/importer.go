package register

import (
	"errors"
	"fmt"
	"io"
)

// Options of an import. The zero value guesses the mapping and finds the separator.
type Options struct {
	Mapping *Mapping  // nil: see [Guess]
	Comma   byte      // , ; or tab; 0: the one that cuts the header into most cells
	Entropy io.Reader // required: keys the hashes by which duplicates and households are counted
	Show    int       // problems of one rule that are kept, the others are counted; 0: 100
	MaxRows int64     // people; 0: 100,000,000
}

// Importer reads a city's CSV file row by row, in memory that does not grow with the length of
// rows: 32 bytes a person, for duplicates and households.
type Importer struct {
	scan     scanner
	mapping  Mapping
	header   []string
	left     []string
	columns  columns
	problems problems
	people   fingerprints
	homes    fingerprints
	cells    combinations
	sealed   combinations
	maxRows  int64
	rows     int64 // people
	sound    int64
	blank    int64
	housed   int64
	whole    bool // the header has no problem
	done     bool
	err      error // of the reader
}

// NewImporter reads the header. It fails when an option is unusable, or r or the entropy cannot be
// read; all that is wrong with the file itself becomes a [Problem].
func NewImporter(r io.Reader, o Options) (*Importer, error) {
	im := &Importer{scan: scanner{r: r, comma: o.Comma}, maxRows: o.MaxRows}
	if err := im.configure(o); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	header, err := im.readHeader()
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	im.header, im.done = header, header == nil
	if im.done {
		return im, nil
	}
	if o.Mapping == nil {
		im.guess()
	}
	im.resolve()
	im.whole = im.OK()
	return im, nil
}

func (im *Importer) configure(o Options) error {
	switch o.Comma {
	case 0, ',', ';', '\t':
	default:
		return fmt.Errorf("%q is not a separator: , ; or tab", o.Comma)
	}
	if o.Show < 0 || o.MaxRows < 0 || o.MaxRows > 1<<32-2 {
		return errors.New("limit out of range")
	}
	if o.Entropy == nil {
		return errors.New("no source of entropy")
	}
	key, err := NewSecret(o.Entropy)
	if err != nil {
		return err
	}
	im.people, im.homes = fingerprints{key: key, tag: 1}, fingerprints{key: key, tag: 2}
	im.cells, im.sealed = newCombinations(), newCombinations()
	im.problems = problems{show: 100, counts: map[string]int64{}}
	if o.Show > 0 {
		im.problems.show = o.Show
	}
	if im.maxRows == 0 {
		im.maxRows = 100_000_000
	}
	if o.Mapping != nil {
		im.mapping = *o.Mapping
		return im.mapping.Validate()
	}
	return nil
}

func (im *Importer) guess() {
	m, _, err := Guess(im.header)
	if err != nil {
		im.fail(RuleMissingColumn, err.Error())
		im.done = true
	}
	im.mapping = m
}

// Mapping is the mapping in use, given or guessed.
func (im *Importer) Mapping() Mapping { return im.mapping }

// Header are the column names.
func (im *Importer) Header() []string { return im.header }

// LeftOut are the columns that the mapping does not use. Nothing of them is read or stored.
func (im *Importer) LeftOut() []string { return im.left }

// OK reports whether no problem has been found so far. Rows may be stored only when it is true
// after Next has returned io.EOF: some problems, such as a person listed twice, are known last.
func (im *Importer) OK() bool { return len(im.problems.counts) == 0 && im.err == nil }

// Next returns the next row that breaks no rule, io.EOF after the last one. Rows with problems are
// passed over; with a problem in the header all rows are checked and none is given out. Any other
// error is the reader's, and ends the import.
func (im *Importer) Next() (Row, error) {
	for !im.done {
		rec, err := im.scan.next()
		switch {
		case errors.Is(err, io.EOF), err == nil && im.full(rec):
			im.finish()
		case err != nil:
			im.err, im.done = fmt.Errorf("import: after row %d: %w", im.scan.row.number, err), true
		default:
			if row, ok := im.row(rec); ok {
				im.sound++
				return row, nil
			}
		}
	}
	if im.err != nil {
		return Row{}, im.err
	}
	return Row{}, io.EOF
}

// full stops an endless file, of people or of blank rows.
func (im *Importer) full(rec *rawRow) bool {
	if (im.rows < im.maxRows || isBlank(rec)) && rec.number < 1<<32-1 {
		return false
	}
	im.problems.add(Problem{Row: rec.number, Rule: RuleTooManyRows, Message: fmt.Sprintf("the file has more than %d people: import it as several registers", im.maxRows)})
	return true
}

// finish looks for what only the whole file shows.
func (im *Importer) finish() {
	im.done = true
	if im.rows == 0 {
		im.problems.add(Problem{Row: 1, Rule: RuleNoRows, Message: "the file has a header and nothing else"})
	}
	im.people.repeated(func(first, again int64) {
		im.problems.add(Problem{Row: again, Column: im.mapping.Person, Rule: RuleDuplicatePerson, Message: fmt.Sprintf("the number is already in row %d: each person stands in one row", first)})
	})
}
