package timelock

import (
	"crypto/hmac"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/randomness/beacon"
)

// Open opens one file with the beacon of its round. Every error is a [*Refusal].
func Open(chain *beacon.Chain, b beacon.Beacon, file []byte) ([]byte, error) {
	o, err := NewOpener(chain, b)
	if err != nil {
		return nil, err
	}
	return o.Open(file)
}

// Opener opens the files of one round. It never changes, so that any number of goroutines may use
// it.
type Opener struct {
	chain beacon.Hash
	round uint64
	sig   bls.G1Affine
}

// NewOpener verifies the beacon. Every error is a [*Refusal]; the one of the beacon is in its Err.
func NewOpener(chain *beacon.Chain, b beacon.Beacon) (*Opener, error) {
	if err := checkScheme(chain); err != nil {
		return nil, err
	}
	if err := beacon.Verify(chain, b.Round, b); err != nil {
		return nil, refuseFor(RuleBeacon, err)
	}
	o := &Opener{chain: chain.Hash, round: b.Round}
	if _, err := o.sig.SetBytes(b.Signature); err != nil {
		return nil, refuseFor(RuleBeacon, err)
	}
	multiples() // computed here, so that the first file costs no more than the others
	return o, nil
}

// Open returns the plaintext of a file of the opener's chain and round. Every error is a [*Refusal].
func (o *Opener) Open(file []byte) ([]byte, error) {
	f, err := parse(file)
	if err != nil {
		return nil, err
	}
	if f.chain != o.chain {
		return nil, refuse(RuleChain, "the file is for chain %s, the beacon is of %s", f.chain, o.chain)
	}
	if f.round != o.round {
		return nil, refuse(RuleRound, "the file is for round %d, the beacon is of round %d", f.round, o.round)
	}
	key, err := openKey(o.sig, &f.body)
	if err != nil {
		return nil, err
	}
	if mac := headerMAC(key, f.header); !hmac.Equal(mac[:], f.mac[:]) {
		return nil, refuse(RuleMAC, "the header is not the one that was sealed")
	}
	aead, chunk := payloadCipher(key, f.nonce)
	plain, err := aead.Open(make([]byte, 0, len(f.payload)-tagSize), chunk[:], f.payload, nil)
	if err != nil {
		return nil, refuse(RulePayload, "the nonce or the payload was changed after sealing")
	}
	return plain, nil
}
