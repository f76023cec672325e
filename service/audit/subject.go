package audit

import (
	"fmt"
	"strings"
)

const (
	maxSubject = 200
	maxKind    = 40
)

// CheckSubject reports whether s names a subject: segments of a-z 0-9 - _ . joined by "/", each
// beginning with a letter or digit, at most 200 bytes together.
func CheckSubject(s string) error {
	if len(s) > maxSubject {
		return fmt.Errorf("subject has %d bytes, at most %d are allowed", len(s), maxSubject)
	}
	for segment := range strings.SplitSeq(s, "/") {
		if segment == "" || strings.IndexFunc(segment, notSubject) >= 0 || strings.IndexByte("-_.", segment[0]) >= 0 {
			return fmt.Errorf("subject %.40q: use segments of a-z 0-9 - _ . that begin with a letter or digit, joined by /", s)
		}
	}
	return nil
}

func notSubject(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
}

// checkKind holds the form that every kind has, known or not: words of a-z joined by dots.
func checkKind(k Kind) error {
	if len(k) > maxKind {
		return fmt.Errorf("kind has %d bytes, at most %d are allowed", len(k), maxKind)
	}
	for word := range strings.SplitSeq(string(k), ".") {
		if word == "" || strings.IndexFunc(word, notLetter) >= 0 {
			return fmt.Errorf("kind %q: use words of a-z joined by dots", k)
		}
	}
	return nil
}

func notLetter(r rune) bool { return r < 'a' || r > 'z' }
