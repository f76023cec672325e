package beacon

import (
	"bytes"
	"errors"
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	blsfp "github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
)

// A key outside the prime-order subgroup, or at infinity, would make chosen signatures verify.
func TestPublicKeysAreDecodedStrictly(t *testing.T) {
	evm := pinnedChain(t, "evmnet").PublicKey
	flip := func(i int, with byte) []byte {
		b := bytes.Clone(evm)
		b[i] ^= with
		return b
	}
	prime := bytes.Clone(evm)
	copy(prime[32:64], fp.Modulus().Bytes())
	var one blsfp.Element
	loose := bls.GeneratePointNotInG1(*one.SetOne())
	var looseAffine bls.G1Affine
	looseG1 := looseAffine.FromJacobian(&loose).Bytes()
	for name, tc := range map[string]struct {
		scheme Scheme
		key    []byte
		rule   Rule
	}{
		"BN254, top bits set":         {SchemeBN254, flip(0, 0xc0), RuleEncoding},
		"BN254, a coordinate is p":    {SchemeBN254, prime, RuleEncoding},
		"BN254, off the curve":        {SchemeBN254, flip(127, 1), RuleEncoding},
		"BN254, infinity":             {SchemeBN254, make([]byte, 128), RuleInfinity},
		"BN254, outside the subgroup": {SchemeBN254, looseBN254(t), RuleSubgroup},
		"G1, outside the subgroup":    {SchemeChained, looseG1[:], RuleSubgroup},
		"G1, infinity":                {SchemeUnchained, append([]byte{0xc0}, make([]byte, 47)...), RuleInfinity},
		"G2, outside the subgroup":    {SchemeG1RFC9380, looseG2(t), RuleSubgroup},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newChecker(tc.scheme, tc.key)
			var f *fault
			if !errors.As(err, &f) || f.rule != tc.rule {
				t.Errorf("error %v (%v), want rule %s", err, f, tc.rule)
			}
		})
	}
}

// looseBN254 searches the twist, most of whose points are outside the prime-order subgroup.
func looseBN254(t *testing.T) []byte {
	t.Helper()
	_, _, _, gen := bn254.Generators()
	b := gen.Y // b = y² - x³ of any point of the curve
	b.Square(&gen.Y)
	x3 := gen.X
	x3.Square(&gen.X).Mul(&x3, &gen.X)
	b.Sub(&b, &x3)
	for i := uint64(1); i < 100; i++ {
		var p bn254.G2Affine
		p.X.A0.SetUint64(i)
		rhs := p.X
		rhs.Square(&p.X).Mul(&rhs, &p.X).Add(&rhs, &b)
		if rhs.Legendre() != 1 {
			continue
		}
		p.Y.Sqrt(&rhs)
		if p.IsOnCurve() && !p.IsInSubGroup() {
			raw := p.RawBytes()
			return raw[:]
		}
	}
	t.Fatal("no point outside the subgroup found")
	return nil
}

func looseG2(t *testing.T) []byte {
	t.Helper()
	for i := byte(1); i < 100; i++ {
		raw := make([]byte, 96)
		raw[0], raw[95] = 0x80, i
		var p bls.G2Affine
		if bls.NewDecoder(bytes.NewReader(raw), bls.NoSubgroupChecks()).Decode(&p) == nil && !p.IsInSubGroup() {
			return raw
		}
	}
	t.Fatal("no point outside the subgroup found")
	return nil
}

func TestRefusalNamesChainRoundAndRule(t *testing.T) {
	b := realBeacon(t, "quicknet", 1000)
	b.Signature = b.Signature[:47]
	const want = "beacon refused: chain quicknet (52db9ba7), round 1000, rule length: 47 bytes, want 48"
	if err := Verify(pinnedChain(t, "quicknet"), 1000, b); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	good := realBeacon(t, "quicknet", 1000)
	const wantBatch = "batch item 1: " + want
	if err := VerifyBatch(pinnedChain(t, "quicknet"), []Beacon{good, b}); err == nil || err.Error() != wantBatch {
		t.Errorf("%v, want %s", err, wantBatch)
	}
}
