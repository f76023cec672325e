package relay

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kleroterion/randomness/beacon"
)

// tolerance is how far the local clock may be behind a chain: relays' clocks and ours are never equal.
const tolerance = 2 * time.Second

// Skew compares the local clock with a chain and its relays.
type Skew struct {
	// Behind is proved: the newest verified round was due this much later than the local time at
	// which it was already there. It is 0 when nothing is proved; the clock may still be behind by
	// less than a period, or ahead.
	Behind time.Duration
	// Claimed is the median of the relays' Date headers minus the local time, to the second: a hint
	// that any relay can forge.
	Claimed time.Duration
	Newest  uint64 // newest verified round
	Relays  int    // relays that answered with a verified round
}

// ClockBehind says that the local clock cannot be used: by it, rounds that exist are still to come,
// so something decided "before the round" may have been decided after it.
type ClockBehind struct {
	Chain  *beacon.Chain
	Newest uint64
	Behind time.Duration
}

// Error says by how much, how that is known and what to do.
func (e *ClockBehind) Error() string {
	return fmt.Sprintf("the local clock is at least %s behind: round %d of chain %s already exists; set the clock",
		e.Behind.Round(time.Millisecond), e.Newest, e.Chain.Name)
}

// ClockSkew asks all relays of a chain for their newest round, and so also renews their lag in
// [Client.Health]. It fails with a [*ClockBehind] when a verified round proves that the local clock is
// more than 2 s behind, and with an [*Unjudged] when no relay gave a verified round.
func (c *Client) ClockSkew(ctx context.Context, hash beacon.Hash) (Skew, error) {
	chain, err := c.chain(hash)
	if err != nil {
		return Skew{}, err
	}
	records := c.serving(chain)
	if len(records) == 0 {
		return Skew{}, &Misconfigured{Chain: hash, Reason: fmt.Sprintf("no relay is configured for %s", chain.Name)}
	}
	skew, faults, err := compare(chain, c.probeAll(ctx, chain, records))
	switch {
	case err != nil:
		return Skew{}, err
	case skew.Relays == 0:
		return Skew{}, &Unjudged{Chain: chain, Relays: faults}
	case skew.Behind > tolerance:
		return skew, &ClockBehind{Chain: chain, Newest: skew.Newest, Behind: skew.Behind}
	}
	return skew, nil
}

func compare(chain *beacon.Chain, probes []probe) (Skew, []*Fault, error) {
	var s Skew
	var faults []*Fault
	var claims []time.Duration
	for _, p := range probes {
		if p.fault != nil {
			faults = append(faults, p.fault)
			continue
		}
		due, err := chain.TimeOf(p.newest.Round)
		if err != nil {
			return Skew{}, nil, err
		}
		s.Relays++
		s.Newest = max(s.Newest, p.newest.Round)
		s.Behind = max(s.Behind, time.Unix(due, 0).Sub(p.at))
		if !p.date.IsZero() {
			claims = append(claims, p.date.Sub(p.at).Round(time.Second))
		}
	}
	if len(claims) > 0 {
		slices.Sort(claims)
		s.Claimed = claims[len(claims)/2]
	}
	return s, faults, nil
}
