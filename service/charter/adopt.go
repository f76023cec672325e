package charter

import (
	"encoding/json"

	"kleroterion/randomness/beacon"
)

const ruleAdopt = "adopt_form"

// Adopt is the body of charter.adopt on community/<slug>.
type Adopt struct {
	At        int64           `json:"at"`      // Unix seconds
	Charter   json.RawMessage `json:"charter"` // canonical
	Effective int64           `json:"effective"`
	Hash      beacon.Hash     `json:"hash"` // of the charter
	Poll      *PollRef        `json:"poll,omitempty"`
}

// PollRef names the poll that adopted an amendment.
type PollRef struct {
	Hash   beacon.Hash `json:"hash"`   // of the poll's manifest
	Record beacon.Hash `json:"record"` // leaf hash of its poll.result
}

// Check checks what the body alone can break: the hash, the times, and that a charter is there.
func (a Adopt) Check() error {
	var f faults
	f.unless(len(a.Charter) > 0 && a.Charter[0] == '{', ruleAdopt, "/charter", "the charter is not an object")
	f.unless(HashBytes(a.Charter) == a.Hash, ruleAdopt, "/hash", "%s, the charter's hash is %s", a.Hash, HashBytes(a.Charter))
	f.unless(a.At >= 0 && a.At <= maxInt, ruleAdopt, "/at", "%d is not a Unix time", a.At)
	f.unless(a.Effective >= a.At && a.Effective <= maxInt, ruleAdopt, "/effective", "%d is before the adoption at %d or not a Unix time", a.Effective, a.At)
	return f.err()
}

// Parsed checks the body and parses its charter.
func (a Adopt) Parsed(dev bool) (*Charter, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	return Parse(a.Charter, dev)
}

// checkFirst holds the first adoption to the rules that no charter before it can state.
func (a Adopt) checkFirst(c *Charter) error {
	var f faults
	f.unless(c.Seq == 1, ruleSequence, "/charter/seq", "%d, the first charter is 1", c.Seq)
	f.unless(a.Poll == nil, ruleAdopt, "/poll", "no poll can adopt the first charter: there was nobody to vote")
	f.unless(a.Effective == a.At, ruleAdopt, "/effective", "%d, the first charter takes effect when it is adopted, at %d", a.Effective, a.At)
	if r := c.Ratchet; r != nil {
		f.unless(r.Start <= a.At+r.Epoch, ruleRatchet, "/charter/ratchet/start",
			"%d is more than one epoch after the adoption at %d: the ratchet would not move", r.Start, a.At)
	}
	return f.err()
}

// checkNext holds a later adoption to the charter in force and its tier.
func (a Adopt) checkNext(old, c *Charter, tier int, dev bool) error {
	if err := Amend(old, c, tier, dev); err != nil {
		return err
	}
	var f faults
	f.unless(a.Poll != nil, ruleAdopt, "/poll", "charter %d was adopted by no poll", c.Seq)
	f.unless(a.Effective == a.At+old.Amendment.Delay, ruleAdopt, "/effective",
		"%d, want the adoption at %d and the delay of %d seconds", a.Effective, a.At, old.Amendment.Delay)
	return f.err()
}
