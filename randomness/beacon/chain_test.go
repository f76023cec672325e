package beacon

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The constants in pinned.go were typed once; vectors.json is the other copy.
func TestPinnedChainsAreThoseOfTheVectors(t *testing.T) {
	v := readVectors(t)
	status := map[string]Status{"default": StatusLive, "quicknet": StatusLive, "evmnet": StatusLive,
		"fastnet": StatusRetired, "testnet-default": StatusTestnet, "quicknet-t": StatusTestnet,
		"testnet-unchained-3s": StatusTestnet}
	if got := len(Pinned().All()); got != len(v.Chains) {
		t.Errorf("%d pinned chains, want %d", got, len(v.Chains))
	}
	for name, raw := range v.Chains {
		c := pinnedChain(t, name)
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if c.Status != status[name] {
			t.Errorf("%s: status %q, want %q", name, c.Status, status[name])
		}
		var want infoV2
		var hash struct {
			Hash Hash `json:"hash"`
		}
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &hash); err != nil {
			t.Fatal(err)
		}
		want.Hash = hash.Hash
		var got infoV2
		if err := json.Unmarshal(c.InfoV2(), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	// edit changes a sound dev chain; rehash tells whether its hash is then made to fit again.
	for name, tc := range map[string]struct {
		edit   func(*Chain)
		rehash bool
		want   string
	}{
		"another hash":              {func(c *Chain) { c.Hash[0] ^= 1 }, false, "hash"},
		"another period":            {func(c *Chain) { c.Period++ }, false, "hash"},
		"another genesis":           {func(c *Chain) { c.Genesis++ }, false, "hash"},
		"another seed":              {func(c *Chain) { c.GenesisSeed[31] ^= 1 }, false, "hash"},
		"another id":                {func(c *Chain) { c.ID = "other" }, false, "hash"},
		"period 0":                  {func(c *Chain) { c.Period = 0 }, true, "period"},
		"period -1":                 {func(c *Chain) { c.Period = -1 }, true, "period"},
		"period 2^32":               {func(c *Chain) { c.Period = math.MaxUint32 + 1 }, true, "period"},
		"genesis 0":                 {func(c *Chain) { c.Genesis = 0 }, true, "genesis"},
		"genesis 2^53":              {func(c *Chain) { c.Genesis = MaxRound + 1 }, true, "genesis"},
		"unknown scheme":            {func(c *Chain) { c.Scheme = "bls" }, true, "scheme"},
		"no scheme":                 {func(c *Chain) { c.Scheme = "" }, true, "scheme"},
		"scheme of another size":    {func(c *Chain) { c.Scheme = SchemeChained }, true, "public key"},
		"no key":                    {func(c *Chain) { c.PublicKey = nil }, true, "public key"},
		"key one byte short":        {func(c *Chain) { c.PublicKey = c.PublicKey[1:] }, true, "public key"},
		"key one byte long":         {func(c *Chain) { c.PublicKey = append(c.PublicKey, 0) }, true, "public key"},
		"key at infinity":           {func(c *Chain) { c.PublicKey = append([]byte{0xc0}, make([]byte, 95)...) }, true, "infinity"},
		"key outside subgroup":      {func(c *Chain) { c.PublicKey = append([]byte{0x80}, append(make([]byte, 94), 2)...) }, true, "public key"},
		"key without flag":          {func(c *Chain) { c.PublicKey[0] &= 0x7f }, true, "compression"},
		"no id":                     {func(c *Chain) { c.ID = "" }, true, "beacon id"},
		"an id with a line feed":    {func(c *Chain) { c.ID = "a\nb" }, true, "beacon id"},
		"an id of 65 bytes":         {func(c *Chain) { c.ID = strings.Repeat("a", 65) }, true, "beacon id"},
		"no name":                   {func(c *Chain) { c.Name = "" }, true, "name"},
		"a name with a space":       {func(c *Chain) { c.Name = "a b" }, true, "name"},
		"live without being pinned": {func(c *Chain) { c.Status = StatusLive }, true, "not pinned"},
		"testnet without it":        {func(c *Chain) { c.Status = StatusTestnet }, true, "not pinned"},
		"retired without it":        {func(c *Chain) { c.Status = StatusRetired }, true, "not pinned"},
		"no status":                 {func(c *Chain) { c.Status = "" }, true, "not pinned"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSigner(t, SchemeG1RFC9380, 12345).chain.clone()
			tc.edit(c)
			if tc.rehash {
				c.Hash = c.hash()
			}
			err := c.Validate()
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one about %q", err, tc.want)
			}
			if _, err := New(*c); err == nil {
				t.Error("New accepted it")
			}
		})
	}
}

// The hash covers neither the scheme nor the border between seed and id.
func TestPinnedHashWithOtherFieldsIsRefused(t *testing.T) {
	for name, edit := range map[string]func(*Chain){
		"scheme relabelled": func(c *Chain) { c.Scheme = SchemeUnchainedG1 },
		"called dev":        func(c *Chain) { c.Status = StatusDev },
		"called retired":    func(c *Chain) { c.Status = StatusRetired },
		"renamed":           func(c *Chain) { c.Name = "quicknet-2" },
	} {
		t.Run(name, func(t *testing.T) {
			c := pinnedChain(t, "quicknet")
			edit(c)
			if c.Hash != c.hash() {
				t.Fatal("the hash no longer fits, so the case proves nothing")
			}
			if err := c.Validate(); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestMatchesNamesTheField(t *testing.T) {
	for want, edit := range map[string]func(*Chain){
		"hash":         func(c *Chain) { c.Hash[0] ^= 1 },
		"scheme":       func(c *Chain) { c.Scheme = SchemeUnchainedG1 },
		"public key":   func(c *Chain) { c.PublicKey[5] ^= 1 },
		"period":       func(c *Chain) { c.Period++ },
		"genesis time": func(c *Chain) { c.Genesis++ },
		"genesis seed": func(c *Chain) { c.GenesisSeed[0] ^= 1 },
		"beacon id":    func(c *Chain) { c.ID += "x" },
	} {
		a, b := pinnedChain(t, "quicknet"), pinnedChain(t, "quicknet")
		if err := a.Matches(b); err != nil || !a.Equal(b) {
			t.Fatalf("two lookups differ: %v", err)
		}
		edit(b)
		if err := a.Matches(b); err == nil || !strings.Contains(err.Error(), want) || a.Equal(b) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}

func TestChainsCannotBeChangedThroughLookups(t *testing.T) {
	c := pinnedChain(t, "quicknet")
	c.PublicKey[0] ^= 1
	c.Period, c.Status = 1, StatusDev
	for _, c := range Pinned().All() {
		c.PublicKey[0] ^= 1
		c.Name = "changed"
	}
	again := pinnedChain(t, "quicknet")
	if err := again.Validate(); err != nil {
		t.Error(err)
	}
	if err := Verify(again, 1000, realBeacon(t, "quicknet", 1000)); err != nil {
		t.Error(err)
	}
}

func TestWithAddsOneDevChain(t *testing.T) {
	dev := newSigner(t, SchemeG1RFC9380, 99).chain
	cs, err := Pinned().With(dev)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := cs.Lookup(dev.Hash)
	if !ok || !got.Equal(dev) {
		t.Errorf("lookup gives %v, %t", got, ok)
	}
	if got, ok := cs.ByName(dev.Name); !ok || !got.Equal(dev) {
		t.Errorf("lookup by name gives %v, %t", got, ok)
	}
	if _, ok := Pinned().Lookup(dev.Hash); ok {
		t.Error("the pinned set has grown")
	}
	if got := len(cs.All()); got != 8 {
		t.Errorf("%d chains, want 8", got)
	}
	if _, ok := (Chains{}).Lookup(dev.Hash); ok {
		t.Error("the empty set has a chain")
	}
}

func TestWithRefuses(t *testing.T) {
	dev, other := newSigner(t, SchemeG1RFC9380, 99).chain, newSigner(t, SchemeG1RFC9380, 100).chain
	cs, err := Pinned().With(dev)
	if err != nil {
		t.Fatal(err)
	}
	named := func(c *Chain, name string) *Chain {
		own := c.clone()
		own.Name = name
		return own
	}
	broken := other.clone()
	broken.Period++
	for name, c := range map[string]*Chain{
		"a pinned chain":                  pinnedChain(t, "quicknet"),
		"a dev chain under a pinned name": named(other, "quicknet"),
		"the same dev chain again":        dev,
		"the same hash by another name":   named(dev, "dev-2"),
		"another chain by the same name":  other,
		"a chain whose hash is wrong":     broken,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := cs.With(c); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := (Chains{}).With(pinnedChain(t, "default")); err == nil {
		t.Error("a live chain was added to an empty set")
	}
}

func TestSchemeLayoutKnowsNoDefault(t *testing.T) {
	for _, s := range []Scheme{"", "default", "Pedersen-BLS-Chained", "bls-unchained-on-g2"} {
		if l, err := s.Layout(); err == nil {
			t.Errorf("%q: %v, want an error", s, l)
		}
	}
}
