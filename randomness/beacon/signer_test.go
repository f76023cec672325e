package beacon

import (
	"encoding/binary"
	"math/big"
	"testing"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"
	"github.com/consensys/gnark-crypto/ecc/bn254"
)

var allSchemes = []Scheme{SchemeChained, SchemeUnchained, SchemeUnchainedG1, SchemeG1RFC9380, SchemeBN254}

// signer is a network of one node with a known secret, for the statements that need more beacons than
// the public ones. It shares no code with the verifier but the digest and the library.
type signer struct {
	chain  *Chain
	secret *big.Int
}

func newSigner(t testing.TB, s Scheme, secret int64) signer {
	t.Helper()
	k := signer{secret: big.NewInt(secret)}
	c := Chain{Name: "dev-" + string(s), Scheme: s, Period: 3, Genesis: 1_700_000_000, ID: "local", Status: StatusDev}
	binary.BigEndian.PutUint64(c.GenesisSeed[:], uint64(secret))
	c.PublicKey = k.publicKey(s)
	c.Hash = c.hash()
	var err error
	if k.chain, err = New(c); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k signer) publicKey(s Scheme) []byte {
	_, _, g1, g2 := bls.Generators()
	switch s {
	case SchemeChained, SchemeUnchained:
		b := g1.ScalarMultiplication(&g1, k.secret).Bytes()
		return b[:]
	case SchemeBN254:
		_, _, _, gen := bn254.Generators()
		b := gen.ScalarMultiplication(&gen, k.secret).RawBytes()
		return b[:]
	}
	b := g2.ScalarMultiplication(&g2, k.secret).Bytes()
	return b[:]
}

// sign signs round after previous; an unchained scheme gets none.
func (k signer) sign(t testing.TB, round uint64, previous []byte) Beacon {
	t.Helper()
	digest, err := Digest(k.chain, round, previous)
	if err != nil {
		t.Fatal(err)
	}
	return Beacon{Round: round, Signature: k.signature(t, digest), Previous: previous}
}

func (k signer) signature(t testing.TB, digest []byte) []byte {
	t.Helper()
	l, err := k.chain.Scheme.Layout()
	if err != nil {
		t.Fatal(err)
	}
	switch k.chain.Scheme {
	case SchemeBN254:
		p := HashToBN254(digest)
		b := p.ScalarMultiplication(&p, k.secret).RawBytes()
		return b[:]
	case SchemeChained, SchemeUnchained:
		p, err := bls.HashToG2(digest, []byte(l.DST))
		if err != nil {
			t.Fatal(err)
		}
		b := p.ScalarMultiplication(&p, k.secret).Bytes()
		return b[:]
	}
	p, err := bls.HashToG1(digest, []byte(l.DST))
	if err != nil {
		t.Fatal(err)
	}
	b := p.ScalarMultiplication(&p, k.secret).Bytes()
	return b[:]
}

// run returns rounds 1 to n, linked when the scheme is chained.
func (k signer) run(t testing.TB, n int) []Beacon {
	t.Helper()
	var previous []byte
	if k.chain.Scheme == SchemeChained {
		previous = k.chain.GenesisSeed[:]
	}
	out := make([]Beacon, n)
	for i := range out {
		out[i] = k.sign(t, uint64(i)+1, previous)
		if k.chain.Scheme == SchemeChained {
			previous = out[i].Signature
		}
	}
	return out
}
