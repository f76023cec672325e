package register

import (
	"errors"
	"fmt"
)

// parseFeatures reads the canonical object b of disclosed features. It refuses all that
// appendFeatures would not write.
func parseFeatures(b []byte) (map[string]string, error) {
	c := cursor{b: b}
	features := map[string]string{}
	if c.skip("{}") && c.at == len(b) {
		return features, nil
	}
	if !c.skip("{") {
		return nil, errors.New("features is not an object")
	}
	before := ""
	for {
		name, value, err := c.feature()
		if err != nil {
			return nil, err
		}
		if len(features) > 0 && compareUTF16(before, name) >= 0 {
			return nil, fmt.Errorf("feature %q is not sorted after %q", name, before)
		}
		features[name], before = value, name
		if len(features) > MaxFeatures {
			return nil, fmt.Errorf("more than %d features", MaxFeatures)
		}
		if c.skip("}") && c.at == len(b) {
			return features, nil
		}
		if !c.skip(",") {
			return nil, errors.New("features are separated by one comma")
		}
	}
}

func (c *cursor) feature() (name, value string, err error) {
	if name, err = c.text(); err != nil {
		return "", "", fmt.Errorf("feature name %w", err)
	}
	if !c.skip(":") {
		return "", "", fmt.Errorf("feature %q is not followed by a colon", name)
	}
	if value, err = c.text(); err != nil {
		return "", "", fmt.Errorf("value of feature %q %w", name, err)
	}
	return name, value, checkFeature(name, value)
}

// text reads a string literal. Of the escapes only \" and \\ are read: the canonical form keeps the
// others for control characters, which an entry may not have.
func (c *cursor) text() (string, error) {
	if !c.skip(`"`) {
		return "", errors.New("is not a string")
	}
	var out []byte
	for c.at < len(c.b) {
		b := c.b[c.at]
		c.at++
		switch b {
		case '"':
			return string(out), nil
		case '\\':
			if c.at == len(c.b) || c.b[c.at] != '"' && c.b[c.at] != '\\' {
				return "", errors.New("has an escape other than \\\" and \\\\")
			}
			b = c.b[c.at]
			c.at++
		}
		out = append(out, b)
	}
	return "", errors.New("has no closing quote")
}
