package quota

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean is the form in which names and values are kept: NFC, trimmed, every run of white space (line
// breaks in a quoted cell included) as one space, as register imports do.
func clean(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }

// fold is the form in which names and values are compared: without case.
func fold(s string) string { return strings.ToLower(clean(s)) }

// foldAddress is the form in which the cells of two addresses are the same: NFKC, lower case, every run
// of characters other than letters, marks and numbers as one space, trimmed.
func foldAddress(s string) string {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r)
	})
	return strings.Join(words, " ")
}
