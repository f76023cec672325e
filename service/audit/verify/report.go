package verify

import (
	"kleroterion/randomness/beacon"
	"kleroterion/service/audit/checkpoint"
)

// Options are what the auditor brings. The zero value is usable.
type Options struct {
	Policy   *checkpoint.Policy                   // whom to believe; nil takes a bundle's own word for it
	Chains   beacon.Chains                        // the chains that are known; none means beacon.Pinned
	Progress func(step string, done, total int64) // may be nil; total is 0 where it is not known
	Saved    *checkpoint.Checkpoint               // Log: kept from the last time, may be nil
}

func (o Options) chains() beacon.Chains {
	if len(o.Chains.All()) == 0 {
		return beacon.Pinned()
	}
	return o.Chains
}

func (o Options) progress(step string, done, total int64) {
	if o.Progress != nil {
		o.Progress(step, done, total)
	}
}

// Check is one numbered check and what was found.
type Check struct {
	No       int    `json:"no"`
	Name     string `json:"name"`
	OK       bool   `json:"ok"`
	Evidence string `json:"evidence"`
}

// Report is the outcome of all checks, in order.
type Report struct {
	OK        bool     `json:"ok"` // every check holds
	Checks    []Check  `json:"checks"`
	NotShown  []string `json:"not_shown"`           // what cannot be concluded from it
	Rehearsal bool     `json:"rehearsal,omitempty"` // no real draw: the chain is not a live one
	Subject   string   `json:"subject"`             // of the bundle, or the origin of the log
	Of        string   `json:"-"`                   // what was checked, for people: file or log
	Act       string   `json:"-"`                   // what a rehearsal was none of: poll, round, or "" for a draw
}
