package devchain

import (
	"crypto/sha256"
	"encoding/hex"

	"kleroterion/randomness/beacon"
)

// roundV1 and roundV2 have their members in the order in which drand's relay writes them.
type roundV1 struct {
	Round      uint64 `json:"round"`
	Randomness string `json:"randomness"`
	Signature  string `json:"signature"`
	Previous   string `json:"previous_signature,omitempty"`
}

type roundV2 struct {
	Round     uint64 `json:"round"`
	Signature string `json:"signature"`
	Previous  string `json:"previous_signature,omitempty"`
}

type health struct {
	Current  uint64 `json:"current"`
	Expected uint64 `json:"expected"`
}

// newest returns the newest published round, 0 before the first.
func (n *Network) newest() (uint64, error) {
	at := n.now()
	switch f, since := n.current(); {
	case f.mode == modeLate:
		at = at.Add(-f.delay)
	case f.mode == modeHalted && since.Before(at):
		at = since
	}
	return n.chain.RoundAt(at.Unix())
}

// answer is what the relay says of a published round under its fault.
func (n *Network) answer(round uint64) (roundV1, error) {
	f, _ := n.current()
	b, err := n.Sign(signedInstead(round, f.mode))
	if err != nil {
		return roundV1{}, err
	}
	switch f.mode {
	case modeWrongSignature:
		b.Round = round
	case modeMalleated:
		if b.Signature, err = alias(n.chain.Scheme, b.Signature); err != nil {
			return roundV1{}, err
		}
	}
	randomness := b.Randomness()
	if f.mode == modeWrongRandomness {
		randomness = sha256.Sum256(randomness[:])
	}
	return roundV1{
		Round: b.Round, Randomness: hex.EncodeToString(randomness[:]),
		Signature: hex.EncodeToString(b.Signature), Previous: hex.EncodeToString(b.Previous),
	}, nil
}

// signedInstead is the round whose signature a faulty relay gives: the one before, which exists.
func signedInstead(round uint64, m mode) uint64 {
	switch {
	case m != modeWrongRound && m != modeWrongSignature:
		return round
	case round == 1:
		return 2
	}
	return round - 1
}

// info is the chain's description, of version 1 or 2.
func (n *Network) info(v2 bool) []byte {
	c := n.Chain()
	if f, _ := n.current(); f.mode == modeLyingInfo {
		c.Genesis += c.Period
	}
	if v2 {
		return c.InfoV2()
	}
	return c.InfoV1()
}

func (n *Network) health() (health, error) {
	newest, err := n.newest()
	if err != nil {
		return health{}, err
	}
	due, err := n.chain.RoundAt(n.now().Unix())
	return health{Current: newest, Expected: due}, err
}

// published says whether the relay has the round, and whether it should.
func (n *Network) published(round uint64) (has, due bool, err error) {
	f, _ := n.current()
	newest, err := n.newest()
	if err != nil || f.mode == modeTooEarly {
		return false, false, err
	}
	if round <= newest {
		return true, true, nil
	}
	at, err := n.chain.TimeOf(min(round, beacon.MaxRound))
	return false, err == nil && at <= n.now().Unix(), nil
}
