package relay

import (
	"fmt"
	"strings"
	"time"

	"kleroterion/randomness/beacon"
)

// NotYet says that a round was not to be had, and still can be later. The round stays the same.
type NotYet struct {
	Chain  *beacon.Chain
	Round  uint64
	State  State     // scheduled, due or late
	Due    time.Time // when the chain produces the round
	Relays []*Fault  // what each asked relay answered, none while scheduled
	Cause  error     // why waiting ended; nil after a single attempt
}

// Error names the round, its state, what the relays said and why waiting ended.
func (e *NotYet) Error() string {
	return fmt.Sprintf("round %d of chain %s is %s, due %s%s", e.Round, e.Chain.Name, e.State,
		e.Due.UTC().Format(time.RFC3339), tail(e.Relays, e.Cause))
}

// Unwrap gives the relays' faults and the cause.
func (e *NotYet) Unwrap() []error { return join(e.Relays, e.Cause) }

// Halted says that the chain itself stands still: the round is overdue by more than five periods,
// and every relay that could be asked has proved no newer round than Newest. A chain that goes on
// produces every missed round, so the round stays the same.
type Halted struct {
	Chain  *beacon.Chain
	Round  uint64
	Due    time.Time
	Newest uint64 // newest verified round that any relay showed
	Relays []*Fault
	Cause  error
}

// Error names the round and the newest one there is.
func (e *Halted) Error() string {
	return fmt.Sprintf("round %d of chain %s, due %s: the chain is halted at round %d%s", e.Round, e.Chain.Name,
		e.Due.UTC().Format(time.RFC3339), e.Newest, tail(e.Relays, e.Cause))
}

// Unwrap gives the relays' faults and the cause.
func (e *Halted) Unwrap() []error { return join(e.Relays, e.Cause) }

// Misconfigured says that no waiting will help: the chains or relays that were configured cannot give
// the round.
type Misconfigured struct {
	Chain  beacon.Hash
	Reason string
	Relays []*Fault
}

// Error names the chain, what is wrong and what to do.
func (e *Misconfigured) Error() string {
	return fmt.Sprintf("chain %s: %s%s", e.Chain, e.Reason, tail(e.Relays, nil))
}

// Unwrap gives the relays' faults.
func (e *Misconfigured) Unwrap() []error { return join(e.Relays, nil) }

// Unjudged says that no relay gave a verified round, so that nothing is known about the clock.
type Unjudged struct {
	Chain  *beacon.Chain
	Relays []*Fault
}

// Error names what each relay answered.
func (e *Unjudged) Error() string {
	return fmt.Sprintf("the local clock cannot be compared with chain %s: no relay gave a verified round%s", e.Chain.Name, tail(e.Relays, nil))
}

// Unwrap gives the relays' faults.
func (e *Unjudged) Unwrap() []error { return join(e.Relays, nil) }

// Kind is what a relay did instead of serving the round.
type Kind string

// The kinds of faults.
const (
	Absent    Kind = "absent"    // it does not have the round, or cannot find it: 404, 425, 500
	Down      Kind = "down"      // no answer in time, or a status that says nothing
	Malformed Kind = "malformed" // an answer that is not drand's: type, size, JSON, redirect
	Lying     Kind = "lying"     // a wrong signature, round or randomness
	Foreign   Kind = "foreign"   // it does not serve the chain, or does not understand the request
)

// Fault is the failure of one relay.
type Fault struct {
	Relay string // URL
	Kind  Kind
	Err   error
}

// Error names the relay.
func (f *Fault) Error() string { return fmt.Sprintf("relay %s: %v", f.Relay, f.Err) }

// Unwrap gives the reason.
func (f *Fault) Unwrap() error { return f.Err }

func tail(faults []*Fault, cause error) string {
	var s strings.Builder
	for _, f := range faults {
		s.WriteString("; " + f.Error())
	}
	if cause != nil {
		s.WriteString("; " + cause.Error())
	}
	return s.String()
}

func join(faults []*Fault, cause error) []error {
	var all []error
	for _, f := range faults {
		all = append(all, f)
	}
	if cause != nil {
		all = append(all, cause)
	}
	return all
}
