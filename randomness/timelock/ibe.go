package timelock

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"math/big"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
)

const (
	keySize  = 16 // of the file key M and of σ
	bodySize = bls.SizeOfG2AffineCompressed + 2*keySize
)

// body is U | V | W, as the stanza holds it.
type body [bodySize]byte

func (b *body) u() []byte { return b[:bls.SizeOfG2AffineCompressed] }
func (b *body) v() []byte { return b[bls.SizeOfG2AffineCompressed : bodySize-keySize] }
func (b *body) w() []byte { return b[bodySize-keySize:] }

// sealKey wraps the file key; base is e(Q, P).
func sealKey(base bls.GT, sigma, key [keySize]byte) *body {
	r := hash3(sigma, key)
	u := multiples().times(r)
	var affine bls.G2Affine
	point := affine.FromJacobian(&u).Bytes()
	exponent, _ := fr.BigEndian.Element(&r) // hash3 gives numbers below the group order only
	k := fromGT(base, exponent)
	var b body
	copy(b.u(), point[:])
	pad2, pad4 := hash2(&k), hash4(sigma)
	subtle.XORBytes(b.v(), sigma[:], pad2[:])
	subtle.XORBytes(b.w(), key[:], pad4[:])
	return &b
}

func fromGT(base bls.GT, exponent fr.Element) bls.GT {
	var k bls.GT
	return *k.ExpGLV(base, exponent.BigInt(new(big.Int)))
}

// openKey unwraps the file key; sig is the signature of the round. The proof at its end leaves only
// multiples of the generator, so u needs no subgroup check before.
func openKey(sig bls.G1Affine, b *body) (key [keySize]byte, err error) {
	u, fault := decodePoint(b.u())
	if fault != nil {
		return key, fault
	}
	k, err := bls.Pair([]bls.G1Affine{sig}, []bls.G2Affine{u})
	if err != nil {
		return key, refuseFor(RuleProof, err)
	}
	var sigma [keySize]byte
	pad2 := hash2(&k)
	subtle.XORBytes(sigma[:], b.v(), pad2[:])
	pad4 := hash4(sigma)
	subtle.XORBytes(key[:], b.w(), pad4[:])
	again := multiples().times(hash3(sigma, key))
	if !sameG2(&again, &u) {
		return key, refuse(RuleProof, "the first 96 bytes of the stanza do not follow from what it seals")
	}
	return key, nil
}

// hash2 hides σ behind an element of GT.
func hash2(k *bls.GT) [keySize]byte {
	const tag = "IBE-H2"
	var in [len(tag) + bls.SizeOfGT]byte
	raw := k.Bytes()
	copy(in[copy(in[:], tag):], raw[:])
	return first16(sha256.Sum256(in[:]))
}

// hash3 derives the scalar, big-endian and below the group order.
func hash3(sigma, key [keySize]byte) [fr.Bytes]byte {
	const tag = "IBE-H3"
	var in [len(tag) + 2*keySize]byte
	n := copy(in[:], tag)
	n += copy(in[n:], sigma[:])
	copy(in[n:], key[:])
	inner := sha256.Sum256(in[:])
	var counted [2 + sha256.Size]byte
	copy(counted[2:], inner[:])
	for i := uint16(1); ; i++ {
		binary.LittleEndian.PutUint16(counted[:], i)
		h := sha256.Sum256(counted[:])
		h[0] >>= 1
		if _, err := fr.BigEndian.Element(&h); err == nil {
			return h
		}
	}
}

// hash4 hides the file key behind σ.
func hash4(sigma [keySize]byte) [keySize]byte {
	const tag = "IBE-H4"
	var in [len(tag) + keySize]byte
	copy(in[copy(in[:], tag):], sigma[:])
	return first16(sha256.Sum256(in[:]))
}

func first16(h [sha256.Size]byte) [keySize]byte { return [keySize]byte(h[:keySize]) }
