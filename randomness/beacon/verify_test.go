package beacon

import (
	"bytes"
	"errors"
	"maps"
	"math/big"
	"slices"
	"sync"
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	"github.com/google/go-cmp/cmp"
)

// wantRule fails unless err refuses for exactly this rule.
func wantRule(t *testing.T, err error, want Rule) *Refusal {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error %v, want a refusal by rule %s", err, want)
	}
	if r.Rule != want {
		t.Fatalf("refused by rule %s (%v), want %s", r.Rule, err, want)
	}
	return r
}

func TestRealBeaconsVerify(t *testing.T) {
	for _, v := range readVectors(t).Beacons {
		c := pinnedChain(t, v.Network)
		if c.Hash != v.Chain || c.Scheme != v.Scheme {
			t.Fatalf("%s: chain %s %s, want %s %s", v.Network, c.Hash, c.Scheme, v.Chain, v.Scheme)
		}
		if err := Verify(c, v.Round, v.beacon()); err != nil {
			t.Error(err)
		}
		if got := v.beacon().Randomness(); got != v.Randomness {
			t.Errorf("%s round %d: randomness %x, want %x", v.Network, v.Round, got, v.Randomness)
		}
	}
}

func TestLocalNetworkVerifies(t *testing.T) {
	for name, l := range readLocalnet(t).Chains {
		c, err := ParseInfo(l.InfoV1)
		if err != nil {
			t.Fatal(err)
		}
		var bs []Beacon
		for _, v := range l.Rounds {
			bs = append(bs, v.beacon())
			if err := Verify(c, v.Round, v.beacon()); err != nil {
				t.Error(err)
			}
			if got := v.beacon().Randomness(); got != v.Randomness {
				t.Errorf("%s round %d: randomness %x, want %x", name, v.Round, got, v.Randomness)
			}
		}
		if err := VerifyBatch(c, bs); err != nil {
			t.Error(err)
		}
	}
}

// The names come from vectors.json; a name without a rule here, or a rule without a name there, fails.
var negativeRules = map[string]Rule{
	"wrong_round":                           RulePairing,
	"round_zero":                            RuleRound,
	"bitflip_last":                          RuleSubgroup,
	"sign_flip":                             RulePairing,
	"compression_bit_clear":                 RuleFlags,
	"infinity_flag_on_point":                RuleFlags,
	"point_at_infinity":                     RuleInfinity,
	"truncated":                             RuleLength,
	"trailing_byte":                         RuleLength,
	"empty":                                 RuleLength,
	"torsion_only":                          RuleSubgroup,
	"x_plus_p_alias_round_5":                RuleEncoding,
	"x_plus_p_alias_round_2797373":          RuleEncoding,
	"chained_missing_previous":              RulePrevious,
	"chained_wrong_previous":                RulePairing,
	"chained_round1_wrong_seed":             RulePrevious,
	"chained_g1_signature":                  RuleLength,
	"bn254_x_plus_p_round_6390578":          RuleEncoding,
	"bn254_y_plus_p_round_6390578":          RuleEncoding,
	"bn254_x_plus_4p_round_6390578":         RuleEncoding,
	"bn254_trailing_byte_round_6390578":     RuleLength,
	"bn254_compressed_padded_round_6390578": RuleEncoding,
	"bn254_neg_y_round_6390578":             RulePairing,
}

func TestNegativeBeaconsAreRefused(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range readVectors(t).NegativeBeacons {
		seen[v.Name] = true
		t.Run(v.Name, func(t *testing.T) {
			c := pinnedChain(t, v.Network)
			r := wantRule(t, Verify(c, v.Round, v.beacon()), negativeRules[v.Name])
			if r.Chain != c.Hash || r.Name != v.Network || r.Round != v.Round {
				t.Errorf("refusal of %s %s round %d, want %s %s round %d", r.Name, r.Chain, r.Round, v.Network, c.Hash, v.Round)
			}
			wantRule(t, VerifyBatch(c, []Beacon{v.beacon()}), negativeRules[v.Name])
		})
	}
	want := slices.Sorted(maps.Keys(negativeRules))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Errorf("negative beacons (-want +got):\n%s", diff)
	}
}

func TestVerifyRefuses(t *testing.T) {
	quick, chained := realBeacon(t, "quicknet", 1000), realBeacon(t, "default", 2)
	evm := realBeacon(t, "evmnet", 6390578)
	edit := func(b Beacon, f func(*Beacon)) Beacon {
		b.Signature = bytes.Clone(b.Signature)
		f(&b)
		return b
	}
	for name, tc := range map[string]struct {
		chain string
		round uint64
		b     Beacon
		rule  Rule
	}{
		"another round than asked":       {"quicknet", 1001, quick, RuleRound},
		"a round above 2^53-1":           {"quicknet", MaxRound + 1, edit(quick, func(b *Beacon) { b.Round = MaxRound + 1 }), RuleRound},
		"the largest uint64":             {"quicknet", 1<<64 - 1, edit(quick, func(b *Beacon) { b.Round = 1<<64 - 1 }), RuleRound},
		"another chain, same scheme":     {"quicknet-t", 1000, quick, RulePairing},
		"the fastnet tag":                {"fastnet", 1000, quick, RulePairing},
		"unchained with previous":        {"quicknet", 1000, edit(quick, func(b *Beacon) { b.Previous = []byte{0} }), RulePrevious},
		"bn254 with previous":            {"evmnet", evm.Round, edit(evm, func(b *Beacon) { b.Previous = make([]byte, 64) }), RulePrevious},
		"chained with the seed later":    {"default", 2, edit(chained, func(b *Beacon) { b.Previous = make([]byte, 32) }), RulePrevious},
		"chained previous one byte long": {"default", 2, edit(chained, func(b *Beacon) { b.Previous = append(bytes.Clone(b.Previous), 0) }), RulePrevious},
		"chained previous altered":       {"default", 2, edit(chained, func(b *Beacon) { b.Previous = bytes.Repeat([]byte{1}, 96) }), RulePairing},
		"signature before previous":      {"default", 2, Beacon{Round: 2, Signature: make([]byte, 96)}, RuleFlags},
		"bn254 all zero":                 {"evmnet", evm.Round, Beacon{Round: evm.Round, Signature: make([]byte, 64)}, RuleInfinity},
		"bn254 off the curve":            {"evmnet", evm.Round, edit(evm, func(b *Beacon) { b.Signature[63] ^= 1 }), RuleEncoding},
		"G2 infinity":                    {"default", 2, edit(chained, func(b *Beacon) { b.Signature = append([]byte{0xc0}, make([]byte, 95)...) }), RuleInfinity},
		"infinity with the sign bit":     {"quicknet", 1000, edit(quick, func(b *Beacon) { b.Signature = append([]byte{0xe0}, make([]byte, 47)...) }), RuleFlags},
		"uncompressed infinity":          {"quicknet", 1000, edit(quick, func(b *Beacon) { b.Signature = append([]byte{0x40}, make([]byte, 47)...) }), RuleFlags},
		"G2 half above the prime":        {"default", 2, edit(chained, func(b *Beacon) { copy(b.Signature[48:], bytes.Repeat([]byte{0xff}, 48)) }), RuleEncoding},
		"x is the prime":                 {"quicknet", 1000, edit(quick, func(b *Beacon) { b.Signature = compressedPrime() }), RuleEncoding},
		"x has no point":                 {"quicknet", 1000, edit(quick, func(b *Beacon) { b.Signature = append([]byte{0x80}, append(make([]byte, 46), 1)...) }), RuleEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			wantRule(t, Verify(pinnedChain(t, tc.chain), tc.round, tc.b), tc.rule)
		})
	}
}

func compressedPrime() []byte {
	b := fp.Modulus().FillBytes(make([]byte, 48))
	b[0] |= 0x80
	return b
}

// A decoder without a subgroup check accepts S+T for every T of the cofactor's order: the pairing
// does not see T, so each would be another randomness for the round.
func TestSignaturePlusTorsionIsRefused(t *testing.T) {
	x := realBeacon(t, "quicknet", 1000)
	var s bls.G1Affine
	if _, err := s.SetBytes(x.Signature); err != nil {
		t.Fatal(err)
	}
	var seven fp.Element
	loose := bls.GeneratePointNotInG1(*seven.SetUint64(7))
	order, _ := new(big.Int).SetString("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16)
	var torsion bls.G1Affine
	torsion.FromJacobian(loose.ScalarMultiplication(&loose, order))
	if torsion.IsInfinity() || torsion.IsInSubGroup() {
		t.Fatal("no torsion point")
	}
	s.Add(&s, &torsion)
	raw := s.Bytes()
	x.Signature = raw[:]
	wantRule(t, Verify(pinnedChain(t, "quicknet"), 1000, x), RuleSubgroup)
}

func TestUncompressedFormIsRefused(t *testing.T) {
	x := realBeacon(t, "quicknet", 1000)
	var s bls.G1Affine
	if _, err := s.SetBytes(x.Signature); err != nil {
		t.Fatal(err)
	}
	raw := s.RawBytes()
	x.Signature = raw[:]
	wantRule(t, Verify(pinnedChain(t, "quicknet"), 1000, x), RuleLength)
}

func TestVerifyChecksAChainBuiltByHand(t *testing.T) {
	x, c := realBeacon(t, "quicknet", 1000), pinnedChain(t, "quicknet")
	byHand := &Chain{Name: c.Name, Hash: c.Hash, Scheme: c.Scheme, PublicKey: c.PublicKey, Period: c.Period,
		Genesis: c.Genesis, GenesisSeed: c.GenesisSeed, ID: c.ID, Status: c.Status}
	if err := Verify(byHand, 1000, x); err != nil {
		t.Errorf("a faithful copy: %v", err)
	}
	// A changed chain must not ride on the key that was decoded for the original.
	c.PublicKey = pinnedChain(t, "quicknet-t").PublicKey
	wantRule(t, Verify(c, 1000, x), RuleChain)
	wantRule(t, VerifyBatch(c, []Beacon{x}), RuleChain)
	c = pinnedChain(t, "quicknet")
	c.Scheme = SchemeUnchainedG1
	wantRule(t, Verify(c, 1000, x), RuleChain)
}

func TestVerifyIsSafeForConcurrentUse(t *testing.T) {
	x, c := realBeacon(t, "quicknet", 1000), pinnedChain(t, "quicknet")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				if err := Verify(c, 1000, x); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestEverySchemeSignsAndVerifies(t *testing.T) {
	for _, s := range allSchemes {
		k, other := newSigner(t, s, 987_654_321), newSigner(t, s, 987_654_322)
		for _, b := range k.run(t, 3) {
			if err := Verify(k.chain, b.Round, b); err != nil {
				t.Error(err)
			}
			if err := Verify(other.chain, b.Round, b); err == nil {
				t.Errorf("%s: round %d accepted under another key", s, b.Round)
			}
		}
	}
}

func TestDigestRefuses(t *testing.T) {
	chained, quick := pinnedChain(t, "default"), pinnedChain(t, "quicknet")
	unknown := *quick
	unknown.Scheme = "bls"
	for name, tc := range map[string]struct {
		chain    *Chain
		round    uint64
		previous []byte
		rule     Rule
	}{
		"round 0":            {quick, 0, nil, RuleRound},
		"round too large":    {quick, MaxRound + 1, nil, RuleRound},
		"needless previous":  {quick, 1, make([]byte, 96), RulePrevious},
		"missing previous":   {chained, 2, nil, RulePrevious},
		"wrong genesis seed": {chained, 1, make([]byte, 32), RulePrevious},
		"unknown scheme":     {&unknown, 1, nil, RuleChain},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Digest(tc.chain, tc.round, tc.previous)
			wantRule(t, err, tc.rule)
		})
	}
}
