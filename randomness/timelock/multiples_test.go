package timelock

import (
	"math/big"
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"pgregory.net/rapid"
)

func checkMultiple(t interface {
	Fatalf(string, ...any)
}, n *big.Int) {
	var in [fr.Bytes]byte
	n.FillBytes(in[:])
	sum := multiples().times(in)
	var want bls.G2Affine
	want.ScalarMultiplicationBase(n)
	if !sameG2(&sum, &want) {
		t.Fatalf("%d times the generator is another point than the library's", n)
	}
}

func TestMultiplesAreThoseOfTheLibrary(t *testing.T) {
	order := fr.Modulus()
	edges := []*big.Int{big.NewInt(0), big.NewInt(1), big.NewInt(127), big.NewInt(128), big.NewInt(129), big.NewInt(255),
		big.NewInt(256), big.NewInt(0x8080), big.NewInt(0x8180), new(big.Int).Sub(order, big.NewInt(1)), new(big.Int).Rsh(order, 1)}
	for _, n := range edges {
		checkMultiple(t, n)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), fr.Bytes, fr.Bytes).Draw(t, "n"))
		checkMultiple(t, n.Mod(n, order))
	})
}

// The library reads the same points: all of them in the subgroup, ours before that question.
func TestPointsAreThoseOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), bls.SizeOfG2AffineCompressed, bls.SizeOfG2AffineCompressed).Draw(t, "raw")
		if rapid.Bool().Draw(t, "of the subgroup") {
			var p bls.G2Affine
			p.ScalarMultiplicationBase(new(big.Int).SetBytes(raw))
			enc := p.Bytes()
			copy(raw, enc[:])
		}
		var want bls.G2Affine
		_, err := want.SetBytes(raw)
		accepted := err == nil && raw[0]&0xc0 == flagCompressed
		got, fault := decodePoint(raw)
		if is := fault == nil && got.IsInSubGroup(); is != accepted {
			t.Fatalf("accepted %t (%v), the library %t (%v)", is, fault, accepted, err)
		}
		if accepted && !got.Equal(&want) {
			t.Fatalf("%v, the library reads %v", got, want)
		}
	})
}

func TestEveryEntryOfTheTableIsItsMultiple(t *testing.T) {
	for i, row := range multiples() {
		var sum bls.G2Jac
		var base bls.G2Affine
		base.ScalarMultiplicationBase(new(big.Int).Lsh(big.NewInt(1), uint(8*i)))
		sum.FromAffine(&base)
		for j, p := range row {
			if !sameG2(&sum, &p) {
				t.Fatalf("entry %d of place %d is not that multiple of the place", j+1, i)
			}
			sum.AddMixed(&base)
		}
	}
}
