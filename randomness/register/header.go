package register

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// begin looks at the first bytes of a file and drops a UTF-8 byte order mark. A complaint says why
// the file cannot be a CSV file in UTF-8, and how to save it as one.
func (s *scanner) begin() (complaint string, err error) {
	for len(s.buf) < 64 && s.ended == nil {
		if err := s.fill(); err != nil {
			return "", err
		}
	}
	head := s.buf[:min(64, len(s.buf))]
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		s.at = 3
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "the file is a spreadsheet, not a CSV file: save it as \"CSV UTF-8\"", nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), bytes.IndexByte(head, 0) >= 0:
		return "the file is in UTF-16 or UTF-32 (\"Unicode text\"): save it as \"CSV UTF-8\"", nil
	}
	return "", nil
}

// detect finds the separator: the one of , ; and tab that cuts the first row into most cells.
func (s *scanner) detect() (complaint string, err error) {
	for {
		best, again := bestComma(s.window())
		switch {
		case again:
		case best == 0:
			return "the first row has as many of one separator as of another: say which of , ; and tab it is", nil
		default:
			s.comma = best
			return "", nil
		}
		if err := s.fill(); err != nil {
			return "", err
		}
	}
}

// bestComma returns 0 on a tie, and again when the window holds no whole row. A separator that
// leaves the quotes in order goes before one that does not.
func bestComma(window []byte, final bool) (best byte, again bool) {
	most := 1
	best = ','
	for _, comma := range []byte(",;\t") {
		var r rawRow
		if r.scan(window, comma, final) < 0 {
			return 0, true
		}
		score := len(r.ends)
		if len(r.faults) == 0 && score > 1 {
			score += maxRecord
		}
		switch {
		case score > most:
			most, best = score, comma
		case score == most && score > 1:
			best = 0
		}
	}
	return best, false
}

// readHeader returns the column names. Problems are added; without a usable header it returns nil.
func (im *Importer) readHeader() ([]string, error) {
	complaint, err := im.scan.begin()
	if err != nil || complaint != "" {
		im.fail(RuleEncoding, complaint)
		return nil, err
	}
	if im.scan.comma == 0 {
		complaint, err = im.scan.detect()
	}
	if err != nil || complaint != "" {
		im.fail(RuleHeader, complaint)
		return nil, err
	}
	rec, err := im.scan.next()
	if errors.Is(err, io.EOF) {
		im.fail(RuleHeader, "the file is empty: the first row names the columns")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return im.names(rec), nil
}

// fail notes a problem of the header.
func (im *Importer) fail(rule, complaint string) {
	im.problems.add(Problem{Row: 1, Rule: rule, Message: complaint})
}

func (im *Importer) names(rec *rawRow) []string {
	if cell := rec.notUTF8(); cell >= 0 {
		im.fail(RuleEncoding, encodingComplaint(rec.cell(cell)))
		return nil
	}
	if len(rec.ends) > MaxColumns {
		im.fail(RuleHeader, fmt.Sprintf("%d columns, at most %d are read", len(rec.ends), MaxColumns))
		return nil
	}
	for _, f := range rec.faults {
		im.fail(f.rule, f.complaint)
	}
	names := make([]string, len(rec.ends))
	for i := range names {
		names[i] = clean(string(rec.cell(i)))
	}
	if strings.Join(names, "") == "" {
		im.fail(RuleHeader, "the first row is blank: it names the columns")
		return nil
	}
	im.twice(names)
	return names
}

// twice reports the names that columns share; columns without a name are never mapped.
func (im *Importer) twice(names []string) {
	seen := map[string]int{}
	for i, name := range names {
		if first, twice := seen[fold(name)]; twice && name != "" {
			im.problems.add(Problem{Row: 1, Column: excerpt(name), Rule: RuleHeader, Message: fmt.Sprintf("columns %d and %d have the same name: rename one", first+1, i+1)})
			continue
		}
		seen[fold(name)] = i
	}
}

// encodingComplaint names the first byte that is not UTF-8 and what it probably was.
func encodingComplaint(b []byte) string {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			break
		}
		b = b[n:]
	}
	if len(b) == 0 {
		return ""
	}
	probably := ""
	if b[0] >= 0xa0 {
		probably = fmt.Sprintf(" (it is %c in Latin-1 and Windows-1252)", rune(b[0]))
	}
	return fmt.Sprintf("byte %02x is not UTF-8%s: save the file as \"CSV UTF-8\"", b[0], probably)
}
