package beacon

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/crypto/sha3"
)

// Digest returns the 32 bytes that c signs for a round. A chained scheme takes the previous signature
// (the genesis seed for round 1); every other scheme takes none.
func Digest(c *Chain, round uint64, previous []byte) ([]byte, error) {
	b := Beacon{Round: round, Previous: previous}
	if _, err := c.Scheme.Layout(); err != nil {
		return nil, c.refuse(faultf(RuleChain, "%v", err), b, 0)
	}
	if f := checkRoundRange(round); f != nil {
		return nil, c.refuse(f, b, 0)
	}
	if f := c.checkPrevious(b); f != nil {
		return nil, c.refuse(f, b, 0)
	}
	return c.digest(b), nil
}

// digest hashes what checkPrevious has accepted.
func (c *Chain) digest(b Beacon) []byte {
	h := sha256.New()
	if c.Scheme == SchemeBN254 {
		h = sha3.NewLegacyKeccak256()
	}
	h.Write(b.Previous)
	h.Write(binary.BigEndian.AppendUint64(nil, b.Round))
	return h.Sum(nil)
}

func checkRoundRange(round uint64) *fault {
	if round < 1 || round > MaxRound {
		return faultf(RuleRound, "round %d, want 1 to 2^53-1", round)
	}
	return nil
}

// checkPrevious also keeps an unchained beacon from carrying bytes that nobody signed.
func (c *Chain) checkPrevious(b Beacon) *fault {
	const signature = 96 // of the one chained scheme
	switch {
	case c.Scheme != SchemeChained && len(b.Previous) > 0:
		return faultf(RulePrevious, "scheme %s has no previous signature, got %d bytes", c.Scheme, len(b.Previous))
	case c.Scheme != SchemeChained:
		return nil
	case b.Round == 1 && !bytes.Equal(b.Previous, c.GenesisSeed[:]):
		return faultf(RulePrevious, "previous of round 1 must be the 32-byte genesis seed %x", c.GenesisSeed)
	case b.Round > 1 && len(b.Previous) != signature:
		return faultf(RulePrevious, "previous signature has %d bytes, want %d", len(b.Previous), signature)
	}
	return nil
}

// expandKeccak is expand_message_xmd of RFC 9380 5.3.1 with Keccak-256 (32-byte output, 136-byte
// block). The callers' dst and n are constants far below its limits.
func expandKeccak(msg []byte, dst string, n int) []byte {
	const block = 136
	suffix := append([]byte(dst), byte(len(dst)))
	h := sha3.NewLegacyKeccak256()
	h.Write(make([]byte, block))
	h.Write(msg)
	h.Write([]byte{byte(n >> 8), byte(n), 0})
	h.Write(suffix)
	first := h.Sum(nil)
	var out []byte
	last := make([]byte, len(first))
	for i := byte(1); len(out) < n; i++ {
		for j := range last {
			last[j] ^= first[j]
		}
		h.Reset()
		h.Write(last)
		h.Write([]byte{i})
		h.Write(suffix)
		last = h.Sum(last[:0])
		out = append(out, last...)
	}
	return out[:n]
}
