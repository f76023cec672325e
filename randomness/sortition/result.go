package sortition

import (
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// Result is the outcome of one draw, in canonical bytes once and for all.
type Result struct {
	Commit beacon.Hash `json:"commit"`
	Panel  *int64      `json:"panel,omitempty"`  // method panels: which, from 0
	Strata []Places    `json:"result,omitempty"` // other methods: strata in manifest order
	Seed   beacon.Hash `json:"seed"`
	V      int64       `json:"v"`
}

// Places are the ids drawn in one stratum, in the order in which they were drawn.
type Places struct {
	Alternates []string `json:"alternates"`
	Seats      []string `json:"seats"`
	Stratum    string   `json:"stratum"`
}

// Canonical returns the bytes whose digest the log holds.
func (r Result) Canonical() ([]byte, error) { return canonical.Marshal(r) }

// ParseResult reads canonical bytes. It checks the form; whether it is the true result only Draw can say.
func ParseResult(b []byte) (Result, error) {
	var r Result
	if err := canonical.Unmarshal(b, &r); err != nil {
		return Result{}, refuse("result_form", "result: %v", err)
	}
	if r.V != 1 || (r.Panel == nil) == (r.Strata == nil) {
		return Result{}, refuse("result_form", "result: want v 1 and either panel or result")
	}
	return r, nil
}

// Short says how many places stayed empty because a stratum ran out of people.
func (r Result) Short(m *Manifest) (seats, alternates int64) {
	for i, s := range r.Strata {
		seats += m.Strata[i].Seats - int64(len(s.Seats))
		alternates += m.Strata[i].Alternates - int64(len(s.Alternates))
	}
	return seats, alternates
}
