package identity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// clientData is what an assertion's client data says (Web Authentication Level 2, 5.8.1).
type clientData struct {
	kind, challenge, origin string
	crossOrigin             bool
}

// parseClientData reads one JSON object. Names are compared exactly, and one that stands twice is
// refused: two readers could take different ones of them.
func parseClientData(data []byte) (clientData, error) {
	members, err := objectMembers(data)
	if err != nil {
		return clientData{}, err
	}
	var c clientData
	for _, m := range []struct {
		name string
		to   *string
	}{{"type", &c.kind}, {"challenge", &c.challenge}, {"origin", &c.origin}} {
		raw, ok := members[m.name]
		if !ok || raw[0] != '"' || json.Unmarshal(raw, m.to) != nil {
			return clientData{}, fmt.Errorf("member %s is missing or no string", m.name)
		}
	}
	if raw, ok := members["crossOrigin"]; ok {
		if s := string(raw); s != "true" && s != "false" {
			return clientData{}, errors.New("member crossOrigin is neither true nor false")
		}
		c.crossOrigin = string(raw) == "true"
	}
	return c, nil
}

func objectMembers(data []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("member name: %w", err)
		}
		name, _ := token.(string)
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("member %.40q stands twice", name)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("member %.40q: %w", name, err)
		}
		members[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("end of the object: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("something stands after the object")
	}
	return members, nil
}
