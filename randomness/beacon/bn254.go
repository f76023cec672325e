package beacon

import (
	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// onBN254 is a key on G2 of BN254 whose signatures are on G1.
type onBN254 struct {
	key, minusGen bn254.G2Affine
}

func newBN254(key []byte) (checker, error) {
	var k onBN254
	var f *fault
	if k.key, f = decodeBN254G2(key); f != nil {
		return nil, f
	}
	_, _, _, gen := bn254.Generators()
	k.minusGen.Neg(&gen)
	return keyOn[bn254.G1Affine]{k}, nil
}

func (k onBN254) hash(digest []byte) (bn254.G1Affine, error) { return HashToBN254(digest), nil }

func (k onBN254) holds(sig, msg bn254.G1Affine) (bool, error) {
	return bn254.PairingCheck([]bn254.G1Affine{sig, msg}, []bn254.G2Affine{k.minusGen, k.key})
}

func (k onBN254) sum(points []bn254.G1Affine, by []coefficient) (bn254.G1Affine, error) {
	factors := make([]fr.Element, len(by))
	for i := range by {
		factors[i].SetBytes(by[i][:])
	}
	var s bn254.G1Affine
	_, err := s.MultiExp(points, factors, ecc.MultiExpConfig{})
	return s, err
}

// HashToBN254 maps a digest to G1 of BN254 as drand does: RFC 9380 with the SVDW map, expanding with
// Keccak-256 (the library's own HashToG1 expands with SHA-256).
func HashToBN254(digest []byte) bn254.G1Affine {
	const l = 48 // bytes for one field element, RFC 9380 5.1
	uniform := expandKeccak(digest, dstBN254, 2*l)
	var u0, u1 fp.Element
	u0.SetBytes(uniform[:l])
	u1.SetBytes(uniform[l:])
	p, q := bn254.MapToG1(u0), bn254.MapToG1(u1)
	p.Add(&p, &q)
	return p
}

// decode reads x and y, 32 bytes each. G1 of BN254 has prime order: on the curve is in the group.
func (k onBN254) decode(sig []byte) (bn254.G1Affine, *fault) {
	var p bn254.G1Affine
	if len(sig) != bn254.SizeOfG1AffineUncompressed {
		return p, faultf(RuleLength, "%d bytes, want %d", len(sig), bn254.SizeOfG1AffineUncompressed)
	}
	if f := readCoordinates(sig, &p.X, &p.Y); f != nil {
		return p, f
	}
	switch {
	case p.IsInfinity():
		return p, faultf(RuleInfinity, "point at infinity")
	case !p.IsOnCurve():
		return p, faultf(RuleEncoding, "the point is not on the curve")
	}
	again := p.RawBytes()
	return p, checkSame(again[:], sig)
}

// decodeBN254G2 reads the four coordinates of a key, the imaginary part of each pair first.
func decodeBN254G2(b []byte) (bn254.G2Affine, *fault) {
	var p bn254.G2Affine
	if len(b) != bn254.SizeOfG2AffineUncompressed {
		return p, faultf(RuleLength, "%d bytes, want %d", len(b), bn254.SizeOfG2AffineUncompressed)
	}
	if f := readCoordinates(b, &p.X.A1, &p.X.A0, &p.Y.A1, &p.Y.A0); f != nil {
		return p, f
	}
	switch {
	case p.IsInfinity():
		return p, faultf(RuleInfinity, "point at infinity")
	case !p.IsOnCurve():
		return p, faultf(RuleEncoding, "the point is not on the curve")
	case !p.IsInSubGroup():
		return p, faultf(RuleSubgroup, "the point is on the curve but not in the prime-order subgroup")
	}
	again := p.RawBytes()
	return p, checkSame(again[:], b)
}

func readCoordinates(b []byte, into ...*fp.Element) *fault {
	for i, e := range into {
		if err := e.SetBytesCanonical(b[i*fp.Bytes : (i+1)*fp.Bytes]); err != nil {
			return faultf(RuleEncoding, "coordinate %d is not below the field prime", i+1)
		}
	}
	return nil
}
