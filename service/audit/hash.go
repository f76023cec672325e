package audit

import (
	"crypto/sha256"

	"kleroterion/randomness/beacon"
)

// Hash is a SHA-256 value: 64 lower-case hexadecimal digits as text and in JSON.
type Hash = beacon.Hash

// LeafHash is the Merkle leaf hash of a record's bytes: SHA-256(0x00 ‖ b), RFC 9162 section 2.1.1.
func LeafHash(b []byte) Hash {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(b)
	var sum Hash
	h.Sum(sum[:0])
	return sum
}
