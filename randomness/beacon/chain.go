package beacon

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
)

// Status says what a chain may be used for.
type Status string

// A live chain schedules draws. A testnet chain is real but without promise. A retired chain is
// verified for ever and never scheduled. A dev chain is not pinned: whatever uses it is a rehearsal.
const (
	StatusLive    Status = "live"
	StatusTestnet Status = "testnet"
	StatusRetired Status = "retired"
	StatusDev     Status = "dev"
)

const (
	maxIDLen  = 64
	defaultID = "default"
)

// Chain holds the constants of one drand chain. Treat it as read-only once it has been validated;
// a changed copy is checked again from the start, never trusted.
type Chain struct {
	Name        string
	Hash        Hash
	Scheme      Scheme
	PublicKey   []byte // encoded point, length by scheme
	Period      int64  // seconds, 1 to 2^32-1
	Genesis     int64  // Unix seconds of round 1, 1 to 2^53-1
	GenesisSeed [32]byte
	ID          string // beacon id, "default" for the chain without one
	Status      Status

	ready *prepared
}

// prepared is a decoded public key together with the chain for which it was decoded.
type prepared struct {
	of    Chain
	check checker
}

// New validates c and returns a copy that keeps its decoded public key, which makes every later
// [Verify] cheaper. The copy is safe for concurrent use.
func New(c Chain) (*Chain, error) {
	k, err := c.validate()
	if err != nil {
		return nil, err
	}
	if err := c.checkPinned(); err != nil {
		return nil, err
	}
	return c.with(k), nil
}

// with copies c and attaches its decoded key.
func (c *Chain) with(k checker) *Chain {
	own, of := c.clone(), c.clone()
	of.ready = nil
	own.ready = &prepared{of: *of, check: k}
	return own
}

// checker returns the decoded key of c. A chain built by hand, or changed since, is validated here.
func (c *Chain) checker() (checker, error) {
	if c.ready != nil && c.ready.of.Equal(c) {
		return c.ready.check, nil
	}
	fresh, err := New(*c)
	if err != nil {
		return nil, err
	}
	return fresh.ready.check, nil
}

// Validate recomputes the hash, checks every length and range, and decodes the public key. A chain
// with the hash of a pinned one must be equal to it in all fields; any other chain must be
// [StatusDev], so that nothing unpinned can pass for a live network.
func (c *Chain) Validate() error {
	if _, err := c.validate(); err != nil {
		return err
	}
	return c.checkPinned()
}

func (c *Chain) checkPinned() error {
	known, pinned := Pinned().Lookup(c.Hash)
	switch {
	case !pinned && c.Status != StatusDev:
		return fmt.Errorf("chain %.40q: status %.20q, but the chain is not pinned: use %q", c.Name, c.Status, StatusDev)
	case !pinned:
		return nil
	}
	if err := known.Matches(c); err != nil {
		return err
	}
	if !known.Equal(c) {
		return fmt.Errorf("chain %.40q: name or status differ from the pinned chain %q", c.Name, known.Name)
	}
	return nil
}

// validate is Validate without the look at the pinned chains. It returns the decoded key.
func (c *Chain) validate() (checker, error) {
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	k, err := newChecker(c.Scheme, c.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("chain %.40q: public key: %w", c.Name, err)
	}
	if got := c.hash(); got != c.Hash {
		return nil, fmt.Errorf("chain %.40q: hash is %s, but its constants give %s", c.Name, c.Hash, got)
	}
	return k, nil
}

func (c *Chain) checkFields() error {
	switch {
	case c.Period < 1 || c.Period > math.MaxUint32:
		return fmt.Errorf("chain %.40q: period %d s, want 1 to 2^32-1", c.Name, c.Period)
	case c.Genesis < 1 || c.Genesis > MaxRound:
		return fmt.Errorf("chain %.40q: genesis time %d, want Unix seconds from 1 to 2^53-1", c.Name, c.Genesis)
	}
	if err := checkWord(c.Name); err != nil {
		return fmt.Errorf("chain %.40q: name: %w", c.Name, err)
	}
	if err := checkWord(c.ID); err != nil {
		return fmt.Errorf("chain %.40q: beacon id: %w", c.Name, err)
	}
	return nil
}

// checkWord keeps names and ids to what a log line, a file name and a hash input can bear.
func checkWord(s string) error {
	if s == "" || len(s) > maxIDLen {
		return fmt.Errorf("%d bytes, want 1 to %d", len(s), maxIDLen)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return fmt.Errorf("byte %d is not printable ASCII", i+1)
		}
	}
	return nil
}

// hash follows drand: SHA-256(be32(period) | be64(genesis) | key | seed | id), without the id when
// it is "default". Neither the scheme nor any length is covered.
func (c *Chain) hash() Hash {
	b := binary.BigEndian.AppendUint32(nil, uint32(c.Period))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Genesis))
	b = append(b, c.PublicKey...)
	b = append(b, c.GenesisSeed[:]...)
	if c.ID != defaultID {
		b = append(b, c.ID...)
	}
	return sha256.Sum256(b)
}

// Equal reports whether all exported fields agree.
func (c *Chain) Equal(o *Chain) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.Name == o.Name && c.Status == o.Status && c.Matches(o) == nil
}

// Matches reports whether o describes the same network: every field but name and status. The error
// names the first field that differs.
func (c *Chain) Matches(o *Chain) error {
	field := ""
	switch {
	case c.Hash != o.Hash:
		field = "hash"
	case c.Scheme != o.Scheme:
		field = "scheme"
	case !bytes.Equal(c.PublicKey, o.PublicKey):
		field = "public key"
	case c.Period != o.Period:
		field = "period"
	case c.Genesis != o.Genesis:
		field = "genesis time"
	case c.GenesisSeed != o.GenesisSeed:
		field = "genesis seed"
	case c.ID != o.ID:
		field = "beacon id"
	default:
		return nil
	}
	return fmt.Errorf("chain %.40q: %s differs from that of %.40q", o.Name, field, c.Name)
}
