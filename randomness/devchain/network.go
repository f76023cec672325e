package devchain

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"kleroterion/randomness/beacon"
)

const (
	// DefaultID names a chain whose options give no other id.
	DefaultID = "kleroterion-dev"
	// MaxChained is the last round of a chained development chain: to sign one of its rounds, all
	// rounds before it must be signed and kept.
	MaxChained = 1 << 17

	secretLen = 32
)

// Options describe a development chain.
type Options struct {
	Period  time.Duration    // whole seconds, at least one
	Genesis int64            // Unix seconds of round 1
	Scheme  beacon.Scheme    // "" is bls-unchained-g1-rfc9380, as on quicknet
	ID      string           // beacon id and name of the chain; "" is [DefaultID]
	Secret  io.Reader        // 32 bytes are read; crypto/rand.Reader for a new chain
	Now     func() time.Time // no round is served before its time by this clock
}

// Network is the only member of its chain, and one relay of it. It is safe for concurrent use.
type Network struct {
	chain *beacon.Chain
	key   key
	now   func() time.Time

	mu     sync.Mutex
	walked [][]byte // signatures of rounds 1, 2, ... of a chained scheme
	fault  Fault
	since  time.Time // when the fault was set
}

// New derives the chain from the secret. It starts nothing and keeps no goroutine.
func New(o Options) (*Network, error) {
	if err := o.fill(); err != nil {
		return nil, fmt.Errorf("devchain options: %w", err)
	}
	secret := make([]byte, secretLen)
	if _, err := io.ReadFull(o.Secret, secret); err != nil {
		return nil, fmt.Errorf("devchain secret of %d bytes: %w", secretLen, err)
	}
	k, err := newKey(o.Scheme, secret)
	if err != nil {
		return nil, err
	}
	c := beacon.Chain{
		Name: o.ID, ID: o.ID, Scheme: o.Scheme, PublicKey: k.public, Status: beacon.StatusDev,
		Period: int64(o.Period / time.Second), Genesis: o.Genesis, GenesisSeed: genesisSeed(o.Scheme, secret),
	}
	c.Hash = hashOf(&c)
	chain, err := beacon.New(c)
	if err != nil {
		return nil, fmt.Errorf("devchain: %w", err)
	}
	return &Network{chain: chain, key: k, now: o.Now}, nil
}

func (o *Options) fill() error {
	if o.Scheme == "" {
		o.Scheme = beacon.SchemeG1RFC9380
	}
	if o.ID == "" {
		o.ID = DefaultID
	}
	switch {
	case o.Period < time.Second || o.Period%time.Second != 0:
		return fmt.Errorf("period %s, want whole seconds, at least one", o.Period)
	case o.Secret == nil:
		return errors.New("no source for the secret")
	case o.Now == nil:
		return errors.New("no clock")
	}
	return nil
}

// hashOf joins the constants as docs/spec/beacon.md says.
func hashOf(c *beacon.Chain) beacon.Hash {
	b := binary.BigEndian.AppendUint32(nil, uint32(c.Period))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Genesis))
	b = append(b, c.PublicKey...)
	b = append(b, c.GenesisSeed[:]...)
	if c.ID != "default" {
		b = append(b, c.ID...)
	}
	return sha256.Sum256(b)
}

// Chain returns a copy of the chain's constants; its status is dev.
func (n *Network) Chain() *beacon.Chain {
	c := *n.chain
	c.PublicKey = slices.Clone(c.PublicKey)
	return &c
}

// Sign returns the beacon of any round from 1, whether or not it is due and whatever the fault. A
// chained scheme goes as far as [MaxChained].
func (n *Network) Sign(round uint64) (beacon.Beacon, error) {
	if round < 1 || round > beacon.MaxRound {
		return beacon.Beacon{}, fmt.Errorf("devchain round %d, want 1 to 2^53-1", round)
	}
	if n.chain.Scheme == beacon.SchemeChained {
		return n.signChained(round)
	}
	sig, err := n.key.sign(digest(n.chain.Scheme, round, nil))
	if err != nil {
		return beacon.Beacon{}, err
	}
	return beacon.Beacon{Round: round, Signature: sig}, nil
}

// signChained signs every round up to the asked one; each needs the signature before it.
func (n *Network) signChained(round uint64) (beacon.Beacon, error) {
	if round > MaxChained {
		return beacon.Beacon{}, fmt.Errorf("devchain round %d: a chained chain ends at round %d: choose a later genesis or an unchained scheme", round, MaxChained)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for next := uint64(len(n.walked)) + 1; next <= round; next++ {
		sig, err := n.key.sign(digest(n.chain.Scheme, next, n.previous(next)))
		if err != nil {
			return beacon.Beacon{}, err
		}
		n.walked = append(n.walked, sig)
	}
	return beacon.Beacon{
		Round: round, Signature: slices.Clone(n.walked[round-1]), Previous: n.previous(round),
	}, nil
}

// previous returns what round refers back to; n.mu is held and the round before it is walked.
func (n *Network) previous(round uint64) []byte {
	if round == 1 {
		return slices.Clone(n.chain.GenesisSeed[:])
	}
	return slices.Clone(n.walked[round-2])
}

// digest is the message that the scheme signs for a round.
func digest(scheme beacon.Scheme, round uint64, previous []byte) []byte {
	counter := binary.BigEndian.AppendUint64(nil, round)
	if scheme == beacon.SchemeBN254 {
		return keccak(counter)
	}
	sum := sha256.Sum256(append(previous, counter...))
	return sum[:]
}
