package quota

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// sheetParser turns the records of a file into a Sheet.
type sheetParser struct {
	file   string
	issues *Issues
	comma  rune
	text   []byte // what csv reads
	before int    // lines of the file before text
	csv    *csv.Reader
	sheet  Sheet
	rows   int // under the header, also those with issues
	quotes int // rows with quotation marks out of order
}

func (p *sheetParser) restart(text []byte, before int) {
	p.text, p.before, p.csv = text, before, newCSV(text, p.comma)
}

// separator finds the one of , ; and tab that cuts the header into most cells, or 0 with an issue.
func (p *sheetParser) separator(text []byte) rune {
	most, best := 1, ','
	for _, comma := range ",;\t" {
		header, err := newCSV(text, comma).Read()
		switch {
		case err != nil || len(header) < most || len(header) == 1:
		case len(header) == most:
			best = 0
		default:
			most, best = len(header), comma
		}
	}
	if best == 0 {
		p.issues.add(Issue{File: p.file, Line: 1, Rule: RuleHeader}, "the header has as many of one separator as of another: separate the columns with commas")
	}
	return best
}

func (p *sheetParser) parse() (*Sheet, error) {
	for {
		cells, err := p.csv.Read()
		var form *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return p.finish(), nil
		case errors.As(err, &form):
			if more := p.misquoted(form); !more {
				return nil, nil
			}
		case err != nil:
			return nil, fmt.Errorf("reading %s: %w", p.file, err)
		default:
			line, _ := p.csv.FieldPos(0)
			p.take(cells, p.before+line)
		}
	}
}

// misquoted goes on behind the first line of the row, since a quotation mark that is not closed takes in
// all that follows. It reports whether there is a point in it.
func (p *sheetParser) misquoted(form *csv.ParseError) bool {
	const most = 100
	p.issues.add(Issue{File: p.file, Line: p.before + form.StartLine, Rule: RuleQuote}, "quotation marks out of order (%v): a cell with one is in quotation marks, and has it twice", form.Err)
	p.rows++
	p.quotes++
	rest := p.text
	for range form.StartLine {
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	p.restart(rest, p.before+form.StartLine)
	return p.sheet.Header != nil && p.quotes < most
}

// finish returns nil where there was no header.
func (p *sheetParser) finish() *Sheet {
	if p.sheet.Header == nil {
		p.issues.add(Issue{File: p.file, Line: 1, Rule: RuleHeader}, "the file is blank: the first row names the columns")
		return nil
	}
	if p.rows == 0 {
		p.issues.add(Issue{File: p.file, Line: 1, Rule: RuleNoRows}, "nothing under the header: each value of a feature, each person has a row")
	}
	return &p.sheet
}

func (p *sheetParser) take(cells []string, line int) {
	if strings.TrimSpace(strings.Join(cells, "")) == "" {
		return
	}
	p.checkUTF8(cells, line)
	if p.sheet.Header == nil {
		p.sheet.Header = cells
		return
	}
	p.rows++
	width := len(p.sheet.Header)
	for len(cells) > width && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) != width {
		p.issues.add(Issue{File: p.file, Line: line, Rule: RuleCells}, "%d cells, the header has %d: a cell with a separator in it is in quotation marks", len(cells), width)
		return
	}
	p.sheet.Rows = append(p.sheet.Rows, cells)
	p.sheet.Lines = append(p.sheet.Lines, line)
}

// checkUTF8 leaves in the place of other bytes what Unicode has for them, so that reading can go on.
func (p *sheetParser) checkUTF8(cells []string, line int) {
	for i, cell := range cells {
		if utf8.ValidString(cell) {
			continue
		}
		at := Issue{File: p.file, Line: line, Rule: RuleEncoding}
		if i < len(p.sheet.Header) {
			at.Column = clean(p.sheet.Header[i])
		}
		cells[i] = strings.ToValidUTF8(cell, "\uFFFD")
		p.issues.add(at, "%q is not UTF-8: save the file as \"CSV UTF-8\"", cells[i])
	}
}
