package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"

	"kleroterion/funding"
	"kleroterion/randomness/canonical"
)

// digest is a column of exactly 32 bytes.
type digest [32]byte

// Value writes the bytes.
func (d digest) Value() (driver.Value, error) { return d[:], nil }

// Scan reads the bytes; another length is a broken row.
func (d *digest) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("column holds %T of %d bytes, want 32 bytes", v, len(b))
	}
	copy(d[:], b)
	return nil
}

// GormDataType tells GORM the column's type.
func (digest) GormDataType() string { return "bytes" }

// blob is a column of bytes that is never NULL: nothing is zero bytes there and nil here.
type blob []byte

// Value writes the bytes.
func (b blob) Value() (driver.Value, error) {
	if b == nil {
		return []byte{}, nil
	}
	return []byte(b), nil
}

// Scan reads a copy of the bytes.
func (b *blob) Scan(v any) error {
	in, ok := v.([]byte)
	if !ok {
		return fmt.Errorf("column holds %T, want bytes", v)
	}
	*b = nil
	if len(in) > 0 {
		*b = slices.Clone(in)
	}
	return nil
}

// GormDataType tells GORM the column's type.
func (blob) GormDataType() string { return "bytes" }

// names is a column that holds a list of text as JSON; nil stays nil.
type names []string

// Value writes the JSON.
func (n names) Value() (driver.Value, error) {
	b, err := json.Marshal([]string(n))
	return string(b), err
}

// Scan reads the JSON.
func (n *names) Scan(v any) error {
	switch v := v.(type) {
	case string:
		return json.Unmarshal([]byte(v), (*[]string)(n))
	case []byte:
		return json.Unmarshal(v, (*[]string)(n))
	}
	return fmt.Errorf("column holds %T, want text", v)
}

// GormDataType tells GORM the column's type.
func (names) GormDataType() string { return "string" }

// texts is a column that holds a list of text as canonical JSON; an empty list is nil here.
type texts []string

// Value writes the JSON.
func (l texts) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "[]", nil
	}
	b, err := canonical.Marshal([]string(l))
	return string(b), err
}

// Scan reads the JSON; another form of it is a broken row.
func (l *texts) Scan(v any) error {
	in, ok := v.(string)
	if !ok {
		return fmt.Errorf("column holds %T, want text", v)
	}
	*l = nil
	if in == "[]" {
		return nil
	}
	return canonical.Unmarshal([]byte(in), (*[]string)(l))
}

// GormDataType tells GORM the column's type.
func (texts) GormDataType() string { return "string" }

// amount is a column of digits: no integer of the databases is wide enough for all amounts.
type amount funding.Amount

// Value writes the digits.
func (a amount) Value() (driver.Value, error) { return funding.Amount(a).String(), nil }

// Scan reads the digits; another form of them is a broken row.
func (a *amount) Scan(v any) (err error) {
	in, ok := v.(string)
	if !ok {
		return fmt.Errorf("column holds %T, want text", v)
	}
	read, err := funding.ParseAmount(in)
	*a = amount(read)
	return err
}

// GormDataType tells GORM the column's type.
func (amount) GormDataType() string { return "string" }
