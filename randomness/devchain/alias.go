package devchain

import (
	"fmt"
	"math/big"
	"slices"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	blsfp "github.com/consensys/gnark-crypto/ecc/bls12-381/fp"
	bnfp "github.com/consensys/gnark-crypto/ecc/bn254/fp"

	"kleroterion/randomness/beacon"
)

const (
	flagBits = 0xe0 // compressed, infinity, sign of y
	xBits    = 381  // what the flags leave of 48 bytes
)

// alias returns other bytes that a careless decoder reads as the same point: x+p where the
// coordinate has room for it, else the uncompressed form.
func alias(scheme beacon.Scheme, sig []byte) ([]byte, error) {
	switch scheme {
	case beacon.SchemeBN254:
		return addPrime(sig[:32], sig[32:], bnfp.Modulus()), nil
	case beacon.SchemeChained, beacon.SchemeUnchained:
		// On G2 the second coefficient of x has no flag bits and always has room.
		return slices.Concat(sig[:48], addPrime(sig[48:], nil, blsfp.Modulus())), nil
	}
	bare := slices.Clone(sig)
	bare[0] &^= flagBits
	out := addPrime(bare, nil, blsfp.Modulus())
	if new(big.Int).SetBytes(out).BitLen() > xBits {
		return uncompressed(sig)
	}
	out[0] |= sig[0] & flagBits
	return out, nil
}

// addPrime returns x+p in as many bytes as x, followed by rest.
func addPrime(x, rest []byte, p *big.Int) []byte {
	sum := new(big.Int).Add(new(big.Int).SetBytes(x), p)
	return append(sum.FillBytes(make([]byte, len(x))), rest...)
}

func uncompressed(sig []byte) ([]byte, error) {
	var p bls.G1Affine
	if _, err := p.SetBytes(sig); err != nil {
		return nil, fmt.Errorf("devchain: decoding the own signature: %w", err)
	}
	raw := p.RawBytes()
	return raw[:], nil
}
