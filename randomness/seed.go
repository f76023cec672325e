package randomness

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"
)

// Seed is the key of one draw: 32 bytes that exist only once the round's signature does.
type Seed [32]byte

// NewSeed derives the seed of the draw with this commit from the signature of its round.
// The inner fields have fixed lengths, so no two draws share an input.
func NewSeed(signature []byte, commit, chain [32]byte, round uint64) Seed {
	rho := sha256.Sum256(signature)
	mac := hmac.New(sha256.New, rho[:])
	mac.Write([]byte("kleroterion/draw-seed/v1\n"))
	mac.Write(commit[:])
	mac.Write(chain[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, round))
	return Seed(mac.Sum(nil))
}

// Uniform returns an integer in [0, n), each equally likely, n >= 1. Different labels are independent.
// Words at or above the largest multiple of n that fits 64 bits are passed over.
func (s Seed) Uniform(label string, n uint64) uint64 {
	over := (math.MaxUint64%n + 1) % n // 2^64 mod n
	for i := uint64(0); ; i++ {
		w := s.word(label, i)
		if over == 0 || w <= math.MaxUint64-over {
			return w % n
		}
	}
}

func (s Seed) word(label string, i uint64) uint64 {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte("uniform\n" + label + "\n"))
	mac.Write(binary.BigEndian.AppendUint64(nil, i))
	return binary.BigEndian.Uint64(mac.Sum(nil))
}
