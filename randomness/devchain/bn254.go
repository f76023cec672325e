package devchain

import (
	"math/big"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"golang.org/x/crypto/sha3"
)

const (
	keccakBlock = 136 // bytes of input per permutation: s_in_bytes of RFC 9380 5.3.1
	fieldBytes  = 48  // L of RFC 9380 5.2 for a 254-bit prime at 128 bits of security
)

// hashToBN254 is hash_to_curve of RFC 9380 with the map SVDW and legacy Keccak-256. The curve's
// cofactor is 1, so there is no cofactor to clear.
func hashToBN254(msg, dst []byte) bn254.G1Affine {
	u := expandKeccak(msg, dst, 2*fieldBytes)
	a := bn254.MapToG1(element(u[:fieldBytes]))
	b := bn254.MapToG1(element(u[fieldBytes:]))
	var sum bn254.G1Affine
	sum.Add(&a, &b)
	return sum
}

func element(b []byte) fp.Element {
	var e fp.Element
	e.SetBigInt(new(big.Int).SetBytes(b))
	return e
}

// expandKeccak is expand_message_xmd (RFC 9380 5.3.1) over legacy Keccak-256; size is a multiple of 32.
func expandKeccak(msg, dst []byte, size int) []byte {
	suffix := append(slices.Clone(dst), byte(len(dst)))
	b0 := keccak(make([]byte, keccakBlock), msg, []byte{byte(size >> 8), byte(size), 0}, suffix)
	block := keccak(b0, []byte{1}, suffix)
	out := slices.Clone(block)
	for i := byte(2); len(out) < size; i++ {
		for j := range block {
			block[j] ^= b0[j]
		}
		block = keccak(block, []byte{i}, suffix)
		out = append(out, block...)
	}
	return out
}

func keccak(parts ...[]byte) []byte {
	h := sha3.NewLegacyKeccak256()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
