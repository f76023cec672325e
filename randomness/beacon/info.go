package beacon

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"kleroterion/randomness/canonical"
)

const maxInfo = 8192

// infoV1 and infoV2 hold the two forms of drand's info document with their members in its order.
type infoV1 struct {
	PublicKey string   `json:"public_key"`
	Period    int64    `json:"period"`
	Genesis   int64    `json:"genesis_time"`
	Hash      Hash     `json:"hash"`
	Seed      Hash     `json:"groupHash"`
	Scheme    Scheme   `json:"schemeID"`
	Metadata  metadata `json:"metadata"`
}

type metadata struct {
	ID string `json:"beaconID"`
}

type infoV2 struct {
	PublicKey string `json:"public_key"`
	Period    int64  `json:"period"`
	Genesis   int64  `json:"genesis_time"`
	Seed      Hash   `json:"genesis_seed"`
	Hash      Hash   `json:"chain_hash"`
	Scheme    Scheme `json:"scheme"`
	ID        string `json:"beacon_id"`
}

// InfoV1 returns the document that drand serves at /{hash}/info.
func (c *Chain) InfoV1() []byte {
	return infoJSON(infoV1{hex.EncodeToString(c.PublicKey), c.Period, c.Genesis, c.Hash,
		c.GenesisSeed, c.Scheme, metadata{c.ID}})
}

// InfoV2 returns the document that drand serves at /v2/chains/{hash}/info.
func (c *Chain) InfoV2() []byte {
	return infoJSON(infoV2{hex.EncodeToString(c.PublicKey), c.Period, c.Genesis,
		c.GenesisSeed, c.Hash, c.Scheme, c.ID})
}

func infoJSON(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // an id is written as its bytes are hashed
	if err := enc.Encode(v); err != nil {
		// The types above hold strings and integers only.
		panic(fmt.Sprintf("chain info: %v", err))
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// ParseInfo reads drand's info document in its v1 or v2 form and validates the chain it describes. The
// hash of a pinned chain gives that chain, and only when every constant agrees. Any other chain is
// [StatusDev] and named after its hash.
//
// Members that drand does not define are ignored, because nothing can follow from them. Members of
// both forms at once, a member twice, a missing or null member and upper-case digits are errors.
func ParseInfo(b []byte) (*Chain, error) {
	c, err := readInfo(b)
	if err != nil {
		return nil, fmt.Errorf("chain info: %w", err)
	}
	if known, ok := Pinned().Lookup(c.Hash); ok {
		c.Name, c.Status = known.Name, known.Status
	}
	own, err := New(*c)
	if err != nil {
		return nil, fmt.Errorf("chain info: %w", err)
	}
	return own, nil
}

func readInfo(b []byte) (*Chain, error) {
	if len(b) > maxInfo {
		return nil, fmt.Errorf("%d bytes, at most %d", len(b), maxInfo)
	}
	plain, err := canonical.Transform(b)
	if err != nil {
		return nil, err
	}
	o, err := newObject(plain)
	if err != nil {
		return nil, err
	}
	v1, v2 := o.hasAny("hash", "groupHash", "schemeID", "metadata"), o.hasAny("chain_hash", "genesis_seed", "scheme", "beacon_id")
	switch {
	case v1 && v2:
		return nil, fmt.Errorf("members of drand's v1 and v2 forms are mixed")
	case v1:
		return o.chain("hash", "groupHash", "schemeID")
	default:
		return o.chain("chain_hash", "genesis_seed", "scheme")
	}
}

// object reads members by their exact names: encoding/json alone would ignore their case.
type object map[string]json.RawMessage

func newObject(b []byte) (object, error) {
	var o object
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, fmt.Errorf("want a JSON object: %w", err)
	}
	return o, nil
}

func (o object) hasAny(names ...string) bool {
	for _, n := range names {
		if _, ok := o[n]; ok {
			return true
		}
	}
	return false
}

func (o object) read(name string, into any) error {
	raw, ok := o[name]
	if !ok {
		return fmt.Errorf("member %q is missing", name)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("member %q: %w", name, err)
	}
	return nil
}

func (o object) chain(hash, seed, scheme string) (*Chain, error) {
	c := &Chain{Status: StatusDev}
	var key string
	var genesisSeed Hash
	for _, m := range []struct {
		name string
		into any
	}{
		{hash, &c.Hash}, {seed, &genesisSeed}, {scheme, &c.Scheme}, {"public_key", &key},
		{"period", &c.Period}, {"genesis_time", &c.Genesis},
	} {
		if err := o.read(m.name, m.into); err != nil {
			return nil, err
		}
	}
	c.GenesisSeed, c.Name = genesisSeed, fmt.Sprintf("dev-%.12s", c.Hash)
	var err error
	if c.PublicKey, err = decodeHex(key); err != nil {
		return nil, fmt.Errorf("member %q: %w", "public_key", err)
	}
	c.ID, err = o.id()
	return c, err
}

// id reads the beacon id of either form. drand writes no id and "default" for the same chain.
func (o object) id() (string, error) {
	var id string
	if _, v1 := o["metadata"]; v1 {
		var err error
		if o, err = newObject(o["metadata"]); err != nil {
			return "", fmt.Errorf("member %q: %w", "metadata", err)
		}
		if err = o.read("beaconID", &id); err != nil {
			return "", fmt.Errorf("member %q: %w", "metadata", err)
		}
	} else if err := o.read("beacon_id", &id); err != nil {
		return "", err
	}
	if id == "" {
		id = defaultID
	}
	return id, nil
}
