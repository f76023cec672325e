package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

func rule(err error) string {
	var r *identity.Refusal
	if errors.As(err, &r) {
		return r.Rule
	}
	return ""
}

func privateOf(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func keyOf(seed byte) identity.Key {
	return identity.Ed25519Key(privateOf(seed).Public().(ed25519.PublicKey))
}

func unhex(digits string) canonical.Hex {
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	return b
}

func TestKeysThatAreAccepted(t *testing.T) {
	for name, k := range map[string]identity.Key{
		"ed25519 of RFC 8032, 7.1, test 1": {Alg: "ed25519", Public: unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")},
		"passkey of a domain":              newDevice(t, "town.example").key,
		"passkey of localhost":             newDevice(t, "localhost").key,
		"passkey of a long domain":         newDevice(t, strings.Repeat("a", 251)+".b").key,
	} {
		t.Run(name, func(t *testing.T) {
			if err := k.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	good, pass := keyOf(1), newDevice(t, "town.example").key
	passWith := func(rp string) identity.Key { k := pass; k.RP = rp; return k }
	off := bytes.Clone(pass.Public)
	off[64] ^= 1
	compressed := append([]byte{2}, pass.Public[1:33]...)
	for name, k := range map[string]identity.Key{
		"no alg":                 {Public: good.Public},
		"unknown alg":            {Alg: "rsa", Public: good.Public},
		"alg in capitals":        {Alg: "ED25519", Public: good.Public},
		"ed25519 of 31 bytes":    {Alg: identity.Ed25519, Public: good.Public[:31]},
		"ed25519 of 33 bytes":    {Alg: identity.Ed25519, Public: append(bytes.Clone(good.Public), 0)},
		"ed25519 without point":  {Alg: identity.Ed25519},
		"ed25519 with rp":        {Alg: identity.Ed25519, Public: good.Public, RP: "town.example"},
		"ed25519 y = p":          {Alg: identity.Ed25519, Public: unhex("ed" + strings.Repeat("ff", 30) + "7f")},
		"ed25519 y = p + 18":     {Alg: identity.Ed25519, Public: unhex("ff" + strings.Repeat("ff", 30) + "7f")},
		"ed25519 y = p + 3, -x":  {Alg: identity.Ed25519, Public: unhex("f0" + strings.Repeat("ff", 30) + "ff")},
		"ed25519 off the curve":  {Alg: identity.Ed25519, Public: unhex("02" + strings.Repeat("00", 31))},
		"passkey off the curve":  {Alg: identity.WebAuthn, Public: off, RP: "town.example"},
		"passkey compressed":     {Alg: identity.WebAuthn, Public: compressed, RP: "town.example"},
		"passkey at infinity":    {Alg: identity.WebAuthn, Public: []byte{0}, RP: "town.example"},
		"passkey of zeros":       {Alg: identity.WebAuthn, Public: append([]byte{4}, make([]byte, 64)...), RP: "town.example"},
		"passkey of 64 bytes":    {Alg: identity.WebAuthn, Public: pass.Public[:64], RP: "town.example"},
		"passkey, hybrid form":   {Alg: identity.WebAuthn, Public: append([]byte{6}, pass.Public[1:]...), RP: "town.example"},
		"passkey without rp":     passWith(""),
		"rp in capitals":         passWith("Town.example"),
		"rp with a port":         passWith("town.example:443"),
		"rp with an end dot":     passWith("town.example."),
		"rp with an empty label": passWith("town..example"),
		"rp as an origin":        passWith("https://town.example"),
		"rp of 254 bytes":        passWith(strings.Repeat("a", 252) + ".b"),
		"rp with a line end":     passWith("town.example\n"),
		"rp outside ASCII":       passWith("tówn.example"),
	} {
		t.Run(name, func(t *testing.T) {
			if err := k.Check(); rule(err) != identity.RuleKeyForm {
				t.Errorf("check: %v", err)
			}
			if err := k.Verify(identity.ThingBallot, nil, identity.Signature{}); err == nil {
				t.Error("verify accepts")
			}
		})
	}
}

// curve is edwards25519 once more, from RFC 8032, for what the tests derive.
type curve struct{ p, d *big.Int }

func newCurve() curve {
	p, _ := new(big.Int).SetString("57896044618658097711785492504343953926634992332820282019728792003956564819949", 10)
	d, _ := new(big.Int).SetString("37095705934669439343138083508754565189542113879843219016388785533085940283555", 10)
	return curve{p, d}
}

func (c curve) encode(y *big.Int, sign byte) []byte {
	b := y.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	b[31] |= sign << 7
	return b
}

// has reports whether -x² + y² = 1 + d·x²·y² has an x, by finding it.
func (c curve) has(y *big.Int) bool {
	y2 := new(big.Int).Mul(y, y)
	under := new(big.Int).Mul(c.d, y2)
	under.Add(under, big.NewInt(1)).ModInverse(under.Mod(under, c.p), c.p)
	x2 := new(big.Int).Sub(y2, big.NewInt(1))
	x2.Mul(x2, under).Mod(x2, c.p)
	return x2.Sign() == 0 || new(big.Int).ModSqrt(x2, c.p) != nil
}

// smallOrders derives every y of a point with 8P = 0: those of order 1, 2 and 4, and of order 8 the
// roots of d·y⁴ + 2·y² - 1.
func (c curve) smallOrders() []*big.Int {
	ys := []*big.Int{big.NewInt(0), big.NewInt(1), new(big.Int).Sub(c.p, big.NewInt(1))}
	root := new(big.Int).ModSqrt(new(big.Int).Add(c.d, big.NewInt(1)), c.p)
	for _, r := range []*big.Int{root, new(big.Int).Neg(root)} {
		y2 := new(big.Int).Sub(r, big.NewInt(1))
		y2.Mul(y2, new(big.Int).ModInverse(c.d, c.p)).Mod(y2, c.p)
		if y := new(big.Int).ModSqrt(y2, c.p); y != nil && c.has(y) {
			ys = append(ys, y, new(big.Int).Sub(c.p, y))
		}
	}
	return ys
}

func TestPointsOfSmallOrderAreRefused(t *testing.T) {
	c := newCurve()
	ys := c.smallOrders()
	if len(ys) != 5 {
		t.Fatalf("derived %d ordinates, want 5", len(ys))
	}
	for _, y := range ys {
		for _, sign := range []byte{0, 1} {
			k := identity.Key{Alg: identity.Ed25519, Public: c.encode(y, sign)}
			if err := k.Check(); rule(err) != identity.RuleKeyForm || !strings.Contains(err.Error(), "small order") {
				t.Errorf("%s: %v", k.Public, err)
			}
		}
	}
}

// The neutral element as key verifies one signature over whatever message: the library takes it.
func TestASignatureForEveryMessageIsRefused(t *testing.T) {
	neutral := append([]byte{1}, make([]byte, 31)...)
	forged := append(bytes.Clone(neutral), make([]byte, 32)...)
	if !ed25519.Verify(neutral, identity.Message(identity.ThingBallot, []byte("{}")), forged) {
		t.Fatal("the attack is not one: the library refuses the key itself")
	}
	k := identity.Key{Alg: identity.Ed25519, Public: neutral}
	if err := k.Verify(identity.ThingBallot, []byte("{}"), identity.Signature{Signature: forged}); rule(err) != identity.RuleKeyForm {
		t.Errorf("got %v", err)
	}
}

func TestAKeyIsAPointOfTheCurve(t *testing.T) {
	c := newCurve()
	rapid.Check(t, func(t *rapid.T) {
		y := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "y"))
		y.Mod(y, c.p)
		if slices.ContainsFunc(c.smallOrders(), func(s *big.Int) bool { return s.Cmp(y) == 0 }) {
			return
		}
		k := identity.Key{Alg: identity.Ed25519, Public: c.encode(y, byte(rapid.IntRange(0, 1).Draw(t, "sign")))}
		if err := k.Check(); (err == nil) != c.has(y) {
			t.Fatalf("%s: %v, on the curve %t", k.Public, err, c.has(y))
		}
	})
}

func TestEqualKeysAgreeInAll(t *testing.T) {
	a := newDevice(t, "town.example").key
	b := a
	if !a.Equal(b) {
		t.Error("a key differs from itself")
	}
	b.RP = "other.example"
	if a.Equal(b) || a.Equal(keyOf(1)) || keyOf(1).Equal(keyOf(2)) {
		t.Error("different keys are equal")
	}
}

func TestKeyDoesNotShareTheCallersBytes(t *testing.T) {
	public := bytes.Clone(privateOf(1).Public().(ed25519.PublicKey))
	k := identity.Ed25519Key(public)
	public[0]++
	if !k.Equal(keyOf(1)) {
		t.Error("the key changed with the caller's bytes")
	}
}
