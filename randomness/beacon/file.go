package beacon

import (
	"fmt"

	"kleroterion/randomness/canonical"
)

const maxFile = 1024

// File is a beacon with the hash of its chain, as it stands in our evidence. It is not verified.
type File struct {
	Chain Hash
	Beacon
}

// wireFile has the members of the file in the order of its canonical form.
type wireFile struct {
	Chain     Hash          `json:"chain"`
	Previous  canonical.Hex `json:"previous,omitempty"`
	Round     uint64        `json:"round"`
	Signature canonical.Hex `json:"signature"`
}

// Marshal returns the canonical JSON of f. It fails for a round or a length that no scheme has.
func (f File) Marshal() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	return canonical.Marshal(wireFile{f.Chain, f.Previous, f.Round, f.Signature})
}

// ParseFile is the inverse of [File.Marshal] and accepts nothing but its bytes.
func ParseFile(b []byte) (File, error) {
	if len(b) > maxFile {
		return File{}, fmt.Errorf("beacon file: %d bytes, at most %d", len(b), maxFile)
	}
	var w wireFile
	if err := canonical.Unmarshal(b, &w); err != nil {
		return File{}, fmt.Errorf("beacon file: %w", err)
	}
	f := File{w.Chain, Beacon{Round: w.Round, Signature: w.Signature, Previous: w.Previous}}
	return f, f.check()
}

// MarshalJSON lets a File stand inside a larger document.
func (f File) MarshalJSON() ([]byte, error) { return f.Marshal() }

// UnmarshalJSON is the inverse of MarshalJSON, as strict as [ParseFile].
func (f *File) UnmarshalJSON(b []byte) error {
	parsed, err := ParseFile(b)
	if err != nil {
		return err
	}
	*f = parsed
	return nil
}

// check knows no scheme, so it admits the lengths of all of them.
func (f File) check() error {
	if fault := checkRoundRange(f.Round); fault != nil {
		return fmt.Errorf("beacon file: %s", fault.detail)
	}
	switch len(f.Signature) {
	case 48, 64, 96:
	default:
		return fmt.Errorf("beacon file: signature has %d bytes, want 48, 64 or 96", len(f.Signature))
	}
	switch len(f.Previous) {
	case 0, 32, 96:
		return nil
	}
	return fmt.Errorf("beacon file: previous has %d bytes, want 32 or 96, or none", len(f.Previous))
}
