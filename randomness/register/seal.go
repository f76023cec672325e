package register

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Row is one person of an import, checked and normalised. Features and Sealed are shared between
// rows and not to be changed.
type Row struct {
	Number   int64 // as a spreadsheet shows it: the header is row 1
	Record   Record
	Features map[string]string // disclosed
	Sealed   map[string]string // not disclosed
}

// Private is what a row becomes. Salt and Record stay with the city; Entry is public.
type Private struct {
	Salt   [32]byte
	Record []byte // canonical
	Entry  Entry
}

// Sealer seals the rows of one register.
type Sealer struct {
	key     [32]byte
	entropy io.Reader
}

// NewSealer takes the register key, 32 random bytes of this register alone (see [NewSecret]), and
// the source of salts.
func NewSealer(key [32]byte, entropy io.Reader) (*Sealer, error) {
	if key == [32]byte{} {
		return nil, errors.New("register key is all zero")
	}
	return &Sealer{key, entropy}, nil
}

// Seal draws a salt and makes the private record and the public entry of a row.
func (s *Sealer) Seal(row Row) (Private, error) {
	salt, err := NewSecret(s.entropy)
	if err != nil {
		return Private{}, fmt.Errorf("salt of row %d: %w", row.Number, err)
	}
	entry, record, err := Seal(row, salt, s.key)
	if err != nil {
		return Private{}, fmt.Errorf("row %d: %w", row.Number, err)
	}
	return Private{salt, record, entry}, nil
}

// NewSecret reads a salt or a register key from a source of entropy.
func NewSecret(entropy io.Reader) (secret [32]byte, err error) {
	if _, err := io.ReadFull(entropy, secret[:]); err != nil {
		return [32]byte{}, fmt.Errorf("reading entropy: %w", err)
	}
	if secret == [32]byte{} {
		return secret, errors.New("reading entropy: 32 zero bytes, the source is broken")
	}
	return secret, nil
}

// Seal makes the public entry and the canonical private record of a row under a given salt.
func Seal(row Row, salt, registerKey [32]byte) (Entry, []byte, error) {
	record, err := row.Record.Canonical()
	if err != nil {
		return Entry{}, nil, err
	}
	entry := Entry{ID: ID(salt, record), Features: row.Features}
	entry.Household, _ = Household(registerKey, row.Record.Address)
	if len(row.Sealed) > 0 {
		seal, err := SealFeatures(salt, row.Sealed)
		if err != nil {
			return Entry{}, nil, err
		}
		entry.Sealed = hex.EncodeToString(seal[:])
	}
	if _, err := entry.Line(); err != nil {
		return Entry{}, nil, err
	}
	return entry, record, nil
}

// OpenSealed checks the features that a city shows an auditor, with the salt, against the entry.
func (e Entry) OpenSealed(salt [32]byte, features map[string]string) error {
	if e.Sealed == "" {
		return errors.New("the entry seals no features")
	}
	seal, err := SealFeatures(salt, features)
	if err != nil {
		return err
	}
	if !hmac.Equal([]byte(hex.EncodeToString(seal[:])), []byte(e.Sealed)) {
		return errors.New("salt and features do not give the seal: they are not those that were sealed")
	}
	return nil
}
