package timelock

import (
	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
)

const (
	flagMask       = 0xe0
	flagCompressed = 0x80
	flagLargest    = 0x20
)

// decodePoint reads the compressed form of a point of the curve of G2 other than the identity. It
// does not look whether the point is in the subgroup: that costs as much as decoding it, and opening
// finds out on its way.
func decodePoint(b []byte) (p bls.G2Affine, fault *Refusal) {
	var high [fp.Bytes]byte
	copy(high[:], b)
	flags := high[0] & flagMask
	high[0] &^= flagMask
	if flags&^flagLargest != flagCompressed {
		return p, refuse(RulePoint, "the top bits of the first byte are %03b, want 100 or 101: compressed and finite", flags>>5)
	}
	if err := p.X.A1.SetBytesCanonical(high[:]); err != nil {
		return p, refuse(RulePoint, "the imaginary part of x is not below the field prime")
	}
	if err := p.X.A0.SetBytesCanonical(b[fp.Bytes:]); err != nil {
		return p, refuse(RulePoint, "the real part of x is not below the field prime")
	}
	var square, back bls.E2
	square.Square(&p.X).Mul(&square, &p.X).Add(&square, twistB())
	p.Y.Sqrt(&square)
	if back.Square(&p.Y); !back.Equal(&square) {
		return p, refuse(RulePoint, "no point of the curve has this x")
	}
	if p.Y.IsZero() {
		return p, refuse(RulePoint, "a point with y = 0 is not in the prime-order subgroup")
	}
	if p.Y.LexicographicallyLargest() != (flags&flagLargest != 0) {
		p.Y.Neg(&p.Y)
	}
	return p, nil
}

// twistB is the constant 4(1 + u) of the curve y² = x³ + 4(1 + u).
func twistB() *bls.E2 {
	var b bls.E2
	b.A0.SetUint64(4)
	b.A1.SetUint64(4)
	return &b
}

// sameG2 compares without the inversion that an affine form would need.
func sameG2(p *bls.G2Jac, q *bls.G2Affine) bool {
	var jac bls.G2Jac
	return p.Equal(jac.FromAffine(q))
}
