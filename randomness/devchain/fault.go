package devchain

import "time"

type mode int

const (
	modeNone mode = iota
	modeLate
	modeHalted
	modeTooEarly
	modeError
	modeSlow
	modeWrongRound
	modeWrongSignature
	modeWrongRandomness
	modeMalleated
	modeLyingInfo
)

// Fault is one way in which a relay fails. The zero value is none.
type Fault struct {
	mode  mode
	delay time.Duration
}

// The faults without a duration. Each lasts until the next [Network.SetFault].
var (
	// None serves everything truthfully.
	None = Fault{}
	// Halted publishes no round that was not due when the fault was set; afterwards all are there.
	Halted = Fault{mode: modeHalted}
	// TooEarly425 calls every asked round a future one.
	TooEarly425 = Fault{mode: modeTooEarly}
	// Error500 answers 500 on every path.
	Error500 = Fault{mode: modeError}
	// WrongRound answers with another round, truthfully marked and signed.
	WrongRound = Fault{mode: modeWrongRound}
	// WrongSignature answers with the asked number and the signature of another round.
	WrongSignature = Fault{mode: modeWrongSignature}
	// WrongRandomness answers with the right signature and a randomness that is not its hash.
	WrongRandomness = Fault{mode: modeWrongRandomness}
	// Malleated answers with another encoding of the right signature, and with its hash.
	Malleated = Fault{mode: modeMalleated}
	// LyingInfo moves the genesis time by one period in /info and keeps the hash.
	LyingInfo = Fault{mode: modeLyingInfo}
)

// Late publishes every round d after its time.
func Late(d time.Duration) Fault { return Fault{modeLate, d} }

// Slow waits d of real time before every answer, or until the asker has gone.
func Slow(d time.Duration) Fault { return Fault{modeSlow, d} }

// SetFault replaces the fault of this relay.
func (n *Network) SetFault(f Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault, n.since = f, n.now()
}

func (n *Network) current() (Fault, time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.fault, n.since
}
