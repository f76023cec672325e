package beacon

import "crypto/sha256"

// MaxRound is the largest round: the largest integer that JSON readers agree on.
const MaxRound = 1<<53 - 1

// Beacon is one round of a chain as a relay serves it. Nothing in it is trusted before [Verify].
type Beacon struct {
	Round     uint64
	Signature []byte
	Previous  []byte // previous signature, or the genesis seed in round 1; chained schemes only
}

// Randomness returns SHA-256 of the signature bytes, for every scheme. It is worth nothing before
// [Verify] accepted the beacon.
func (b Beacon) Randomness() [32]byte { return sha256.Sum256(b.Signature) }
