package voting

import "kleroterion/service/ratio"

// Method is a way of counting.
type Method string

// The methods of K-TALLY/1.
const (
	YesNo     Method = "yes_no"
	Approval  Method = "approval"
	Score     Method = "score"
	IRV       Method = "irv"
	Schulze   Method = "schulze"
	Quadratic Method = "quadratic"
)

// The chambers. Members always vote; what another chamber releases goes to them.
const (
	Members  = "members"
	Jury     = "jury"
	Founders = "founders"
)

// Rules fix how a poll is counted, before it opens. [Rules.Check] says whether they are whole.
type Rules struct {
	Method    Method       `json:"method"`
	Options   []string     `json:"options,omitempty"`        // ids in the order of the manifest; none for yes_no
	Winners   int64        `json:"winners,omitempty"`        // all but yes_no
	MaxScore  int64        `json:"max_score,omitempty"`      // score: the best one
	Credits   int64        `json:"credits,omitempty"`        // quadratic: most that the squares may sum to
	Negative  bool         `json:"negative,omitempty"`       // quadratic: votes against are allowed
	Minimum   *ratio.Ratio `json:"minimum,omitempty"`        // approval, score: least combined score of an elected option
	Threshold ratio.Ratio  `json:"threshold"`                // yes_no; 0/1 elsewhere
	Inclusive bool         `json:"inclusive,omitempty"`      // yes_no: the threshold itself passes
	Chambers  []Chamber    `json:"chambers"`                 // each once, members always
	Cap       *ratio.Ratio `json:"delegation_cap,omitempty"` // share of the members one of them may stand for; absent: no delegation
}

// Chamber is an electorate with its share of the decision.
type Chamber struct {
	ID       string       `json:"id"`
	Share    ratio.Ratio  `json:"share"`
	Electors int64        `json:"electors"` // people who may vote in this poll, frozen at its opening
	Quorum   *Quorum      `json:"quorum,omitempty"`
	Thin     Thin         `json:"thin,omitempty"`  // jury
	Floor    *ratio.Ratio `json:"floor,omitempty"` // jury: turnout below it rejects the poll
}

// Quorum is the least participation of a chamber.
type Quorum struct {
	Kind QuorumKind  `json:"kind"`
	Min  ratio.Ratio `json:"min"`
}

// QuorumKind says what is compared with the electors.
type QuorumKind string

// A turnout quorum counts ballots, an approval quorum counts yes votes (decisive ballots where
// the method knows no yes).
const (
	OfTurnout  QuorumKind = "turnout"
	OfApproval QuorumKind = "approval"
)

// Thin says what becomes of a jury below its quorum.
type Thin string

// Scale shrinks the jury's share by its decisive jurors, Fail rejects the poll, Drop leaves the jury out.
const (
	Scale Thin = "scale"
	Fail  Thin = "fail"
	Drop  Thin = "drop"
)
