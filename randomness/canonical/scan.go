package canonical

import (
	"bytes"
	"unicode/utf8"
)

// Most text that is checked is canonical already, and most that is encoded comes out so. A scan that only
// looks is ten times as fast as parsing and writing again. It accepts no text that Transform would change;
// what it does not accept, right or wrong, Transform judges.

// isCanonical reports text that is canonical at a glance.
func isCanonical(b []byte) bool {
	s := scan{in: b}
	return s.value(0) && s.at == len(b)
}

type scan struct {
	in []byte
	at int
}

// next returns the byte there, 0 at the end.
func (s *scan) next() byte {
	if s.at >= len(s.in) {
		return 0
	}
	return s.in[s.at]
}

// skip passes over a byte where it comes next.
func (s *scan) skip(c byte) bool {
	if s.next() != c {
		return false
	}
	s.at++
	return true
}

func (s *scan) value(depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch c := s.next(); {
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.array(depth)
	case c == '"':
		_, _, ok := s.text()
		return ok
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	}
	return s.integer()
}

func (s *scan) word(w string) bool {
	if !bytes.HasPrefix(s.in[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}

// integer leaves those of more than 15 digits to the parser.
func (s *scan) integer() bool {
	negative := s.next() == '-'
	if negative {
		s.at++
	}
	start := s.at
	for c := s.next(); c >= '0' && c <= '9'; c = s.next() {
		s.at++
	}
	digits := s.in[start:s.at]
	zero := len(digits) > 0 && digits[0] == '0'
	return len(digits) > 0 && len(digits) <= 15 && (!zero || len(digits) == 1 && !negative)
}

// text passes over a string and returns what stands between its quotes. It leaves escapes with \u and
// those that are not needed to the parser.
func (s *scan) text() (inside []byte, plain, ok bool) {
	s.at++
	start := s.at
	ascii, escaped := true, false
	for s.at < len(s.in) {
		switch c := s.in[s.at]; {
		case c == '"':
			inside = s.in[start:s.at]
			s.at++
			return inside, ascii && !escaped, ascii || utf8.Valid(inside)
		case c == '\\':
			if s.at+1 >= len(s.in) || bytes.IndexByte([]byte(`"\bfnrt`), s.in[s.at+1]) < 0 {
				return nil, false, false
			}
			escaped = true
			s.at++
		case c < 0x20:
			return nil, false, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
		s.at++
	}
	return nil, false, false
}

func (s *scan) array(depth int) bool {
	s.at++
	if s.skip(']') {
		return true
	}
	for s.value(depth + 1) {
		if s.skip(']') {
			return true
		}
		if !s.skip(',') {
			return false
		}
	}
	return false
}

// object compares names as bytes, which is the order of UTF-16 where all of them are ASCII.
func (s *scan) object(depth int) bool {
	s.at++
	if s.skip('}') {
		return true
	}
	var before []byte
	for first := true; s.next() == '"'; first = false {
		name, plain, ok := s.text()
		if !ok || !plain || !first && bytes.Compare(before, name) >= 0 || !s.skip(':') || !s.value(depth+1) {
			return false
		}
		if s.skip('}') {
			return true
		}
		if !s.skip(',') {
			return false
		}
		before = name
	}
	return false
}
