package canonical

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The characters with a two-byte escape, and the letter of each after its backslash.
const (
	escapes = "\"\\\b\f\n\r\t"
	escaped = "\"\\bfnrt"
)

// text reads the string literal at p.at and returns its value.
func (p *parser) text() (string, error) {
	p.at++
	var out []byte
	for p.at < len(p.in) {
		c := p.in[p.at]
		switch {
		case c == '"':
			p.at++
			return string(out), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		case c < 0x20:
			return "", p.errorf("control character %#02x inside a string", c)
		default:
			r, n := utf8.DecodeRune(p.in[p.at:])
			if r == utf8.RuneError && n == 1 {
				return "", p.errorf("invalid UTF-8")
			}
			out = append(out, p.in[p.at:p.at+n]...)
			p.at += n
		}
	}
	return "", p.errorf("string without its closing quote")
}

// escape reads one backslash sequence; a surrogate must come with its other half.
func (p *parser) escape() (rune, error) {
	if p.at+1 >= len(p.in) {
		return 0, p.errorf("string without its closing quote")
	}
	c := p.in[p.at+1]
	if i := strings.IndexByte(escaped, c); i >= 0 {
		p.at += 2
		return rune(escapes[i]), nil
	}
	if c == '/' {
		p.at += 2
		return '/', nil
	}
	if c != 'u' {
		return 0, p.errorf("unknown escape \\%c", c)
	}
	r, err := p.unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if p.at+1 < len(p.in) && p.in[p.at] == '\\' && p.in[p.at+1] == 'u' {
		low, err := p.unit()
		if both := utf16.DecodeRune(r, low); err == nil && both != utf8.RuneError {
			return both, nil
		}
	}
	return 0, p.errorf("unpaired surrogate")
}

// unit reads \uXXXX.
func (p *parser) unit() (rune, error) {
	if p.at+6 > len(p.in) {
		return 0, p.errorf("short \\u escape")
	}
	n, err := strconv.ParseUint(string(p.in[p.at+2:p.at+6]), 16, 16)
	if err != nil {
		return 0, p.errorf("bad \\u escape")
	}
	p.at += 6
	return rune(n), nil
}

// AppendString appends s as a canonical string literal. s must be valid UTF-8.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		if e := strings.IndexByte(escapes, c); e >= 0 {
			dst = append(dst, '\\', escaped[e])
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		from = i + 1
	}
	return append(append(dst, s[from:]...), '"')
}
