package register

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"kleroterion/randomness/canonical"
)

// MaxField is the largest length of a field of the private record, in bytes.
const MaxField = 1000

// Record is the private record of one person. It stays with the city and is erased with its salt.
type Record struct {
	Person  string `json:"person"` // the city's own number, unique in the register
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
	Contact string `json:"contact,omitempty"`
}

// Canonical returns the record's canonical bytes, which [ID] commits to. It fails when a field is
// not in the form that an import gives it.
func (r Record) Canonical() ([]byte, error) {
	if r.Person == "" {
		return nil, errors.New("private record: person is empty")
	}
	dst := []byte{'{'}
	for _, f := range []struct{ name, value string }{
		{"address", r.Address}, {"contact", r.Contact}, {"name", r.Name}, {"person", r.Person},
	} {
		if f.value == "" {
			continue
		}
		if err := checkField(f.value); err != nil {
			return nil, fmt.Errorf("private record: %s %w", f.name, err)
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(canonical.AppendString(dst, f.name), ':')
		dst = canonical.AppendString(dst, f.value)
	}
	return append(dst, '}'), nil
}

// ParseRecord reads a private record from its canonical bytes.
func ParseRecord(b []byte) (Record, error) {
	var r Record
	if err := canonical.Unmarshal(b, &r); err != nil {
		return Record{}, fmt.Errorf("private record: %w", err)
	}
	if _, err := r.Canonical(); err != nil {
		return Record{}, err
	}
	return r, nil
}

func checkField(s string) error {
	if err := checkText(s, MaxField); err != nil {
		return err
	}
	if clean(s) != s {
		return errors.New("is not in NFC, trimmed, with single spaces")
	}
	return nil
}

// ID is the public id of a person: HMAC-SHA256(salt, "kleroterion/resident/v1\n" ‖ record). Without
// the salt nobody can try names against it.
func ID(salt [32]byte, canonicalRecord []byte) [32]byte {
	return mac(salt, "kleroterion/resident/v1\n", canonicalRecord)
}

// SealFeatures is the public seal of the features that a city does not disclose:
// HMAC-SHA256(salt, "kleroterion/features/v1\n" ‖ canonical object).
func SealFeatures(salt [32]byte, features map[string]string) ([32]byte, error) {
	if len(features) == 0 {
		return [32]byte{}, errors.New("no features to seal")
	}
	object, err := appendFeatures(nil, features)
	if err != nil {
		return [32]byte{}, fmt.Errorf("features to seal: %w", err)
	}
	return mac(salt, "kleroterion/features/v1\n", object), nil
}

// Household is the public household of an address under the register's key, 16 hex characters.
// It is false for an address without a letter or number.
func Household(key [32]byte, address string) (string, bool) {
	normal := normaliseAddress(address)
	if normal == "" {
		return "", false
	}
	sum := mac(key, "", []byte(normal))
	return hex.EncodeToString(sum[:8]), true
}

func mac(key [32]byte, label string, message []byte) (sum [32]byte) {
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte(label))
	h.Write(message)
	h.Sum(sum[:0])
	return sum
}
