package register

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxRecord bounds what is read to find the end of one row.
const maxRecord = 256 << 10

// record is one row of a CSV file as it was written, before any rule of ours.
type record struct {
	number int64 // the header is 1
	text   []byte
	ends   []int // of the cells within text
	faults []fault
}

// fault is an error of the CSV form in one cell.
type fault struct {
	cell            int
	rule, complaint string
}

func (r *record) reset() { r.text, r.ends, r.faults = r.text[:0], r.ends[:0], r.faults[:0] }

func (r *record) cell(i int) []byte {
	from := 0
	if i > 0 {
		from = r.ends[i-1]
	}
	return r.text[from:r.ends[i]]
}

// notUTF8 is the first cell that is not UTF-8, -1 when all are. The cells are looked at one by one:
// half a character at the end of one and half at the beginning of the next are not a character.
func (r *record) notUTF8() int {
	for i := range r.ends {
		if !utf8.Valid(r.cell(i)) {
			return i
		}
	}
	return -1
}

// fault notes the first error of the current cell.
func (r *record) fault(rule, complaint string) {
	if n := len(r.faults); n > 0 && r.faults[n-1].cell == len(r.ends) {
		return
	}
	r.faults = append(r.faults, fault{len(r.ends), rule, complaint})
}

// scanner cuts a CSV file into records (RFC 4180, with LF as well as CRLF). After an error of form
// it goes on with the next line, so that one pass finds all errors.
type scanner struct {
	r       io.Reader
	comma   byte
	buf     []byte
	at      int // of the next record in buf
	ended   error
	record  record
	skipped bool // the rest of an overlong line is still to come
}

// next scans the next record. It is valid until the call after. At the end the error is io.EOF.
func (s *scanner) next() (*record, error) {
	if err := s.skipLine(); err != nil {
		return nil, err
	}
	for {
		window, final := s.window()
		if len(window) == 0 && final {
			return nil, s.ended
		}
		s.record.reset()
		if n := s.record.scan(window, s.comma, final); n >= 0 {
			s.finish(window[:n])
			return &s.record, nil
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

// window is what may be read for the next record; final when there is no more of it.
func (s *scanner) window() (window []byte, final bool) {
	window = s.buf[s.at:]
	if len(window) >= maxRecord {
		return window[:maxRecord], true
	}
	return window, s.ended != nil
}

func (s *scanner) finish(raw []byte) {
	s.at += len(raw)
	s.record.number++
	if len(raw) == maxRecord && raw[len(raw)-1] != '\n' {
		s.skipped = true
		s.record.fault(RuleTooLong, fmt.Sprintf("the row is longer than %d bytes", maxRecord))
	}
}

// skipLine drops the rest of an overlong line.
func (s *scanner) skipLine() error {
	for s.skipped {
		if i := bytes.IndexByte(s.buf[s.at:], '\n'); i >= 0 {
			s.at += i + 1
			s.skipped = false
			break
		}
		s.at = len(s.buf)
		if s.ended != nil {
			return s.ended
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
	return nil
}

// fill reads once more behind the unread part of the buffer. A read error other than the end is
// returned; the end is kept for when the buffer is used up.
func (s *scanner) fill() error {
	rest := copy(s.buf, s.buf[s.at:])
	s.buf, s.at = s.buf[:rest], 0
	if cap(s.buf)-rest < readSize {
		bigger := make([]byte, rest, 2*cap(s.buf)+2*readSize)
		copy(bigger, s.buf)
		s.buf = bigger
	}
	for range 100 {
		n, err := s.r.Read(s.buf[rest:cap(s.buf)])
		s.buf = s.buf[:rest+n]
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the file: %w", err)
		}
		if err != nil {
			s.ended = io.EOF
		}
		if n > 0 || err != nil {
			return nil
		}
	}
	return fmt.Errorf("reading the file: %w", io.ErrNoProgress)
}

// scan reads one record at the start of b and returns the number of its bytes, line end included;
// -1 when b ends too early. With final set there is nothing behind b.
func (r *record) scan(b []byte, comma byte, final bool) int {
	for i := 0; ; i++ {
		n, closed := 0, true
		if i < len(b) && b[i] == '"' {
			n, closed = r.quoted(b[i:], comma, final)
		} else {
			n = r.bare(b[i:], comma)
		}
		i += n
		if n < 0 || i == len(b) && !final {
			return -1
		}
		r.endCell(i < len(b) && b[i] == '\n')
		if i == len(b) {
			return i
		}
		if !closed || b[i] == '\n' {
			return i + 1
		}
	}
}

// endCell closes a cell; at a line end the carriage return of CRLF is not part of it.
func (r *record) endCell(lineEnd bool) {
	from := 0
	if len(r.ends) > 0 {
		from = r.ends[len(r.ends)-1]
	}
	if last := len(r.text) - 1; lineEnd && last >= from && r.text[last] == '\r' {
		r.text = r.text[:last]
	}
	r.ends = append(r.ends, len(r.text))
}

// bare copies up to the next separator or line end and returns the number of bytes.
func (r *record) bare(b []byte, comma byte) int {
	quote := false
	n := 0
	for n < len(b) && b[n] != comma && b[n] != '\n' {
		quote = quote || b[n] == '"'
		n++
	}
	if quote {
		r.fault(RuleQuote, "a quote stands inside a cell that does not begin with one: put the whole cell in quotes and double the inner ones")
	}
	r.text = append(r.text, b[:n]...)
	return n
}

// quoted copies a cell that begins with a quote and returns the number of its bytes, -1 when b ends
// too early. A quote that is not closed, or only by a quote that opens a cell further below, ends
// its record at the first line end; closed is then false.
func (r *record) quoted(b []byte, comma byte, final bool) (n int, closed bool) {
	from := len(r.text)
	for i := 1; ; {
		k := bytes.IndexByte(b[i:], '"')
		if k < 0 && final {
			return r.unclosed(b, from), false
		}
		end := i + k + 1
		if k < 0 || len(b)-end < 2 && !final {
			return -1, true
		}
		r.text = append(r.text, b[i:end-1]...)
		switch {
		case end < len(b) && b[end] == '"':
			r.text = append(r.text, '"')
			i = end + 1
		case endsCell(b[end:], comma):
			return end + r.bare(b[end:], comma), true
		case bytes.IndexByte(b[:end], '\n') >= 0:
			return r.unclosed(b, from), false
		default:
			r.text = append(r.text[:from], b[:end]...)
			r.fault(RuleQuote, "text follows the closing quote of a cell: double the quotes inside the cell")
			return end + r.bare(b[end:], comma), true
		}
	}
}

// endsCell reports whether a cell may end here.
func endsCell(b []byte, comma byte) bool {
	return len(b) == 0 || b[0] == comma || b[0] == '\n' || string(b) == "\r" || bytes.HasPrefix(b, []byte("\r\n"))
}

// unclosed takes the cell as bare text up to the line end.
func (r *record) unclosed(b []byte, from int) int {
	n := bytes.IndexByte(b, '\n')
	if n < 0 {
		n = len(b)
	}
	r.text = append(r.text[:from], b[:n]...)
	r.fault(RuleQuote, "a quote is opened and not closed: close it, or double the quotes inside the cell")
	return n
}
