package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNotCanonical reports a document that is well formed but not in its one accepted form.
var ErrNotCanonical = errors.New("not in canonical form")

// Marshal encodes v, by its json tags, as canonical bytes. A nil slice, map or pointer that is not
// omitted would be null and is an error.
func Marshal(v any) ([]byte, error) {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("canonical encoding: %w", err)
	}
	text := bytes.TrimSuffix(plain.Bytes(), []byte("\n"))
	if isCanonical(text) {
		return text, nil
	}
	return Transform(text)
}

// Unmarshal decodes canonical bytes into v. It fails when b is not canonical, has a member that v
// does not know, or lacks one that v always writes; v is then not to be used.
func Unmarshal(b []byte, v any) error {
	if err := Check(b); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("canonical decoding: %w", err)
	}
	again, err := Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return fmt.Errorf("%w: a member is missing, misspelt or has a default value written out", ErrNotCanonical)
	}
	return nil
}

// Check reports whether b is one value in canonical form.
func Check(b []byte) error {
	if isCanonical(b) {
		return nil
	}
	want, err := Transform(b)
	if err != nil {
		return err
	}
	if !bytes.Equal(want, b) {
		return ErrNotCanonical
	}
	return nil
}

// Transform returns the canonical form of the JSON value in b. Errors name the byte offset.
func Transform(b []byte) ([]byte, error) {
	p := parser{in: b}
	out, err := p.value(make([]byte, 0, len(b)), 0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(p.in) {
		return nil, p.errorf("unexpected %q after the value", p.in[p.at])
	}
	return out, nil
}
