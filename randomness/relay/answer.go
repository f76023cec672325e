package relay

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

const maxBody = 8 << 10

// answer is a round as a relay tells it: well formed, and not trusted.
type answer struct {
	beacon     beacon.Beacon
	randomness []byte // nil when the relay does not say it
}

// parseAnswer reads a round. The canonical parser refuses what JSON readers disagree on: members
// twice, numbers that are no integers, bad UTF-8, and null. Members that drand does not define are
// ignored, because nothing can follow from them.
func parseAnswer(body []byte) (answer, error) {
	plain, err := canonical.Transform(body)
	if err != nil {
		return answer{}, fmt.Errorf("round: %w", err)
	}
	var o map[string]json.RawMessage // exact names: a struct would match round and ROUND alike
	if err := json.Unmarshal(plain, &o); err != nil {
		return answer{}, fmt.Errorf("round: want a JSON object: %w", err)
	}
	var a answer
	if err := json.Unmarshal(o["round"], &a.beacon.Round); err != nil {
		return answer{}, fmt.Errorf("round: member round: want an integer: %w", err)
	}
	if a.beacon.Signature, err = hexMember(o, "signature"); err != nil {
		return answer{}, err
	}
	if a.beacon.Signature == nil {
		return answer{}, fmt.Errorf("round: member signature is missing or empty")
	}
	if a.beacon.Previous, err = hexMember(o, "previous_signature"); err != nil {
		return answer{}, err
	}
	a.randomness, err = hexMember(o, "randomness")
	return a, err
}

// hexMember returns nil for a member that is absent or empty.
func hexMember(o map[string]json.RawMessage, name string) ([]byte, error) {
	raw, ok := o[name]
	if !ok {
		return nil, nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, fmt.Errorf("round: member %s: want a string: %w", name, err)
	}
	b, err := hex.DecodeString(text)
	if err != nil || strings.ToLower(text) != text {
		return nil, fmt.Errorf("round: member %s: want lower-case hexadecimal digits, got %.80q", name, text)
	}
	if len(b) == 0 {
		return nil, nil
	}
	return b, nil
}

// parseChains reads the list of chain hashes that a relay serves.
func parseChains(body []byte) ([]beacon.Hash, error) {
	plain, err := canonical.Transform(body)
	if err != nil {
		return nil, fmt.Errorf("list of chains: %w", err)
	}
	var list []beacon.Hash
	if err := json.Unmarshal(plain, &list); err != nil {
		return nil, fmt.Errorf("list of chains: %w", err)
	}
	return list, nil
}
