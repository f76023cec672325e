package seating

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
)

const (
	crockford  = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength = 20 // characters of 5 bits
	codeGroup  = 5
)

// NewCode returns a one-time code of 100 bits from entropy, four groups of five characters joined by
// dashes, and the hash to keep in its place.
func NewCode(entropy io.Reader) (code string, hash [32]byte, err error) {
	var random [codeLength]byte
	if _, err := io.ReadFull(entropy, random[:]); err != nil {
		return "", hash, fmt.Errorf("entropy for a code: %w", err)
	}
	plain := make([]byte, codeLength)
	for i, b := range random {
		plain[i] = crockford[b&31]
	}
	groups := make([]string, 0, codeLength/codeGroup)
	for i := 0; i < codeLength; i += codeGroup {
		groups = append(groups, string(plain[i:i+codeGroup]))
	}
	return strings.Join(groups, "-"), hashCode(plain), nil
}

// HashCode returns the hash of a code as a person typed it: in any case, with or without dashes and
// spaces, O for 0, I or L for 1. It refuses (code) whatever cannot be a code, without repeating it.
func HashCode(typed string) (hash [32]byte, err error) {
	plain := make([]byte, 0, codeLength)
	for i := range len(typed) {
		c := typed[i]
		if c == '-' || c == ' ' {
			continue
		}
		d, ok := digit(c)
		if !ok {
			return hash, refuse(RuleCode, "character %d of the code is none of the digits and letters in codes", i+1)
		}
		if plain = append(plain, d); len(plain) > codeLength {
			break
		}
	}
	if len(plain) != codeLength {
		return hash, refuse(RuleCode, "a code has %d digits and letters: compare it with the letter", codeLength)
	}
	return hashCode(plain), nil
}

// digit reads one character as Crockford's base 32 does. U is in no code.
func digit(c byte) (byte, bool) {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	switch c {
	case 'O':
		c = '0'
	case 'I', 'L':
		c = '1'
	}
	return c, strings.IndexByte(crockford, c) >= 0
}

func hashCode(plain []byte) [32]byte {
	return sha256.Sum256(append([]byte("kleroterion/code/v1\n"), plain...))
}
