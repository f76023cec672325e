package register

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"kleroterion/randomness/canonical"
)

// ParseLine reads one entry from its canonical bytes, without a line end. Errors are of type
// [*Refusal], without a line number.
func ParseLine(b []byte) (Entry, error) {
	var raw rawLine
	if r := raw.parse(b); r != nil {
		return Entry{}, r
	}
	features, err := parseFeatures(raw.features)
	if err != nil {
		return Entry{}, refuseForm(b, err)
	}
	return raw.entry(features), nil
}

// rawLine is an entry whose features are still text.
type rawLine struct {
	features     []byte // the object, aliasing the line
	id, sealed   [32]byte
	household    uint64
	hasHousehold bool
	hasSealed    bool
}

func (l *rawLine) entry(features map[string]string) Entry {
	e := Entry{ID: l.id, Features: features}
	if l.hasHousehold {
		e.Household = fmt.Sprintf("%016x", l.household)
	}
	if l.hasSealed {
		e.Sealed = hex.EncodeToString(l.sealed[:])
	}
	return e
}

// parse checks everything but the inside of the features object. The canonical form leaves one
// order of members and no white space, so the line is matched from left to right.
func (l *rawLine) parse(b []byte) *Refusal {
	if len(b) > MaxLine {
		return &Refusal{Rule: RuleLineLength, Detail: fmt.Sprintf("%d bytes, at most %d are allowed", len(b), MaxLine)}
	}
	c := cursor{b: b}
	if !c.skip(`{"features":{`) {
		return refuseForm(b, errors.New(`an entry begins with {"features":{`))
	}
	start := c.at - 1
	if !c.skipObject() {
		return refuseForm(b, errors.New("the features object does not end"))
	}
	l.features = b[start:c.at]
	if err := l.parseMembers(&c); err != nil {
		return refuseForm(b, err)
	}
	return nil
}

func (l *rawLine) parseMembers(c *cursor) error {
	var household [8]byte
	if l.hasHousehold = c.skip(`,"household":"`); l.hasHousehold {
		if !c.hex(household[:]) {
			return errors.New("household is not 16 lower-case hex characters")
		}
		l.household = binary.BigEndian.Uint64(household[:])
	}
	if !c.skip(`,"id":"`) || !c.hex(l.id[:]) {
		return errors.New("features and household are followed by id, 64 lower-case hex characters")
	}
	if l.hasSealed = c.skip(`,"sealed":"`); l.hasSealed && !c.hex(l.sealed[:]) {
		return errors.New("sealed is not 64 lower-case hex characters")
	}
	if !c.skip("}") || c.at != len(c.b) {
		return errors.New("an entry ends after id or sealed")
	}
	return nil
}

// refuseForm tells bytes that are not canonical from canonical bytes that are no entry.
func refuseForm(b []byte, reason error) *Refusal {
	if bytes.HasSuffix(b, []byte("\r")) {
		return &Refusal{Rule: RuleCanonical, Detail: `the line ends with a carriage return: lines end with \n alone`}
	}
	if err := canonical.Check(b); err != nil {
		return &Refusal{Rule: RuleCanonical, Detail: err.Error()}
	}
	return &Refusal{Rule: RuleEntryForm, Detail: reason.Error()}
}

// cursor walks one line.
type cursor struct {
	b  []byte
	at int
}

// skip moves past s if it stands here.
func (c *cursor) skip(s string) bool {
	if len(c.b)-c.at < len(s) || string(c.b[c.at:c.at+len(s)]) != s {
		return false
	}
	c.at += len(s)
	return true
}

// hex reads a hash up to and including its closing quote.
func (c *cursor) hex(dst []byte) bool {
	end := c.at + 2*len(dst)
	if end >= len(c.b) || c.b[end] != '"' || !decodeHex(dst, c.b[c.at:end]) {
		return false
	}
	c.at = end + 1
	return true
}

// skipObject moves past the first closing brace outside a string.
func (c *cursor) skipObject() bool {
	inside := false
	for i := c.at; i < len(c.b); i++ {
		switch c.b[i] {
		case '"':
			inside = !inside
		case '\\':
			i++
		case '}':
			if !inside {
				c.at = i + 1
				return true
			}
		}
	}
	return false
}
