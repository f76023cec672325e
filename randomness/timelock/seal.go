package timelock

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/randomness/beacon"
)

// Seal returns a file that holds plaintext and can be opened with the beacon of round on chain. It
// reads 48 bytes of entropy, which must be secret and never be used again: crypto/rand.Reader.
//
// The plaintext has at most [MaxPlaintext] bytes. Every error that is not one of reading is a
// [*Refusal].
func Seal(chain *beacon.Chain, round uint64, plaintext []byte, entropy io.Reader) ([]byte, error) {
	s, err := NewSealer(chain, round)
	if err != nil {
		return nil, err
	}
	return s.Seal(plaintext, entropy)
}

// SealedSize returns the length in bytes of the file that holds n bytes of plaintext until round.
func SealedSize(round uint64, n int) int {
	const rest = len(versionLine) + len(stanzaStart) + 1 + hashDigits + 1 + // and the digits
		bodyText + bodyLines + len(macStart) + macText + 1 + nonceSize + tagSize
	return rest + len(strconv.FormatUint(round, 10)) + n
}

// Sealer seals many files until one round. It is safe for concurrent use.
type Sealer struct {
	round  uint64
	header []byte // up to the body of the stanza
	base   bls.GT // e(Q, P)
}

// NewSealer validates the chain and does once what is the same for all files until round. Every error
// is a [*Refusal].
func NewSealer(chain *beacon.Chain, round uint64) (*Sealer, error) {
	if err := checkScheme(chain); err != nil {
		return nil, err
	}
	if err := chain.Validate(); err != nil {
		return nil, refuseFor(RuleChain, err)
	}
	if chain.Status == beacon.StatusRetired {
		return nil, refuse(RuleChain, "chain %s makes no more rounds: choose a live one", chain.Name)
	}
	return newSealer(chain, round)
}

// newSealer trusts its chain.
func newSealer(chain *beacon.Chain, round uint64) (*Sealer, error) {
	digest, err := beacon.Digest(chain, round, nil)
	if err != nil {
		return nil, refuseFor(RuleRound, err)
	}
	layout, err := chain.Scheme.Layout()
	if err != nil {
		return nil, refuseFor(RuleScheme, err)
	}
	base, err := pairWithKey(digest, layout.DST, chain.PublicKey)
	if err != nil {
		return nil, refuseFor(RuleChain, err)
	}
	header := fmt.Sprintf("%s%s%d %s\n", versionLine, stanzaStart, round, chain.Hash)
	return &Sealer{round: round, header: []byte(header), base: base}, nil
}

// checkScheme wants the key on G2 and the signatures on G1 of BLS12-381.
func checkScheme(chain *beacon.Chain) error {
	switch chain.Scheme {
	case beacon.SchemeG1RFC9380, beacon.SchemeUnchainedG1:
		return nil
	}
	return refuse(RuleScheme, "chain %.40q has scheme %.40q, want %s or %s",
		chain.Name, chain.Scheme, beacon.SchemeG1RFC9380, beacon.SchemeUnchainedG1)
}

// pairWithKey returns e(Q, P).
func pairWithKey(digest []byte, dst string, public []byte) (bls.GT, error) {
	q, err := bls.HashToG1(digest, []byte(dst))
	if err != nil {
		return bls.GT{}, err
	}
	var p bls.G2Affine
	if _, err := p.SetBytes(public); err != nil {
		return bls.GT{}, err
	}
	return bls.Pair([]bls.G1Affine{q}, []bls.G2Affine{p})
}

// Seal is [Seal] for the round of s.
func (s *Sealer) Seal(plaintext []byte, entropy io.Reader) ([]byte, error) {
	if len(plaintext) > MaxPlaintext {
		return nil, refuse(RuleSize, "%d bytes of plaintext, at most %d", len(plaintext), MaxPlaintext)
	}
	var secret [2*keySize + nonceSize]byte
	if _, err := io.ReadFull(entropy, secret[:]); err != nil {
		return nil, fmt.Errorf("timelock entropy of %d bytes: %w", len(secret), err)
	}
	key, sigma := [keySize]byte(secret[:]), [keySize]byte(secret[keySize:])
	nonce := secret[2*keySize:]

	out := make([]byte, 0, SealedSize(s.round, len(plaintext)))
	out = appendBody(append(out, s.header...), sealKey(s.base, sigma, key))
	out = append(out, macStart[:len(macStart)-1]...)
	mac := headerMAC(key, out)
	out = append(out, ' ')
	out = base64.RawStdEncoding.AppendEncode(out, mac[:])
	out = append(append(out, '\n'), nonce...)
	aead, chunk := payloadCipher(key, nonce)
	return aead.Seal(out, chunk[:], plaintext, nil), nil
}

// appendBody writes the lines of the stanza's body.
func appendBody(out []byte, b *body) []byte {
	var text [bodyText]byte
	base64.RawStdEncoding.Encode(text[:], b[:])
	for line := range slices.Chunk(text[:], lineText) {
		out = append(append(out, line...), '\n')
	}
	return out
}
