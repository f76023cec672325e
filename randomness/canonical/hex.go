package canonical

import (
	"encoding/hex"
	"errors"
	"strings"
)

// Hex is a byte string that is written as lower-case hexadecimal.
type Hex []byte

// MarshalText writes the two digits of each byte.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText reads lower-case digits only, so that each value has one form.
func (h *Hex) UnmarshalText(text []byte) error {
	if strings.ToLower(string(text)) != string(text) {
		return errors.New("hexadecimal must be lower case")
	}
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

func (h Hex) String() string { return hex.EncodeToString(h) }
