package seating

import (
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

const (
	leastAnswer = 3600    // seconds; a rehearsal: 1
	maxAnswer   = 7776000 // 90 days
	maxInteger  = 1<<53 - 1
)

// Open is the body of seats.open: the terms on which the places of one draw are offered. Times are
// Unix seconds.
type Open struct {
	Answer   int64       `json:"answer"` // seconds that an invited person has to answer
	At       int64       `json:"at"`
	Commit   beacon.Hash `json:"commit"`   // of the draw
	Deferral bool        `json:"deferral"` // a person may defer once
	Ends     int64       `json:"ends"`     // first second after the term
	Result   beacon.Hash `json:"result"`   // SHA-256 of the draw's result
	Starts   int64       `json:"starts"`
}

// ParseOpen reads canonical bytes and checks them.
func ParseOpen(b []byte) (Open, error) {
	var o Open
	if err := canonical.Unmarshal(b, &o); err != nil {
		return Open{}, refuse(RuleOpenForm, "seats.open: %v", err)
	}
	if err := o.Check(); err != nil {
		return Open{}, err
	}
	return o, nil
}

// Canonical checks o and returns the body of its record.
func (o Open) Canonical() ([]byte, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	return canonical.Marshal(o)
}

// Check refuses (open_form) what no draw's seats can have. [New] holds the longer least time to
// answer of a draw that is no rehearsal.
func (o Open) Check() error {
	switch {
	case o.Answer < 1 || o.Answer > maxAnswer:
		return refuse(RuleOpenForm, "answer is %d seconds, want 1 to %d", o.Answer, maxAnswer)
	case o.At < 1 || o.Starts < 1 || o.Ends > maxInteger-maxAnswer:
		return refuse(RuleOpenForm, "at %d, starts %d or ends %d is no Unix time", o.At, o.Starts, o.Ends)
	case o.Starts >= o.Ends:
		return refuse(RuleOpenForm, "starts %d is not before ends %d", o.Starts, o.Ends)
	case o.At > o.Ends:
		return refuse(RuleOpenForm, "at %d is after the term, which ends at %d", o.At, o.Ends)
	}
	return nil
}
