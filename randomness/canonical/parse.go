package canonical

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxDepth   = 32
	maxInteger = 1<<53 - 1
)

// parser walks one JSON text and writes its canonical form as it goes.
type parser struct {
	in []byte
	at int
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *parser) space() {
	for p.at < len(p.in) && bytes.IndexByte([]byte(" \t\r\n"), p.in[p.at]) >= 0 {
		p.at++
	}
}

// next skips white space and returns the byte there, 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at == len(p.in) {
		return 0
	}
	return p.in[p.at]
}

func (p *parser) value(dst []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, p.errorf("nested deeper than %d", maxDepth)
	}
	switch c := p.next(); {
	case c == '{':
		return p.object(dst, depth)
	case c == '[':
		return p.array(dst, depth)
	case c == '"':
		s, err := p.text()
		return AppendString(dst, s), err
	case c == '-' || c >= '0' && c <= '9':
		return p.integer(dst)
	case c == 0:
		return nil, p.errorf("unexpected end")
	default:
		return p.word(dst)
	}
}

func (p *parser) word(dst []byte) ([]byte, error) {
	for _, w := range []string{"true", "false"} {
		if bytes.HasPrefix(p.in[p.at:], []byte(w)) {
			p.at += len(w)
			return append(dst, w...), nil
		}
	}
	if bytes.HasPrefix(p.in[p.at:], []byte("null")) {
		return nil, p.errorf("null is not allowed: leave the member out")
	}
	return nil, p.errorf("unexpected %q", p.in[p.at])
}

func (p *parser) integer(dst []byte) ([]byte, error) {
	start := p.at
	for p.at < len(p.in) && bytes.IndexByte([]byte("+-.0123456789eE"), p.in[p.at]) >= 0 {
		p.at++
	}
	text := string(p.in[start:p.at])
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > maxInteger || n < -maxInteger || strconv.FormatInt(n, 10) != text {
		p.at = start
		return nil, p.errorf("number %.40s is not an integer of at most 2^53-1 in plain form", text)
	}
	return append(dst, text...), nil
}

func (p *parser) array(dst []byte, depth int) ([]byte, error) {
	p.at++
	dst = append(dst, '[')
	if p.next() == ']' {
		p.at++
		return append(dst, ']'), nil
	}
	for {
		var err error
		if dst, err = p.value(dst, depth+1); err != nil {
			return nil, err
		}
		c := p.next()
		if c != ',' && c != ']' {
			return nil, p.errorf("want , or ] in array")
		}
		p.at++
		dst = append(dst, c)
		if c == ']' {
			return dst, nil
		}
	}
}

type member struct {
	key   string
	value []byte
}

func (p *parser) object(dst []byte, depth int) ([]byte, error) {
	members, err := p.members(depth)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(members, func(a, b member) int { return compareUTF16(a.key, b.key) })
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			if m.key == members[i-1].key {
				return nil, p.errorf("member %q stands twice in an object", m.key)
			}
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, m.key), ':')
		dst = append(dst, m.value...)
	}
	return append(dst, '}'), nil
}

func (p *parser) members(depth int) ([]member, error) {
	p.at++
	var list []member
	if p.next() == '}' {
		p.at++
		return nil, nil
	}
	for {
		m, err := p.member(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
		c := p.next()
		if c != ',' && c != '}' {
			return nil, p.errorf("want , or } in object")
		}
		p.at++
		if c == '}' {
			return list, nil
		}
	}
}

func (p *parser) member(depth int) (member, error) {
	if p.next() != '"' {
		return member{}, p.errorf("want a member name in quotes")
	}
	key, err := p.text()
	if err != nil {
		return member{}, err
	}
	if p.next() != ':' {
		return member{}, p.errorf("want : after member name %q", key)
	}
	p.at++
	v, err := p.value(nil, depth+1)
	return member{key, v}, err
}

// compareUTF16 orders keys as RFC 8785 3.2.3 does: by UTF-16 code units. That differs from byte
// order only where a character above U+FFFF meets one from U+E000 to U+FFFF.
func compareUTF16(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			return slices.Compare(utf16.Encode([]rune{ra}), utf16.Encode([]rune{rb}))
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}
