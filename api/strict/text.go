package strict

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
)

// escape writes a member's name as a JSON pointer segment, cut so that no answer grows with the
// input.
func escape(name string) string {
	const most = 100
	if r := []rune(name); len(r) > most {
		name = string(r[:most])
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// due names what a Go type wants, for people.
func due(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	}
	panic("strict: no request has members of type " + t.String())
}

func tokenName(t json.Token) string {
	switch x := t.(type) {
	case string:
		return "a string"
	case bool:
		return strconv.FormatBool(x)
	case json.Delim:
		if x == '{' {
			return "an object"
		}
		return "a list"
	default:
		return "a number"
	}
}

// badEscape returns the offset of the first \u escape that stands for no character or for U+0000,
// or -1. Only escapes inside strings can hold a backslash, so strings need not be tracked.
func badEscape(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		r, ok := hexEscape(b[i:])
		switch {
		case !ok:
			i++ // the escaped byte, which may be a backslash itself
		case r == 0:
			return i
		case utf16.IsSurrogate(r):
			low, _ := hexEscape(b[i+6:])
			if utf16.DecodeRune(r, low) == '\uFFFD' {
				return i
			}
			i += 11
		default:
			i += 5
		}
	}
	return -1
}

// hexEscape reads \uXXXX at the start of b.
func hexEscape(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
