package timelock

import (
	"sync"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

const half = 1 << 7 // signed digits of eight bits run from 1-half to half

// table holds, for each place i of a number in base 256, the points j·256^i·G for j from 1 to half. A
// multiple of G is then the sum of one of them, or its negative, for each place.
type table [fr.Bytes]row

// row holds j·base at index j-1.
type row [half]bls.G2Affine

// multiples is the table of the generator, which is the same for all chains. It is computed when it
// is first needed and never changes.
var multiples = sync.OnceValue(func() *table {
	_, _, _, gen := bls.Generators()
	var t table
	for i := range t {
		t[i] = newRow(gen)
		gen.Double(&t[i][half-1])
	}
	return &t
})

func newRow(base bls.G2Affine) (r row) {
	var points [half]bls.G2Jac
	points[0].FromAffine(&base)
	for j := 1; j < half; j++ {
		points[j] = points[j-1]
		points[j].AddMixed(&base)
	}
	r.normalise(&points)
	return r
}

// normalise brings points to affine form with one inversion for all: that of the product of their Z,
// from which each inverse is peeled off, the last first (P. Montgomery). No Z is zero, because no
// multiple up to half is the identity.
func (r *row) normalise(points *[half]bls.G2Jac) {
	var before [half]bls.E2 // product of Z of all points before this one
	var product bls.E2
	product.SetOne()
	for j := range points {
		before[j] = product
		product.Mul(&product, &points[j].Z)
	}
	var rest, inverse, power bls.E2
	rest.Inverse(&product)
	for j := half - 1; j >= 0; j-- {
		inverse.Mul(&rest, &before[j])
		rest.Mul(&rest, &points[j].Z)
		power.Square(&inverse)
		r[j].X.Mul(&points[j].X, &power)
		power.Mul(&power, &inverse)
		r[j].Y.Mul(&points[j].Y, &power)
	}
}

// times returns n·G; n is big-endian and below the group order, so its highest digit has no carry.
func (t *table) times(n [fr.Bytes]byte) bls.G2Jac {
	var sum bls.G2Jac
	sum.X.SetOne()
	sum.Y.SetOne()
	carry := 0
	for i := range t {
		digit := int(n[len(n)-1-i]) + carry
		carry = 0
		if digit > half {
			digit -= 2 * half
			carry = 1
		}
		t[i].add(&sum, digit)
	}
	return sum
}

func (r *row) add(sum *bls.G2Jac, digit int) {
	switch {
	case digit > 0:
		sum.AddMixed(&r[digit-1])
	case digit < 0:
		var minus bls.G2Affine
		sum.AddMixed(minus.Neg(&r[-digit-1]))
	}
}
