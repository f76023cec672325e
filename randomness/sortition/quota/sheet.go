package quota

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// MaxFile bounds the bytes of one file.
const MaxFile = 256 << 20

// Rules of the form of a file.
const (
	RuleEncoding      Rule = "encoding"       // not a text file in UTF-8
	RuleHeader        Rule = "header"         // the first row does not name the columns
	RuleMissingColumn Rule = "missing_column" // a column that is needed and not there
	RuleColumnTwice   Rule = "column_twice"   // two columns with the name of one that is needed
	RuleCells         Rule = "cells"          // a row with more or fewer cells than the header
	RuleQuote         Rule = "quote"          // quotation marks out of order
	RuleNotANumber    Rule = "not_a_number"
	RuleNoRows        Rule = "no_rows"
	RuleTooLong       Rule = "too_long" // a file of more than MaxFile bytes
)

// Sheet is a CSV file: the header and the rows, which have as many cells as the header, in UTF-8,
// otherwise as they were. Blank rows are left out.
type Sheet struct {
	Header []string
	Rows   [][]string
	Lines  []int // of each row: the line of the file on which it starts, the header being line 1
}

// readSheet reads a CSV file (RFC 4180; also LF, a byte order mark, and ; or tab as separator). Issues
// are added; without a usable header the sheet is nil. An error is one of r.
func readSheet(r io.Reader, file string, is *Issues) (*Sheet, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if rule, complaint := checkText(text); complaint != "" {
		is.add(Issue{File: file, Line: 1, Rule: rule}, "%s", complaint)
		return nil, nil
	}
	p := &sheetParser{file: file, issues: is}
	if p.comma = p.separator(text); p.comma == 0 {
		return nil, nil
	}
	p.restart(text, 0)
	return p.parse()
}

func newCSV(text []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = comma
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = comma != '\t' // with tabs it would swallow blank cells
	return r
}

func checkText(text []byte) (rule Rule, complaint string) {
	has := func(prefix string) bool { return bytes.HasPrefix(text, []byte(prefix)) }
	switch {
	case len(text) > MaxFile:
		return RuleTooLong, fmt.Sprintf("the file is longer than %d bytes", MaxFile)
	case has("PK\x03\x04"), has("\xd0\xcf\x11\xe0"):
		return RuleEncoding, "the file is a spreadsheet, not a CSV file: save it as \"CSV UTF-8\""
	case has("\xff\xfe"), has("\xfe\xff"), bytes.IndexByte(text, 0) >= 0:
		return RuleEncoding, "the file is in UTF-16 or UTF-32 (\"Unicode text\") or not text: save it as \"CSV UTF-8\""
	case bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') >= 0:
		return RuleEncoding, "the lines end as on old Macs: save the file as \"CSV UTF-8\""
	case len(bytes.TrimSpace(text)) == 0:
		return RuleHeader, "the file is empty: the first row names the columns"
	}
	return "", ""
}

// column finds the column with one of the names, the first name that is there. Where required, its
// absence is an issue; -1 is none.
func (s *Sheet) column(file string, is *Issues, required bool, names ...string) int {
	for _, name := range names {
		found := -1
		for i, header := range s.Header {
			if fold(header) != fold(name) {
				continue
			}
			if found >= 0 {
				is.add(Issue{File: file, Line: 1, Column: clean(header), Rule: RuleColumnTwice}, "columns %d and %d have the same name: rename one", found+1, i+1)
				return found
			}
			found = i
		}
		if found >= 0 {
			return found
		}
	}
	if required {
		is.add(Issue{File: file, Line: 1, Column: names[0], Rule: RuleMissingColumn}, "no column %s: the header has %s", quoted(names), quoted(s.Header))
	}
	return -1
}

func quoted(names []string) string {
	const most = 12
	var list []string
	for i, name := range names {
		if i == most {
			list = append(list, "…")
			break
		}
		list = append(list, fmt.Sprintf("%q", clean(name)))
	}
	return strings.Join(list, ", ")
}
