package beacon

import "fmt"

// Scheme names what a chain signs and on which curve, in drand's words.
type Scheme string

// The schemes of drand. A chained scheme signs the previous signature together with the round.
const (
	SchemeChained     Scheme = "pedersen-bls-chained"
	SchemeUnchained   Scheme = "pedersen-bls-unchained"
	SchemeUnchainedG1 Scheme = "bls-unchained-on-g1"
	SchemeG1RFC9380   Scheme = "bls-unchained-g1-rfc9380"
	SchemeBN254       Scheme = "bls-bn254-unchained-on-g1"
)

// The domain separation tags for hashing to a curve. SchemeUnchainedG1 signs on G1 under the tag of
// G2: that is how the network was started, and it can only be kept.
const (
	dstG2    = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_"
	dstG1    = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
	dstBN254 = "BLS_SIG_BN254G1_XMD:KECCAK-256_SVDW_RO_NUL_"
)

// Layout holds the fixed sizes of a scheme in bytes and its domain separation tag.
type Layout struct {
	PublicKey int
	Signature int
	DST       string
	Chained   bool
}

// Layout returns the sizes of s. An unknown scheme is an error; there is no default.
func (s Scheme) Layout() (Layout, error) {
	switch s {
	case SchemeChained:
		return Layout{PublicKey: 48, Signature: 96, DST: dstG2, Chained: true}, nil
	case SchemeUnchained:
		return Layout{PublicKey: 48, Signature: 96, DST: dstG2}, nil
	case SchemeUnchainedG1:
		return Layout{PublicKey: 96, Signature: 48, DST: dstG2}, nil
	case SchemeG1RFC9380:
		return Layout{PublicKey: 96, Signature: 48, DST: dstG1}, nil
	case SchemeBN254:
		return Layout{PublicKey: 128, Signature: 64, DST: dstBN254}, nil
	}
	return Layout{}, fmt.Errorf("unknown scheme %.40q", string(s))
}
