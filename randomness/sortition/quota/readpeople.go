package quota

import (
	"io"
	"slices"
	"strconv"
	"strings"
)

// Columns names the columns of a people's file that are not features.
type Columns struct {
	// ID has each person's id. "" is the first of unique_id, nationbuilder_id and id that is there; else
	// the first column, unless it is a feature or part of the address; else people have as id the number
	// of their row, the first being 1.
	ID string
	// Address has the parts of an address. People with the same address are one household. None: no
	// households. A person whose parts are all blank is a household alone.
	Address []string
}

// readPeople reads one person per row, with a value for every feature of the quotas in the column of
// its name. A row with an issue is returned too where it can raise no others.
func readPeople(r io.Reader, quotas []Quota, columns Columns, is *Issues) ([]Person, *Sheet, error) {
	sheet, err := readSheet(r, PeopleFile, is)
	if err != nil || sheet == nil {
		return nil, nil, err
	}
	reader := newPeopleReader(sheet, quotas, columns, is)
	people := make([]Person, len(sheet.Rows))
	for i := range sheet.Rows {
		people[i] = reader.person(i)
	}
	return people, sheet, nil
}

// peopleReader knows what the columns of a sheet hold.
type peopleReader struct {
	sheet    *Sheet
	features []featureColumn
	id       int // -1: numbers
	address  []int
}

type featureColumn struct {
	column   int               // -1: missing
	spelling map[string]string // of values, by their folded form
	cells    map[string]string // of cells met before: what valueOf made of them
	any      string            // stands in for the values of a missing column
}

func newPeopleReader(sheet *Sheet, quotas []Quota, columns Columns, is *Issues) *peopleReader {
	p := &peopleReader{sheet: sheet}
	index := map[string]int{}
	for _, q := range quotas {
		f, known := index[q.Feature]
		if !known {
			f = len(p.features)
			index[q.Feature] = f
			column := sheet.column(PeopleFile, is, true, q.Feature)
			p.features = append(p.features, featureColumn{column: column, spelling: map[string]string{}, cells: map[string]string{}, any: q.Value})
		}
		p.features[f].spelling[fold(q.Value)] = q.Value
	}
	for _, name := range columns.Address {
		if column := sheet.column(PeopleFile, is, true, name); column >= 0 {
			p.address = append(p.address, column)
		}
	}
	p.id = p.idColumn(columns.ID, is)
	return p
}

func (p *peopleReader) idColumn(name string, is *Issues) int {
	if name != "" {
		return p.sheet.column(PeopleFile, is, true, name)
	}
	for _, usual := range []string{"unique_id", "nationbuilder_id", "id"} {
		if column := p.sheet.column(PeopleFile, is, false, usual); column >= 0 && !p.taken(column) {
			return column
		}
	}
	if p.taken(0) {
		return -1
	}
	return 0
}

// taken reports whether the column holds a feature or a part of the address.
func (p *peopleReader) taken(column int) bool {
	return slices.Contains(p.address, column) ||
		slices.ContainsFunc(p.features, func(f featureColumn) bool { return f.column == column })
}

func (p *peopleReader) person(row int) Person {
	cells := p.sheet.Rows[row]
	person := Person{ID: strconv.Itoa(row + 1), Values: make([]string, len(p.features)), Line: p.sheet.Lines[row]}
	if p.id >= 0 {
		person.ID = clean(cells[p.id])
	}
	for f, feature := range p.features {
		person.Values[f] = feature.valueOf(cells)
	}
	person.Household = p.household(cells)
	return person
}

// valueOf returns a value that no quota names as it is, for New to report. A missing column has been
// reported already, once.
func (f *featureColumn) valueOf(cells []string) string {
	if f.column < 0 {
		return f.any
	}
	cell := cells[f.column]
	if value, met := f.cells[cell]; met {
		return value
	}
	value, known := f.spelling[fold(cell)]
	if !known {
		value = clean(cell)
	}
	f.cells[cell] = value
	return value
}

func (p *peopleReader) household(cells []string) string {
	parts := make([]string, len(p.address))
	for i, column := range p.address {
		parts[i] = foldAddress(cells[column])
	}
	household := strings.Join(parts, "\n")
	if strings.Trim(household, "\n") == "" {
		return ""
	}
	return household
}
