package relay

import (
	"slices"
	"time"

	"kleroterion/randomness/beacon"
)

// forgiven is how long a relay must behave until its next lie counts as the first again.
const forgiven = 24 * time.Hour

// RelayHealth is how one relay does, for people and metrics. Zero times mean never.
type RelayHealth struct {
	URL              string
	Organisation     string
	State            RelayState
	LastAnswer       time.Time // newest answer of any kind
	LastError        string    // of the newest failure, "" while ok
	Failures         uint64    // requests in a row that failed
	VerifyFailures   uint64    // answers that were lies, since the start
	QuarantinedUntil time.Time
	Foreign          []beacon.Hash // chains that it does not serve although it should
	Lags             []Lag         // by chain, in the order of the hashes
}

// Lag is how far a relay was behind the schedule of a chain when it was last asked for its newest
// round. The round was verified, so the relay cannot understate its lag.
type Lag struct {
	Chain  beacon.Hash
	Newest uint64
	Rounds uint64 // 0: not behind
	At     time.Time
}

// record is the memory of one relay. Guarded by Client.mu, except for what never changes.
type record struct {
	relay Relay

	state       RelayState
	lastAnswer  time.Time
	lastError   string
	failures    uint64
	lies        uint64
	strikes     uint
	lastStrike  time.Time
	quarantined time.Time // until
	serves      map[beacon.Hash]bool
	lags        map[beacon.Hash]Lag
}

// Health returns the relays in their configured order.
func (c *Client) Health() []RelayHealth {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]RelayHealth, len(c.records))
	for i, r := range c.records {
		out[i] = RelayHealth{
			URL: r.relay.URL, Organisation: r.relay.Organisation, State: r.state, LastAnswer: r.lastAnswer,
			LastError: r.lastError, Failures: r.failures, VerifyFailures: r.lies, QuarantinedUntil: r.quarantined,
		}
		if r.state == RelayQuarantined && !c.now().Before(r.quarantined) {
			out[i].State = RelayFailing // free to be asked, and yet to do better
		}
		for hash, serves := range r.serves {
			if !serves {
				out[i].Foreign = append(out[i].Foreign, hash)
			}
		}
		for _, l := range r.lags {
			out[i].Lags = append(out[i].Lags, l)
		}
		slices.SortFunc(out[i].Foreign, compareHashes)
		slices.SortFunc(out[i].Lags, func(a, b Lag) int { return compareHashes(a.Chain, b.Chain) })
	}
	return out
}

func compareHashes(a, b beacon.Hash) int { return slices.Compare(a[:], b[:]) }

// note records the outcome of one request; a nil fault is a verified answer. An answer that was on
// its way when a quarantine began does not end it.
func (c *Client) note(r *record, chain beacon.Hash, f *Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if f == nil || f.Kind != Down {
		r.lastAnswer = now
	}
	switch {
	case f != nil && f.Kind == Lying:
		c.quarantine(r, chain, f)
	case f != nil && f.Kind == Foreign:
		c.setServes(r, chain, false, f)
	case now.Before(r.quarantined):
	case f == nil || f.Kind == Absent:
		r.failures, r.lastError = 0, ""
		if f == nil {
			c.setServes(r, chain, true, nil)
		}
		c.move(r, chain, RelayOK, nil)
	default:
		r.failures++
		r.lastError = f.Err.Error()
		c.move(r, chain, RelayFailing, f.Err)
	}
}

// move changes a relay's state. c.mu is held.
func (c *Client) move(r *record, chain beacon.Hash, s RelayState, err error) {
	if r.state != s {
		r.state = s
		c.tell(Event{Chain: chain, Relay: r.relay.URL, RelayState: s, Err: err})
	}
}

// quarantine doubles the time with every lie of the last day. Each time is news, even without a good
// answer since. c.mu is held.
func (c *Client) quarantine(r *record, chain beacon.Hash, f *Fault) {
	now := c.now()
	if now.Sub(r.lastStrike) > forgiven {
		r.strikes = 0
	}
	d := c.timing.QuarantineMin
	for range r.strikes {
		d = min(2*d, c.timing.QuarantineMax)
	}
	r.strikes++
	r.lies++
	r.failures++
	r.lastStrike, r.lastError, r.quarantined = now, f.Err.Error(), now.Add(d)
	r.state = RelayQuarantined
	c.tell(Event{Chain: chain, Relay: r.relay.URL, RelayState: RelayQuarantined, Err: f.Err})
}

// setServes remembers whether a relay serves a chain, and tells when it turns out that it does not.
// c.mu is held.
func (c *Client) setServes(r *record, chain beacon.Hash, serves bool, f *Fault) {
	old, known := r.serves[chain]
	r.serves[chain] = serves
	if !serves && (!known || old) {
		c.tell(Event{Chain: chain, Relay: r.relay.URL, RelayState: r.state, Foreign: true, Err: f.Err})
	}
}
