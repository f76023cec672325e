package register

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean is the form in which a cell is kept: NFC, trimmed, every run of white space (line breaks in
// a quoted cell included) as one space.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// isClean reports whether s is in its form already, as most cells are, without copying it.
func isClean(s string) bool {
	ascii, space := true, true // space: at the start, or after a space
	for i := range len(s) {
		c := s[i]
		if c < 0x20 || c == ' ' && space {
			return false
		}
		space = c == ' '
		ascii = ascii && c < 0x80
	}
	if s != "" && space {
		return false
	}
	return ascii || norm.NFC.IsNormalString(s) && !strings.ContainsFunc(s, isOtherSpace)
}

func isOtherSpace(r rune) bool { return r != ' ' && unicode.IsSpace(r) }

// fold is the form in which names and listed values are compared: without case.
func fold(s string) string { return strings.ToLower(clean(s)) }

// normaliseAddress is the form in which two addresses are one household: NFKC, lower case, every
// run of characters other than letters, marks and numbers as one space, trimmed. Marks count as
// letters because in many scripts they are the vowels.
func normaliseAddress(s string) string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r)
	})
	return strings.Join(words, " ")
}
