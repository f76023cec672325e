package verify

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// seenRounds verifies each distinct beacon that the records of a bundle had seen, once.
type seenRounds struct {
	chains  beacon.Chains
	of      []*seenChain
	fault   error
	beacons int64
}

// seenChain are the distinct beacons of one chain, in the order met.
type seenChain struct {
	*beacon.Chain
	met     map[seenKey]bool
	beacons []beacon.Beacon
	claims  []claimed
}

type seenKey struct {
	round uint64
	sum   [32]byte // of signature and previous
}

// claimed says where a beacon was met first.
type claimed struct {
	thread int
	n      int64
}

func newSeenRounds(chains beacon.Chains) *seenRounds { return &seenRounds{chains: chains} }

// take returns the Unix second of the round, and leaves its signature to verify.
func (s *seenRounds) take(c claimed, b *audit.Seen) (int64, error) {
	of, err := s.chain(b.Chain)
	if err != nil {
		return 0, err
	}
	at, err := of.TimeOf(b.Round)
	if err != nil {
		return 0, err
	}
	key := seenKey{b.Round, sha256.Sum256(append(slices.Clip(b.Signature), b.Previous...))}
	if !of.met[key] {
		of.met[key] = true
		of.beacons, of.claims = append(of.beacons, b.Beacon), append(of.claims, c)
		s.beacons++
	}
	return at, nil
}

func (s *seenRounds) chain(h beacon.Hash) (*seenChain, error) {
	for _, c := range s.of {
		if c.Hash == h {
			return c, nil
		}
	}
	known, ok := s.chains.Lookup(h)
	if !ok {
		return nil, fmt.Errorf("chain %s is neither pinned nor described in the bundle", h)
	}
	c := &seenChain{Chain: known, met: map[seenKey]bool{}}
	s.of = append(s.of, c)
	return c, nil
}

// verify verifies all beacons, in batches on all cores, and keeps the first that is bad.
func (s *seenRounds) verify(progress func(step string, done, total int64)) {
	var done int64
	for _, c := range s.of {
		for from := 0; from < len(c.beacons); {
			to := min(from+batch*runtime.GOMAXPROCS(0), len(c.beacons))
			if err := c.verify(from, to); err != nil && s.fault == nil {
				s.fault = err
			}
			done += int64(to - from)
			progress("rounds", done, s.beacons)
			from = to
		}
	}
}

func (c *seenChain) verify(from, to int) error {
	parts := (to - from + batch - 1) / batch
	faults := make([]error, parts)
	var running sync.WaitGroup
	for i := range parts {
		running.Go(func() {
			lo, hi := from+i*batch, min(from+(i+1)*batch, to)
			if beacon.VerifyBatch(c.Chain, c.beacons[lo:hi]) != nil {
				faults[i] = c.firstBad(lo, hi)
			}
		})
	}
	running.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

// firstBad names the record that had seen it.
func (c *seenChain) firstBad(lo, hi int) error {
	for i := lo; i < hi; i++ {
		if err := beacon.Verify(c.Chain, c.beacons[i].Round, c.beacons[i]); err != nil {
			return fmt.Errorf("%s, line %d: seen: %w", bundle.ThreadPath(c.claims[i].thread), c.claims[i].n, err)
		}
	}
	return nil
}

// at returns the Unix second of a round whose chain take has found, else 0.
func (s *seenRounds) at(b *audit.Seen) int64 {
	of, err := s.chain(b.Chain)
	if err != nil {
		return 0
	}
	due, err := of.TimeOf(b.Round)
	if err != nil {
		return 0
	}
	return due
}
