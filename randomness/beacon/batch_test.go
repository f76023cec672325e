package beacon

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestBatchAcceptsEveryRealNetwork(t *testing.T) {
	for _, c := range Pinned().All() {
		var bs []Beacon
		for _, v := range readVectors(t).Beacons {
			if v.Chain == c.Hash {
				bs = append(bs, v.beacon())
			}
		}
		if c.Name != "quicknet-t" && len(bs) == 0 {
			t.Errorf("%s: no beacons", c.Name)
		}
		if err := VerifyBatch(c, bs); err != nil {
			t.Error(err)
		}
	}
}

func TestBatchRefusesSwappedSignatures(t *testing.T) {
	for _, s := range allSchemes {
		k := newSigner(t, s, 4_242_424_243)
		bs := k.run(t, 9)
		if err := VerifyBatch(k.chain, bs); err != nil {
			t.Fatal(err)
		}
		bs[4].Signature, bs[7].Signature = bs[7].Signature, bs[4].Signature
		r := wantRule(t, VerifyBatch(k.chain, bs), RulePairing)
		if r.Index != 4 || r.Round != 5 {
			t.Errorf("%s: index %d, round %d, want index 4, round 5", s, r.Index, r.Round)
		}
	}
}

func TestBatchNamesTheFirstBadBeacon(t *testing.T) {
	k := newSigner(t, SchemeG1RFC9380, 77_777)
	good := k.run(t, 12)
	foreign := newSigner(t, SchemeG1RFC9380, 77_778).run(t, 12)
	for name, tc := range map[string]struct {
		spoil func(bs []Beacon)
		index int
		rule  Rule
	}{
		"the first":                      {func(bs []Beacon) { bs[0] = foreign[0] }, 0, RulePairing},
		"the last":                       {func(bs []Beacon) { bs[11] = foreign[11] }, 11, RulePairing},
		"two by pairing":                 {func(bs []Beacon) { bs[3], bs[9] = foreign[3], foreign[9] }, 3, RulePairing},
		"all":                            {func(bs []Beacon) { copy(bs, foreign) }, 0, RulePairing},
		"pairing before a short one":     {func(bs []Beacon) { bs[2] = foreign[2]; bs[5].Signature = nil }, 2, RulePairing},
		"a short one before pairing":     {func(bs []Beacon) { bs[2].Signature = nil; bs[5] = foreign[5] }, 2, RuleLength},
		"round 0":                        {func(bs []Beacon) { bs[6].Round = 0 }, 6, RuleRound},
		"a previous on an unchained one": {func(bs []Beacon) { bs[6].Previous = []byte{1} }, 6, RulePrevious},
		"rounds exchanged":               {func(bs []Beacon) { bs[6].Round, bs[7].Round = bs[7].Round, bs[6].Round }, 6, RulePairing},
	} {
		t.Run(name, func(t *testing.T) {
			bs := append([]Beacon(nil), good...)
			tc.spoil(bs)
			r := wantRule(t, VerifyBatch(k.chain, bs), tc.rule)
			if r.Index != tc.index {
				t.Errorf("index %d, want %d: %v", r.Index, tc.index, r)
			}
		})
	}
}

func TestBatchOfAnyOrderAndWithRepeats(t *testing.T) {
	k := newSigner(t, SchemeBN254, 31_337)
	bs := k.run(t, 3)
	if err := VerifyBatch(k.chain, []Beacon{bs[2], bs[0], bs[2], bs[1]}); err != nil {
		t.Error(err)
	}
	if err := VerifyBatch(k.chain, nil); err != nil {
		t.Errorf("empty batch: %v", err)
	}
}

// The batch and the single verification must agree on any mixture of good and spoilt beacons.
func TestBatchAgreesWithSingles(t *testing.T) {
	for _, s := range allSchemes {
		k := newSigner(t, s, 1_000_003)
		good := k.run(t, 4)
		rapid.Check(t, func(t *rapid.T) {
			bs := spoil(t, good)
			want := -1
			for i, b := range bs {
				if Verify(k.chain, b.Round, b) != nil {
					want = i
					break
				}
			}
			got := -1
			var r *Refusal
			if err := VerifyBatch(k.chain, bs); errors.As(err, &r) {
				got = r.Index
			}
			if got != want {
				t.Fatalf("%s: first bad index %d, want %d", s, got, want)
			}
		})
	}
}

// spoil draws a batch: some beacons with the signature of another, some with a flipped bit.
func spoil(t *rapid.T, good []Beacon) []Beacon {
	n := rapid.IntRange(0, len(good)).Draw(t, "n")
	bs := append([]Beacon(nil), good[:n]...)
	for i := range bs {
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0:
			bs[i].Signature = good[rapid.IntRange(0, len(good)-1).Draw(t, "other")].Signature
		case 1:
			bs[i].Signature = bytes.Clone(bs[i].Signature)
			bit := rapid.IntRange(0, len(bs[i].Signature)*8-1).Draw(t, "bit")
			bs[i].Signature[bit/8] ^= 1 << (bit % 8)
		}
	}
	return bs
}

// Coefficients fixed in advance could be cancelled by chosen signatures.
func TestCoefficientsDependOnEveryInput(t *testing.T) {
	k := newSigner(t, SchemeG1RFC9380, 5)
	bs := k.run(t, 2)
	items := func(bs []Beacon) []item { return []item{k.chain.item(bs[0]), k.chain.item(bs[1])} }
	base := coefficients(k.chain.Hash, items(bs))
	if base[0] == base[1] {
		t.Error("both coefficients are equal")
	}
	if again := coefficients(k.chain.Hash, items(bs)); again[0] != base[0] || again[1] != base[1] {
		t.Error("the same batch gave other coefficients")
	}
	later := []Beacon{bs[0], {Round: 2, Signature: bs[0].Signature}}
	if coefficients(k.chain.Hash, items(later))[0] == base[0] {
		t.Error("the signature of the last beacon does not reach the first coefficient")
	}
	otherRound := []Beacon{bs[0], {Round: 3, Signature: bs[1].Signature}}
	if coefficients(k.chain.Hash, items(otherRound))[0] == base[0] {
		t.Error("the round does not reach the coefficients")
	}
	if coefficients(Hash{}, items(bs))[0] == base[0] {
		t.Error("the chain does not reach the coefficients")
	}
}
