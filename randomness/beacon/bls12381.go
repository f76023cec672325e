package beacon

import (
	"bytes"
	"slices"

	"github.com/consensys/gnark-crypto/ecc"
	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

// signatureG1 is a key on G2 whose signatures are on G1.
type signatureG1 struct {
	lines []lines // of the negative generator and of the key: they are the same for every signature
	dst   []byte
}

// lines are a point of G2 as the Miller loop meets it.
type lines = [2][len(bls.LoopCounter) - 1]bls.LineEvaluationAff

func newSignatureG1(key []byte, dst string) (checker, error) {
	point, f := decodeG2(key)
	if f != nil {
		return nil, f
	}
	_, _, _, gen := bls.Generators()
	gen.Neg(&gen)
	fixed := []lines{bls.PrecomputeLines(gen), bls.PrecomputeLines(point)}
	return keyOn[bls.G1Affine]{signatureG1{lines: fixed, dst: []byte(dst)}}, nil
}

func (k signatureG1) decode(sig []byte) (bls.G1Affine, *fault) { return decodeG1(sig) }

func (k signatureG1) hash(digest []byte) (bls.G1Affine, error) { return bls.HashToG1(digest, k.dst) }

func (k signatureG1) holds(sig, msg bls.G1Affine) (bool, error) {
	// The library evaluates the lines in place, so each check gets a copy of its own.
	return bls.PairingCheckFixedQ([]bls.G1Affine{sig, msg}, slices.Clone(k.lines))
}

func (k signatureG1) sum(points []bls.G1Affine, by []coefficient) (bls.G1Affine, error) {
	var s bls.G1Affine
	_, err := s.MultiExp(points, scalars(by), ecc.MultiExpConfig{})
	return s, err
}

// signatureG2 is a key on G1 whose signatures are on G2.
type signatureG2 struct {
	key, minusGen bls.G1Affine
	dst           []byte
}

func newSignatureG2(key []byte, dst string) (checker, error) {
	k := signatureG2{dst: []byte(dst)}
	var f *fault
	if k.key, f = decodeG1(key); f != nil {
		return nil, f
	}
	_, _, gen, _ := bls.Generators()
	k.minusGen.Neg(&gen)
	return keyOn[bls.G2Affine]{k}, nil
}

func (k signatureG2) decode(sig []byte) (bls.G2Affine, *fault) { return decodeG2(sig) }

func (k signatureG2) hash(digest []byte) (bls.G2Affine, error) { return bls.HashToG2(digest, k.dst) }

func (k signatureG2) holds(sig, msg bls.G2Affine) (bool, error) {
	return bls.PairingCheck([]bls.G1Affine{k.minusGen, k.key}, []bls.G2Affine{sig, msg})
}

func (k signatureG2) sum(points []bls.G2Affine, by []coefficient) (bls.G2Affine, error) {
	var s bls.G2Affine
	_, err := s.MultiExp(points, scalars(by), ecc.MultiExpConfig{})
	return s, err
}

func scalars(by []coefficient) []fr.Element {
	out := make([]fr.Element, len(by))
	for i := range by {
		out[i].SetBytes(by[i][:])
	}
	return out
}

func decodeG1(b []byte) (bls.G1Affine, *fault) {
	var p bls.G1Affine
	if f := decodeBLS(b, bls.SizeOfG1AffineCompressed, &p); f != nil {
		return p, f
	}
	again := p.Bytes()
	return p, checkSame(again[:], b)
}

func decodeG2(b []byte) (bls.G2Affine, *fault) {
	var p bls.G2Affine
	if f := decodeBLS(b, bls.SizeOfG2AffineCompressed, &p); f != nil {
		return p, f
	}
	again := p.Bytes()
	return p, checkSame(again[:], b)
}

// blsPoint is what both groups of BLS12-381 offer.
type blsPoint interface {
	SetBytes([]byte) (int, error)
	IsInfinity() bool
}

// decodeBLS reads the compressed form of exactly size bytes. The library ignores what follows a
// point and also reads the uncompressed form, so length and flags are settled before it is asked.
func decodeBLS(b []byte, size int, p blsPoint) *fault {
	if len(b) != size {
		return faultf(RuleLength, "%d bytes, want %d", len(b), size)
	}
	if f := checkFlags(b); f != nil {
		return f
	}
	if _, err := p.SetBytes(b); err != nil {
		return whyUndecodable(b, p, err)
	}
	if p.IsInfinity() {
		return faultf(RuleInfinity, "point at infinity")
	}
	return nil
}

// checkFlags wants the top bits 10: compressed, not infinity. The third bit is the sign.
func checkFlags(b []byte) *fault {
	switch b[0] >> 6 {
	case 0b10:
		return nil
	case 0b11:
		if b[0] == 0xc0 && len(bytes.Trim(b[1:], "\x00")) == 0 {
			return faultf(RuleInfinity, "point at infinity")
		}
		return faultf(RuleFlags, "the infinity bit is set on a point that is not infinity")
	default:
		return faultf(RuleFlags, "the compression bit is not set")
	}
}

// whyUndecodable tells a point outside the subgroup from bytes that are no point at all.
func whyUndecodable(b []byte, p blsPoint, err error) *fault {
	loose := bls.NewDecoder(bytes.NewReader(b), bls.NoSubgroupChecks())
	if loose.Decode(p) == nil {
		return faultf(RuleSubgroup, "the point is on the curve but not in the prime-order subgroup")
	}
	return faultf(RuleEncoding, "%v", err)
}

func checkSame(again, given []byte) *fault {
	if !bytes.Equal(again, given) {
		return faultf(RuleCanonical, "the point encodes as %x", again)
	}
	return nil
}
