package register

import (
	"fmt"
	"strings"
	"unicode"
)

// row checks one record and reports all its problems. It is false when there are any, and for a
// blank row, of which spreadsheets leave some at the end.
func (im *Importer) row(rec *rawRow) (Row, bool) {
	if isBlank(rec) {
		im.blank++
		return Row{}, false
	}
	im.rows++
	before := im.problems.total
	if !im.inForm(rec) {
		return Row{}, false
	}
	row := Row{Number: rec.number}
	im.record(rec, &row.Record)
	row.Features, row.Sealed = im.features(rec)
	return row, im.whole && im.problems.total == before
}

func isBlank(rec *rawRow) bool {
	for _, c := range rec.text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return len(rec.faults) == 0
}

// inForm checks what makes the cells of a record unreliable: with a wrong quote or a cell too few,
// values stand under the wrong names, and more messages would only confuse.
func (im *Importer) inForm(rec *rawRow) bool {
	ok := true
	report := func(cell int, rule Rule, message string) {
		ok = false
		p := Problem{Row: rec.number, Rule: rule, Message: message}
		if cell < len(im.header) && cell < len(rec.ends) {
			p.Column, p.Value = im.header[cell], string(rec.cell(cell))
		}
		im.problems.add(p)
	}
	for _, f := range rec.faults {
		report(f.cell, f.rule, f.complaint)
	}
	if cell := rec.notUTF8(); cell >= 0 {
		report(cell, RuleEncoding, encodingComplaint(rec.cell(cell)))
	}
	if len(rec.ends) != len(im.header) && len(rec.faults) == 0 {
		report(len(rec.ends), RuleColumnCount, fmt.Sprintf("the row has %d cells, the header has %d: a separator is missing or too many", len(rec.ends), len(im.header)))
	}
	return ok
}

// record fills the private record.
func (im *Importer) record(rec *rawRow, r *Record) {
	m, c := &im.mapping, &im.columns
	r.Name = im.joined(rec, m.Name, c.name, " ")
	r.Address = im.joined(rec, m.Address, c.address, ", ")
	r.Contact = im.joined(rec, m.Contact, c.contact, ", ")
	if r.Address != "" {
		if normal := normaliseAddress(r.Address); normal != "" {
			im.homes.add(normal, rec.number)
			im.housed++
		}
	}
	if c.person < 0 {
		return
	}
	r.Person = im.joined(rec, []string{m.Person}, []int{c.person}, "")
	if clean(string(rec.cell(c.person))) == "" {
		im.problems.add(Problem{Row: rec.number, Column: m.Person, Rule: RuleBlankPerson, Message: "the person's number is empty: every row needs one"})
		return
	}
	if r.Person != "" {
		im.people.add(r.Person, rec.number)
	}
}

// joined reads the cells that make one field of the private record; empty ones are left out. It is
// "" after a problem.
func (im *Importer) joined(rec *rawRow, names []string, cells []int, with string) string {
	var parts []string
	for k, i := range cells {
		if i < 0 {
			continue
		}
		text := clean(string(rec.cell(i)))
		if text == "" {
			continue
		}
		if rule, message := checkCell(text, MaxField); rule != "" {
			im.problems.add(Problem{rec.number, names[k], text, rule, message})
			return ""
		}
		parts = append(parts, text)
	}
	field := strings.Join(parts, with)
	if len(field) > MaxField {
		im.problems.add(Problem{rec.number, strings.Join(names, ", "), field, RuleTooLong, tooLong(len(field), MaxField)})
		return ""
	}
	return field
}

// features returns the disclosed and the sealed features; nil when a column is missing or wrong.
func (im *Importer) features(rec *rawRow) (open, sealed map[string]string) {
	im.cells.begin()
	im.sealed.begin()
	whole := true
	for k := range im.columns.features {
		f := &im.columns.features[k]
		if f.index < 0 {
			whole = false
			continue
		}
		value, rule, message := f.value(rec.cell(f.index))
		if rule != "" {
			whole = false
			im.problems.add(Problem{rec.number, f.Column, clean(string(rec.cell(f.index))), rule, message})
		}
		if f.Feature.Sealed {
			im.sealed.value(f.Name, value)
		} else {
			im.cells.value(f.Name, value)
		}
	}
	if !whole {
		return nil, nil
	}
	open, ok := im.cells.end()
	if !ok {
		im.problems.add(Problem{Row: rec.number, Rule: RuleTooManyCells, Message: fmt.Sprintf("more than %d different combinations of disclosed features: use bands, or fewer features", MaxCells)})
	}
	sealed, _ = im.sealed.end()
	return open, sealed
}

// checkCell applies the rules that every mapped cell has to keep.
func checkCell(text string, limit int) (Rule, string) {
	if strings.IndexFunc(text, unicode.IsControl) >= 0 {
		return RuleControl, "the cell has a control character: remove it"
	}
	if len(text) > limit {
		return RuleTooLong, tooLong(len(text), limit)
	}
	return "", ""
}

func tooLong(n, limit int) string {
	return fmt.Sprintf("%d bytes, at most %d are allowed", n, limit)
}
