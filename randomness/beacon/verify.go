package beacon

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Verify reports whether b is the one beacon of round on c. Every error is a [*Refusal]. The asked
// round is a parameter of its own so that a relay cannot answer with another one.
func Verify(c *Chain, round uint64, b Beacon) error {
	k, err := c.checker()
	if err != nil {
		return c.refuse(faultf(RuleChain, "%v", err), b, 0)
	}
	it := c.item(b)
	if b.Round != round {
		it.round = faultf(RuleRound, "round %d was asked for", round)
	}
	if f := k.one(it); f != nil {
		return c.refuse(f, b, 0)
	}
	return nil
}

// VerifyBatch verifies many beacons of c, in any order of rounds, with two pairings. It accepts
// exactly what [Verify] accepts for each beacon and its own round, but for a chance of 2^-128. The
// error wraps the [*Refusal] of the first bad beacon, with its index. An empty batch holds.
func VerifyBatch(c *Chain, bs []Beacon) error {
	k, err := c.checker()
	if err != nil {
		return c.refuse(faultf(RuleChain, "%v", err), Beacon{}, 0)
	}
	items := make([]item, len(bs))
	for i, b := range bs {
		items[i] = c.item(b)
	}
	if i, f := k.batch(items, coefficients(c.Hash, items)); f != nil {
		return fmt.Errorf("batch item %d: %w", i, c.refuse(f, bs[i], i))
	}
	return nil
}

func (c *Chain) item(b Beacon) item {
	return item{sig: b.Signature, digest: c.digest(b), round: checkRoundRange(b.Round), previous: c.checkPrevious(b)}
}

// coefficients derives the factors of a batch from all of its inputs: whoever chose the signatures
// could not choose them to cancel out, and the same batch always gives the same answer.
func coefficients(chain Hash, items []item) []coefficient {
	h := sha256.New()
	h.Write([]byte("kleroterion/beacon-batch/v1\n"))
	h.Write(chain[:])
	for _, it := range items {
		h.Write(it.digest)
		h.Write(it.sig)
	}
	seed := h.Sum(nil)
	out := make([]coefficient, len(items))
	for i := range out {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(seed[:32:32], uint64(i)))
		copy(out[i][:], sum[:])
	}
	return out
}
