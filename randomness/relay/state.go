package relay

import (
	"time"

	"kleroterion/randomness/beacon"
)

// State is where one round of one chain stands.
type State string

// A round is scheduled until its time, due from then on, and late when a relay that was asked after
// its time did not have it. It is halted when it is overdue by more than five periods and all relays
// that can be asked prove no newer round; it can still come. Fetched is an answer not yet verified.
const (
	StateScheduled State = "scheduled"
	StateDue       State = "due"
	StateLate      State = "late"
	StateHalted    State = "halted"
	StateFetched   State = "fetched"
	StateVerified  State = "verified"
)

// RelayState is how a relay does.
type RelayState string

// A relay is ok until a request to it fails. A quarantined one is not asked.
const (
	RelayOK          RelayState = "ok"
	RelayFailing     RelayState = "failing"
	RelayQuarantined RelayState = "quarantined"
)

// Event is one change of state: of a round when State is set, of a relay when RelayState is set.
type Event struct {
	At         time.Time
	Chain      beacon.Hash
	Round      uint64
	State      State
	Relay      string // URL; for a round, the relay that served it
	RelayState RelayState
	Foreign    bool  // the relay does not serve the chain: a fault of configuration
	Err        error // what made a relay leave the state ok
}

// maxRounds bounds the memory of round states; the oldest is forgotten first.
const maxRounds = 4096

type roundKey struct {
	chain beacon.Hash
	round uint64
}

// rounds remembers states in the order in which rounds were first asked for. Guarded by Client.mu.
type rounds struct {
	states map[roundKey]State
	order  []roundKey
}

// set reports whether the state changed. A verified round stays verified, and a late one is not due
// again only because it is asked for again.
func (r *rounds) set(k roundKey, s State) bool {
	old, known := r.states[k]
	switch {
	case old == s, old == StateVerified, s == StateScheduled && known,
		s == StateDue && (old == StateLate || old == StateHalted):
		return false
	}
	if !known {
		if len(r.order) == maxRounds {
			delete(r.states, r.order[0])
			r.order = r.order[1:]
		}
		r.order = append(r.order, k)
	}
	r.states[k] = s
	return true
}

// State returns what is known of a round, "" when it was not asked for or was long ago.
func (c *Client) State(chain beacon.Hash, round uint64) State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rounds.states[roundKey{chain, round}]
}

// mark records a round's state and tells the observer when it is new.
func (c *Client) mark(chain beacon.Hash, round uint64, s State, relay string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rounds.set(roundKey{chain, round}, s) {
		c.tell(Event{Chain: chain, Round: round, State: s, Relay: relay})
	}
}

// tell calls the observer. Client.mu is held, so that events come one at a time and in order.
func (c *Client) tell(e Event) {
	if c.observe != nil {
		e.At = c.now()
		c.observe(e)
	}
}
