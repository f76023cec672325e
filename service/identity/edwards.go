package identity

import (
	"bytes"
	"math/big"
	"slices"
)

// field is the prime p = 2^255 - 19 of edwards25519 and its constant d = -121665/121666 (RFC 8032, 5.1).
type field struct{ p, d *big.Int }

var edwards = newField()

func newField() field {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	p.Sub(p, big.NewInt(19))
	d := new(big.Int).ModInverse(big.NewInt(121666), p)
	d.Mul(d, big.NewInt(-121665))
	return field{p: p, d: d.Mod(d, p)}
}

// ordinate returns the y of an encoded point as written: 255 bits, least significant byte first.
func ordinate(point []byte) *big.Int {
	b := bytes.Clone(point)
	slices.Reverse(b)
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}

// canonicalEdwards25519 reports whether y < p. The other second form, x = 0 with a sign, has y = 1 or
// p - 1 and falls to smallOrder.
func canonicalEdwards25519(point []byte) bool { return ordinate(point).Cmp(edwards.p) < 0 }

// smallOrder reports whether 8P = 0 for a point with this y. Order 1, 2 and 4 have y = 1, -1 and 0.
// Order 8 is what doubles to y = 0: x² = -y², with the curve's equation d·y⁴ + 2·y² - 1 = 0.
func smallOrder(point []byte) bool {
	y := ordinate(point)
	y2 := y.Mul(y, y)
	y2.Mod(y2, edwards.p)
	if y2.BitLen() <= 1 {
		return true
	}
	sum := new(big.Int).Mul(edwards.d, y2)
	sum.Add(sum, big.NewInt(2)).Mul(sum, y2).Sub(sum, big.NewInt(1))
	return sum.Mod(sum, edwards.p).Sign() == 0
}

// onEdwards25519 reports whether some x belongs to this y: x² = (y² - 1)/(d·y² + 1) is a square when
// the product of the two is.
func onEdwards25519(point []byte) bool {
	one := big.NewInt(1)
	y := ordinate(point)
	y2 := y.Mul(y, y)
	u := new(big.Int).Sub(y2, one)
	v := new(big.Int).Mul(edwards.d, y2)
	v.Add(v, one)
	u.Mul(u, v).Mod(u, edwards.p)
	return big.Jacobi(u, edwards.p) >= 0
}
