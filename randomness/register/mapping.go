package register

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kleroterion/randomness/canonical"
)

// Mapping says which columns of a city's file become what. Columns it does not name are left out.
type Mapping struct {
	Person   string    `json:"person"`             // the column of the city's own number
	Name     []string  `json:"name,omitempty"`     // joined by one space, empty cells left out
	Address  []string  `json:"address,omitempty"`  // joined by comma and space
	Contact  []string  `json:"contact,omitempty"`  // joined by comma and space
	Features []Feature `json:"features,omitempty"` // what a draw may use
}

// Feature is one feature of a mapping.
type Feature struct {
	Name   string   `json:"name"`             // as it is published
	Column string   `json:"column"`           // as the header has it
	Bands  []int    `json:"bands,omitempty"`  // lower bounds; [16,30,50] gives 16-29, 30-49, 50+
	Values []string `json:"values,omitempty"` // the allowed values, after banding; all when empty
	Sealed bool     `json:"sealed,omitempty"` // not disclosed, see [SealFeatures]
}

// Limits of a mapping.
const (
	MaxColumns = 1000 // of a file
	maxBands   = 100
	maxValues  = 1000
)

// ParseMapping reads a mapping that a person may have written: any white space and key order, but
// no unknown, misspelt or repeated member. The mapping is valid.
func ParseMapping(b []byte) (Mapping, error) {
	plain, err := canonical.Transform(b)
	if err != nil {
		return Mapping{}, fmt.Errorf("mapping: %w", err)
	}
	if err := checkMembers(plain); err != nil {
		return Mapping{}, fmt.Errorf("mapping: %w", err)
	}
	var m Mapping
	if err := json.Unmarshal(plain, &m); err != nil {
		return Mapping{}, fmt.Errorf("mapping: %w", err)
	}
	return m, m.Validate()
}

// checkMembers refuses member names that are not exactly known; encoding/json would take PERSON.
func checkMembers(b []byte) error {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(b, &doc); err != nil {
		return errors.New("is not an object")
	}
	if err := knownMembers(doc, "person", "name", "address", "contact", "features"); err != nil {
		return err
	}
	if doc["features"] == nil {
		return nil
	}
	var features []map[string]json.RawMessage
	if err := json.Unmarshal(doc["features"], &features); err != nil {
		return errors.New("features is not a list of objects")
	}
	for i, f := range features {
		if err := knownMembers(f, "name", "column", "bands", "values", "sealed"); err != nil {
			return fmt.Errorf("feature %d: %w", i+1, err)
		}
	}
	return nil
}

func knownMembers(doc map[string]json.RawMessage, known ...string) error {
	for name := range doc {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown member %.80q: the members are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// Canonical returns the mapping's canonical bytes.
func (m Mapping) Canonical() ([]byte, error) { return canonical.Marshal(m) }

// Equal reports whether two mappings are the same.
func (m Mapping) Equal(n Mapping) bool {
	a, errA := m.Canonical()
	b, errB := n.Canonical()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// Validate checks the mapping without a file. It refuses to publish, or to seal for a draw, the
// columns that name a person.
func (m Mapping) Validate() error {
	private := append(append([]string{m.Person}, m.Name...), m.Contact...)
	for _, column := range append(slices.Clone(private), m.Address...) {
		if err := checkColumn(column); err != nil {
			return fmt.Errorf("mapping: %w", err)
		}
	}
	if len(m.Features) > MaxFeatures {
		return fmt.Errorf("mapping: %d features, at most %d are allowed", len(m.Features), MaxFeatures)
	}
	seen := map[string]bool{}
	for _, f := range m.Features {
		if err := f.validate(); err != nil {
			return fmt.Errorf("mapping: feature %q: %w", f.Name, err)
		}
		if seen[fold(f.Name)] {
			return fmt.Errorf("mapping: feature %q is listed twice", f.Name)
		}
		seen[fold(f.Name)] = true
		if slices.ContainsFunc(private, func(c string) bool { return fold(c) == fold(f.Column) }) {
			return fmt.Errorf("mapping: feature %q would use the column %q, which names the person", f.Name, f.Column)
		}
	}
	return nil
}

func checkColumn(column string) error {
	if clean(column) == "" {
		return errors.New("a column name is empty; person must name one")
	}
	return nil
}

func (f Feature) validate() error {
	if err := checkName(f.Name, MaxFeatureName); err != nil {
		return fmt.Errorf("name %w", err)
	}
	if err := checkColumn(f.Column); err != nil {
		return err
	}
	if err := checkBands(f.Bands); err != nil {
		return err
	}
	return f.validateValues()
}

// checkName is checkText for texts that are published: these are also in the form of clean.
func checkName(s string, limit int) error {
	if err := checkText(s, limit); err != nil {
		return err
	}
	if clean(s) != s {
		return errors.New("is not in NFC, trimmed, with single spaces")
	}
	return nil
}

func (f Feature) validateValues() error {
	if len(f.Values) > maxValues {
		return fmt.Errorf("%d values, at most %d are allowed", len(f.Values), maxValues)
	}
	labels := bandLabels(f.Bands)
	seen := map[string]bool{}
	for _, v := range f.Values {
		if err := checkName(v, MaxFeatureValue); err != nil {
			return fmt.Errorf("value %.80q %w", v, err)
		}
		if strings.Contains(v, "/") {
			return fmt.Errorf("value %q has a /, which joins values in a draw", v)
		}
		if seen[fold(v)] {
			return fmt.Errorf("value %q is listed twice (case does not tell values apart)", v)
		}
		seen[fold(v)] = true
		if labels != nil && !slices.Contains(labels, v) {
			return fmt.Errorf("value %q is none of the bands %s", v, strings.Join(labels, ", "))
		}
	}
	return nil
}
