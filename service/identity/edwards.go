package identity

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"slices"
)

// edwardsP is the prime 2^255 - 19 of edwards25519, edwardsD its constant -121665/121666 (RFC 8032, 5.1).
var (
	edwardsP = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	edwardsD = new(big.Int).Mod(new(big.Int).Mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), edwardsP)), edwardsP)
)

// smallOrders are the encodings, without the sign, of the points with 8P = 0: y of order 4, 1, 2, and
// the two of order 8. These and their signs are all; a test derives them from the curve.
var smallOrders = [][32]byte{
	ordinate("0000000000000000000000000000000000000000000000000000000000000000"),
	ordinate("0100000000000000000000000000000000000000000000000000000000000000"),
	ordinate("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
	ordinate("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
	ordinate("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
}

func ordinate(digits string) (y [32]byte) {
	if _, err := hex.Decode(y[:], []byte(digits)); err != nil {
		panic("constant of the curve: " + err.Error())
	}
	return y
}

// unsigned returns the encoding of a point, 32 bytes, without its sign bit.
func unsigned(point []byte) [32]byte {
	y := [32]byte(point)
	y[31] &= 0x7f
	return y
}

// canonicalEdwards25519 reports whether y < p. The other second form, x = 0 with a sign, has y = 1 or
// p - 1 and falls to smallOrder.
func canonicalEdwards25519(point []byte) bool {
	y := unsigned(point)
	return y[31] != 0x7f || y[0] < 0xed || bytes.Count(y[1:31], []byte{0xff}) != 30
}

// smallOrder reports whether 8P = 0: every signature of a certain form verifies with such a key.
func smallOrder(point []byte) bool { return slices.Contains(smallOrders, unsigned(point)) }

// onEdwards25519 reports whether some x belongs to this y: x² = (y² - 1)/(d·y² + 1) is a square when
// the product of the two is.
func onEdwards25519(point []byte) bool {
	little := unsigned(point)
	slices.Reverse(little[:])
	y := new(big.Int).SetBytes(little[:])
	y2 := y.Mul(y, y)
	v := new(big.Int).Mul(edwardsD, y2)
	v.Add(v, big.NewInt(1))
	u := y2.Sub(y2, big.NewInt(1))
	u.Mul(u, v).Mod(u, edwardsP)
	return big.Jacobi(u, edwardsP) >= 0
}
