package beacon

import (
	"bytes"
	"testing"

	circl "github.com/cloudflare/circl/ecc/bls12381"
	"pgregory.net/rapid"
)

// circlPoint is what both groups of circl offer.
type circlPoint interface {
	SetBytes([]byte) error
	BytesCompressed() []byte
	IsIdentity() bool
}

// circlAccepts verifies with circl, which shares no code with the library of this package. It says
// whether the pairing equation holds and whether sig is circl's own compressed form of the point.
func circlAccepts(t testing.TB, c *Chain, b Beacon) (holds, canonical bool) {
	t.Helper()
	l, err := c.Scheme.Layout()
	if err != nil {
		t.Fatal(err)
	}
	digest, err := Digest(c, b.Round, b.Previous)
	if err != nil {
		return false, false
	}
	if l.Signature == 48 {
		return circlG1(t, c.PublicKey, b.Signature, digest, []byte(l.DST))
	}
	return circlG2(t, c.PublicKey, b.Signature, digest, []byte(l.DST))
}

func circlG1(t testing.TB, key, raw, digest, dst []byte) (bool, bool) {
	t.Helper()
	var pub circl.G2
	if err := pub.SetBytes(key); err != nil {
		t.Fatal(err)
	}
	var sig, msg circl.G1
	if !circlDecodes(&sig, raw) {
		return false, false
	}
	msg.Hash(digest, dst)
	gt := circl.ProdPairFrac([]*circl.G1{&sig, &msg}, []*circl.G2{circl.G2Generator(), &pub}, []int{-1, 1})
	return gt.IsIdentity(), bytes.Equal(sig.BytesCompressed(), raw)
}

func circlG2(t testing.TB, key, raw, digest, dst []byte) (bool, bool) {
	t.Helper()
	var pub circl.G1
	if err := pub.SetBytes(key); err != nil {
		t.Fatal(err)
	}
	var sig, msg circl.G2
	if !circlDecodes(&sig, raw) {
		return false, false
	}
	msg.Hash(digest, dst)
	gt := circl.ProdPairFrac([]*circl.G1{circl.G1Generator(), &pub}, []*circl.G2{&sig, &msg}, []int{-1, 1})
	return gt.IsIdentity(), bytes.Equal(sig.BytesCompressed(), raw)
}

func circlDecodes(p circlPoint, raw []byte) bool { return p.SetBytes(raw) == nil && !p.IsIdentity() }

// agree states the whole relation: circl knows no canonical form, so it may accept more, but only
// encodings that it would not itself write.
func agree(t testing.TB, c *Chain, b Beacon) bool {
	t.Helper()
	err := Verify(c, b.Round, b)
	holds, canonical := circlAccepts(t, c, b)
	if (err == nil) != (holds && canonical) {
		t.Fatalf("%s round %d, signature %x: %v here; circl: holds %t, canonical %t", c.Name, b.Round, b.Signature, err, holds, canonical)
	}
	return err == nil
}

// blsBeacons returns the real beacons of the chains that circl can verify.
func blsBeacons(t testing.TB) (chains []*Chain, beacons []Beacon) {
	t.Helper()
	for _, v := range readVectors(t).Beacons {
		if v.Scheme != SchemeBN254 {
			chains, beacons = append(chains, pinnedChain(t, v.Network)), append(beacons, v.beacon())
		}
	}
	return chains, beacons
}

func TestCirclAgreesOnRealBeacons(t *testing.T) {
	chains, beacons := blsBeacons(t)
	if len(beacons) < 143 {
		t.Fatalf("%d beacons, want 143", len(beacons))
	}
	for i, b := range beacons {
		if !agree(t, chains[i], b) {
			t.Errorf("%s round %d is refused by both", chains[i].Name, b.Round)
		}
	}
}

func TestCirclAgreesOnNegativeBeacons(t *testing.T) {
	for _, v := range readVectors(t).NegativeBeacons {
		c := pinnedChain(t, v.Network)
		if c.Scheme == SchemeBN254 {
			continue // circl has no BN254
		}
		if agree(t, c, v.beacon()) {
			t.Errorf("%s is accepted by both", v.Name)
		}
	}
}

// Circl accepts the uncompressed form of every signature: a second randomness for each round.
func TestCirclAcceptsTheUncompressedFormAndWeDoNot(t *testing.T) {
	x, c := realBeacon(t, "quicknet", 1000), pinnedChain(t, "quicknet")
	var p circl.G1
	if err := p.SetBytes(x.Signature); err != nil {
		t.Fatal(err)
	}
	x.Signature = p.Bytes()
	holds, canonical := circlAccepts(t, c, x)
	if !holds || canonical {
		t.Errorf("circl: holds %t, canonical %t, want true, false", holds, canonical)
	}
	wantRule(t, Verify(c, 1000, x), RuleLength)
}

func TestCirclAgreesOnMutations(t *testing.T) {
	chains, beacons := blsBeacons(t)
	rapid.Check(t, func(rt *rapid.T) {
		i := rapid.IntRange(0, len(beacons)-1).Draw(rt, "beacon")
		b := beacons[i]
		b.Signature = mutate(rt, b.Signature, beacons)
		if rapid.IntRange(0, 9).Draw(rt, "shift round") == 0 {
			b.Round += rapid.Uint64Range(0, 3).Draw(rt, "by")
		}
		agree(t, chains[i], b)
	})
}

// mutate flips bits, changes the length, takes another signature, or leaves it as it is.
func mutate(t *rapid.T, sig []byte, others []Beacon) []byte {
	out := bytes.Clone(sig)
	switch rapid.IntRange(0, 6).Draw(t, "mutation") {
	case 0:
	case 1:
		return others[rapid.IntRange(0, len(others)-1).Draw(t, "other")].Signature
	case 2:
		return out[:rapid.IntRange(0, len(out)).Draw(t, "length")]
	case 3:
		return append(out, rapid.SliceOfN(rapid.Byte(), 1, 60).Draw(t, "tail")...)
	case 4:
		out[0] ^= rapid.Byte().Draw(t, "flags") & 0xe0
	default:
		for range rapid.IntRange(1, 3).Draw(t, "flips") {
			bit := rapid.IntRange(0, len(out)*8-1).Draw(t, "bit")
			out[bit/8] ^= 1 << (bit % 8)
		}
	}
	return out
}
