package register

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kleroterion/randomness/canonical"
)

// Limits of the public entry, in bytes but for MaxFeatures.
const (
	MaxLine         = 8192
	MaxFeatures     = 32
	MaxFeatureName  = 64
	MaxFeatureValue = 128
)

// Entry is what the public sees of one person.
type Entry struct {
	ID        [32]byte          // commitment to the private record, see [ID]
	Features  map[string]string // the disclosed features, may be empty
	Household string            // 16 hex characters, or "" without an address
	Sealed    string            // 64 hex characters, or "" when every feature is disclosed
}

// Line returns the entry's canonical bytes, without a line end. It fails on an entry that
// [ParseLine] would refuse.
func (e Entry) Line() ([]byte, error) {
	return e.appendLine(make([]byte, 0, 256))
}

func (e Entry) appendLine(dst []byte) ([]byte, error) {
	from := len(dst)
	dst, err := appendFeatures(append(dst, `{"features":`...), e.Features)
	if err != nil {
		return nil, &Refusal{Rule: RuleEntryForm, Detail: err.Error()}
	}
	if e.Household != "" {
		if !isHex(e.Household, 16) {
			return nil, &Refusal{Rule: RuleEntryForm, Detail: "household is not 16 lower-case hex characters"}
		}
		dst = append(append(append(dst, `,"household":"`...), e.Household...), '"')
	}
	dst = append(hex.AppendEncode(append(dst, `,"id":"`...), e.ID[:]), '"')
	if e.Sealed != "" {
		if !isHex(e.Sealed, 64) {
			return nil, &Refusal{Rule: RuleEntryForm, Detail: "sealed is not 64 lower-case hex characters"}
		}
		dst = append(append(append(dst, `,"sealed":"`...), e.Sealed...), '"')
	}
	dst = append(dst, '}')
	if len(dst)-from > MaxLine {
		return nil, &Refusal{Rule: RuleLineLength, Detail: fmt.Sprintf("the entry has %d bytes, at most %d are allowed: use shorter feature names or values", len(dst)-from, MaxLine)}
	}
	return dst, nil
}

// appendFeatures appends the canonical object of features.
func appendFeatures(dst []byte, features map[string]string) ([]byte, error) {
	if len(features) > MaxFeatures {
		return nil, fmt.Errorf("%d features, at most %d are allowed", len(features), MaxFeatures)
	}
	dst = append(dst, '{')
	for i, name := range slices.SortedFunc(maps.Keys(features), compareUTF16) {
		value := features[name]
		if err := checkFeature(name, value); err != nil {
			return nil, err
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(canonical.AppendString(dst, name), ':')
		dst = canonical.AppendString(dst, value)
	}
	return append(dst, '}'), nil
}

func checkFeature(name, value string) error {
	if err := checkText(name, MaxFeatureName); err != nil {
		return fmt.Errorf("feature name %.80q %w", name, err)
	}
	if err := checkText(value, MaxFeatureValue); err != nil {
		return fmt.Errorf("value of feature %q %w", name, err)
	}
	if strings.IndexByte(value, '/') >= 0 {
		return fmt.Errorf("value of feature %q has a /, which joins values in a draw", name)
	}
	return nil
}

// checkText reports what keeps s from being a text of 1 to limit bytes without control characters.
func checkText(s string, limit int) error {
	switch {
	case s == "":
		return fmt.Errorf("is empty")
	case len(s) > limit:
		return fmt.Errorf("has %d bytes, at most %d are allowed", len(s), limit)
	case !utf8.ValidString(s):
		return fmt.Errorf("is not UTF-8")
	case strings.IndexFunc(s, unicode.IsControl) >= 0:
		return fmt.Errorf("has a control character")
	}
	return nil
}

// compareUTF16 orders names as RFC 8785 3.2.3 does, by UTF-16 code units. That is the order of the
// UTF-8 bytes, except that characters above U+FFFF (lead byte F0 and more) stand before U+E000 to
// U+FFFF (lead bytes EE and EF).
func compareUTF16(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0) {
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	}
	return cmp.Compare(len(a), len(b))
}
