package beacon

import (
	"encoding/hex"
	"fmt"
)

// Hash identifies a chain: SHA-256 over its constants, see [Chain.Validate].
type Hash [32]byte

// String returns 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash is the inverse of [Hash.String]. It accepts nothing but 64 lower-case digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	err := h.UnmarshalText([]byte(s))
	return h, err
}

// MarshalText returns the text of [Hash.String].
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the text of [Hash.String] and leaves h alone on an error.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := decodeHex(string(text))
	if err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	if len(b) != len(h) {
		return fmt.Errorf("hash: %d hexadecimal digits, want 64", len(text))
	}
	copy(h[:], b)
	return nil
}

// decodeHex refuses upper-case digits, so that bytes have one text.
func decodeHex(s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return nil, fmt.Errorf("character %d is %q, want lower-case hexadecimal digits", i+1, c)
		}
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("odd number of hexadecimal digits (%d)", len(s))
	}
	return b, nil
}
