package devchain

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	blsfr "github.com/consensys/gnark-crypto/ecc/bls12-381/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	bnfr "github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"kleroterion/randomness/beacon"
)

const (
	keyTag  = "kleroterion/devchain/key/v1\n"
	seedTag = "kleroterion/devchain/genesis-seed/v1\n"
)

var errZeroKey = errors.New("devchain secret gives the key zero: use another secret")

// key is the one signing key of a development chain, under one scheme.
type key struct {
	public []byte
	sign   func(digest []byte) ([]byte, error)
}

// newKey derives the key of a scheme from the secret. Every scheme gets its own key, because a chain
// hash does not cover the scheme.
func newKey(scheme beacon.Scheme, secret []byte) (key, error) {
	layout, err := scheme.Layout()
	if err != nil {
		return key{}, fmt.Errorf("devchain: %w", err)
	}
	dst, keyDST := []byte(layout.DST), []byte(keyTag+scheme)
	if scheme == beacon.SchemeBN254 {
		return keyBN254(secret, keyDST, dst)
	}
	scalar, err := blsScalar(secret, keyDST)
	if err != nil {
		return key{}, err
	}
	if scheme == beacon.SchemeChained || scheme == beacon.SchemeUnchained {
		return keyOnG1(scalar, dst), nil
	}
	return keyOnG2(scalar, dst), nil
}

func genesisSeed(scheme beacon.Scheme, secret []byte) [32]byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(seedTag + scheme))
	return [32]byte(mac.Sum(nil))
}

func blsScalar(secret, dst []byte) (*big.Int, error) {
	k, err := blsfr.Hash(secret, dst, 1)
	if err != nil {
		return nil, fmt.Errorf("devchain key derivation: %w", err)
	}
	if k[0].IsZero() {
		return nil, errZeroKey
	}
	return k[0].BigInt(new(big.Int)), nil
}

// keyOnG1 signs on G2, as drand's first schemes do.
func keyOnG1(k *big.Int, dst []byte) key {
	var pub bls.G1Affine
	public := pub.ScalarMultiplicationBase(k).Bytes()
	return key{public: public[:], sign: func(digest []byte) ([]byte, error) {
		p, err := bls.HashToG2(digest, dst)
		if err != nil {
			return nil, fmt.Errorf("hashing the round to G2: %w", err)
		}
		sig := p.ScalarMultiplication(&p, k).Bytes()
		return sig[:], nil
	}}
}

// keyOnG2 signs on G1; dst is all that tells the deprecated scheme from the RFC 9380 one.
func keyOnG2(k *big.Int, dst []byte) key {
	var pub bls.G2Affine
	public := pub.ScalarMultiplicationBase(k).Bytes()
	return key{public: public[:], sign: func(digest []byte) ([]byte, error) {
		p, err := bls.HashToG1(digest, dst)
		if err != nil {
			return nil, fmt.Errorf("hashing the round to G1: %w", err)
		}
		sig := p.ScalarMultiplication(&p, k).Bytes()
		return sig[:], nil
	}}
}

func keyBN254(secret, keyDST, dst []byte) (key, error) {
	e, err := bnfr.Hash(secret, keyDST, 1)
	if err != nil {
		return key{}, fmt.Errorf("devchain key derivation: %w", err)
	}
	if e[0].IsZero() {
		return key{}, errZeroKey
	}
	k := e[0].BigInt(new(big.Int))
	var pub bn254.G2Affine
	public := pub.ScalarMultiplicationBase(k).RawBytes()
	return key{public: public[:], sign: func(digest []byte) ([]byte, error) {
		p := hashToBN254(digest, dst)
		sig := p.ScalarMultiplication(&p, k).RawBytes()
		return sig[:], nil
	}}, nil
}
