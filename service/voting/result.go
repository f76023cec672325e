package voting

import (
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/ratio"
)

// Spec names the rules of counting; a result carries it.
const Spec = "K-TALLY/1"

// Result is a transcript: what was counted, every number on the way, and the outcome.
type Result struct {
	Chambers []ChamberCount `json:"chambers"` // in the order of the rules
	Invalid  []Invalid      `json:"invalid"`  // by voter
	Method   Method         `json:"method"`
	Options  []OptionCount  `json:"options,omitempty"` // approval, score, quadratic: in the order of the rules
	Outcome  Outcome        `json:"outcome"`
	Rate     *ratio.Ratio   `json:"rate,omitempty"`    // yes_no: R
	Rounds   []Round        `json:"rounds,omitempty"`  // irv
	Schulze  *Duels         `json:"schulze,omitempty"` // schulze
	Spec     string         `json:"spec"`
	Ties     []Tie          `json:"ties"` // every tie that a key decided, in the order met
}

// ChamberCount is what one chamber did. Cast = Valid + Blank + Invalid.
type ChamberCount struct {
	Blank     int64        `json:"blank"` // abstentions in yes_no, blank ballots elsewhere
	Cast      int64        `json:"cast"`
	Delegated int64        `json:"delegated"` // accepted delegations; they are within Valid and Blank
	Effective ratio.Ratio  `json:"effective"` // share after thin juries and silent chambers
	Electors  int64        `json:"electors"`
	ID        string       `json:"id"`
	Invalid   int64        `json:"invalid"`
	No        *int64       `json:"no,omitempty"` // yes_no
	QuorumMet bool         `json:"quorum_met"`   // true where there is no quorum
	Rate      *ratio.Ratio `json:"rate,omitempty"`
	Share     ratio.Ratio  `json:"share"`
	Turnout   ratio.Ratio  `json:"turnout"` // Cast / Electors, 0/1 without electors
	Valid     int64        `json:"valid"`   // decisive ballots
	Yes       *int64       `json:"yes,omitempty"`
}

// Invalid is a ballot that did not count, with the rule that it broke.
type Invalid struct {
	Rule  string `json:"rule"`
	Voter string `json:"voter"`
}

// OptionCount is what one option got: a sum per chamber, in the order of the rules, and their
// combination by effective shares, absent when no member's ballot is decisive.
type OptionCount struct {
	ID    string       `json:"id"`
	Score *ratio.Ratio `json:"score,omitempty"`
	Sums  []int64      `json:"sums"`
}

// Round is one round of irv: the options that are left, in the order of the rules.
type Round struct {
	Continuing ratio.Ratio   `json:"continuing"`           // weight of the ballots that rank one of them
	Eliminated string        `json:"eliminated,omitempty"` // in the last round nobody
	Options    []OptionCount `json:"options"`
}

// Duels are the pairwise numbers of schulze. Row a, column b: a against b, in the order of the rules.
type Duels struct {
	Counts   [][][]int64     `json:"counts"`   // by chamber: decisive ballots that rank a above b
	Pairwise [][]ratio.Ratio `json:"pairwise"` // their weight
	Paths    [][]ratio.Ratio `json:"paths"`    // strength of the strongest path from a to b
}

// Tie is a tie that keys decided: the smaller key wins or is kept.
type Tie struct {
	Among  []TieKey `json:"among"`            // by key
	Places int64    `json:"places,omitempty"` // winners: how many of them are elected
	Round  int64    `json:"round,omitempty"`  // elimination: which, from 1; the last of Among is eliminated
	Rule   TieRule  `json:"rule"`
}

// TieRule says what was tied.
type TieRule string

// What can be tied: the last places among winners, the least option of an irv round, the best of schulze.
const (
	TieWinners     TieRule = "winners"
	TieElimination TieRule = "elimination"
	TieSchulze     TieRule = "schulze"
)

// TieKey is the key of one tied option.
type TieKey struct {
	Key    beacon.Hash `json:"key"`
	Option string      `json:"option"`
}

// Outcome is the decision. Passed is present for yes_no, Elected (possibly empty) for other methods.
type Outcome struct {
	Elected []string `json:"elected,omitzero"`
	Passed  *bool    `json:"passed,omitempty"`
	Reason  Reason   `json:"reason"`
}

// Reason says why the outcome is what it is.
type Reason string

// The reasons, in the order in which rejections are looked for.
const (
	QuorumMembers  Reason = "quorum:members"
	FloorJury      Reason = "floor:jury"
	QuorumJury     Reason = "quorum:jury"
	QuorumFounders Reason = "quorum:founders"
	NoMembers      Reason = "no_members" // no decisive member ballot
	Threshold      Reason = "threshold"  // yes_no: not enough
	NoOption       Reason = "no_option"  // no option got enough
	Passed         Reason = "passed"
	Elected        Reason = "elected"
)

// Canonical returns the bytes whose digest the log holds.
func (r Result) Canonical() ([]byte, error) { return canonical.Marshal(r) }

// ParseResult reads canonical bytes. It checks the form; whether it is the true result only Tally can say.
func ParseResult(b []byte) (Result, error) {
	var r Result
	if err := canonical.Unmarshal(b, &r); err != nil {
		return Result{}, refuse("result_form", "result: %v", err)
	}
	if r.Spec != Spec {
		return Result{}, refuse("result_form", "result: spec %.20q, this program knows %s", r.Spec, Spec)
	}
	return r, nil
}
