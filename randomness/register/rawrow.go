package register

import (
	"bytes"
	"unicode/utf8"
)

// rawRow is one row of a CSV file as it was written, before any rule of ours.
type rawRow struct {
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

func (r *rawRow) reset() { r.text, r.ends, r.faults = r.text[:0], r.ends[:0], r.faults[:0] }

func (r *rawRow) cell(i int) []byte {
	from := 0
	if i > 0 {
		from = r.ends[i-1]
	}
	return r.text[from:r.ends[i]]
}

// notUTF8 is the first cell that is not UTF-8, -1 when all are. The cells are looked at one by one:
// half a character at the end of one and half at the beginning of the next are not a character.
func (r *rawRow) notUTF8() int {
	for i := range r.ends {
		if !utf8.Valid(r.cell(i)) {
			return i
		}
	}
	return -1
}

// fault notes the first error of the current cell.
func (r *rawRow) fault(rule, complaint string) {
	if n := len(r.faults); n > 0 && r.faults[n-1].cell == len(r.ends) {
		return
	}
	r.faults = append(r.faults, fault{len(r.ends), rule, complaint})
}

// scan reads one record at the start of b and returns the number of its bytes, line end included;
// -1 when b ends too early. With final set there is nothing behind b.
func (r *rawRow) scan(b []byte, comma byte, final bool) int {
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
func (r *rawRow) endCell(lineEnd bool) {
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
func (r *rawRow) bare(b []byte, comma byte) int {
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
func (r *rawRow) quoted(b []byte, comma byte, final bool) (n int, closed bool) {
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
func (r *rawRow) unclosed(b []byte, from int) int {
	n := bytes.IndexByte(b, '\n')
	if n < 0 {
		n = len(b)
	}
	r.text = append(r.text[:from], b[:n]...)
	r.fault(RuleQuote, "a quote is opened and not closed: close it, or double the quotes inside the cell")
	return n
}
