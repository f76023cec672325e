package panels

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Method is the notion of fairness that the lottery serves.
type Method string

// LEXIMIN raises the lowest probability as far as possible, then the next, and so on. MAXIMIN raises
// the lowest one only. Nash maximises the product of all probabilities. Goldilocks keeps everybody
// away from both very low and very high probabilities.
const (
	Leximin    Method = "leximin"
	Maximin    Method = "maximin"
	Nash       Method = "nash"
	Goldilocks Method = "goldilocks"
)

// Progress is told when a phase begins and now and then while it lasts. Of is 0 where nobody knows how
// much there is to do.
type Progress struct {
	Phase    string
	Done, Of int
}

// Phases of [Solve]. Which of them occur, and how often, depends on the pool.
const (
	PhaseLevels     = "levels"     // the fairest point in fractions, by type
	PhasePanels     = "panels"     // panels that average to it, by type
	PhaseCoverage   = "coverage"   // who is on no panel found so far, by type
	PhaseMembership = "membership" // whether the point is an average of panels at all
	PhaseCuts       = "cuts"       // an inequality that all panels meet, and its proof
	PhaseFallback   = "fallback"   // the fairest lottery that can be had where that stays open, by type
	PhaseLottery    = "lottery"    // equal panels, by panel
	PhaseCheck      = "check"      // the certificate
)

// Ratio is an exact fraction, written as "n/d" in lowest terms with d > 0.
type Ratio struct{ *big.Rat }

// maxDigits bounds what is read, so that a file cannot keep a reader busy.
const maxDigits = 4096

// MarshalText writes "n/d".
func (r Ratio) MarshalText() ([]byte, error) {
	if r.Rat == nil {
		return nil, errFraction
	}
	return []byte(r.Rat.String()), nil
}

// UnmarshalText reads what MarshalText writes and nothing else.
func (r *Ratio) UnmarshalText(b []byte) error {
	n, d, ok := strings.Cut(string(b), "/")
	rat := new(big.Rat)
	if !ok || len(b) > maxDigits || !digits(strings.TrimPrefix(n, "-")) || !digits(d) || strings.Trim(d, "0") == "" {
		return fmt.Errorf("fraction %.40q: %w", b, errFraction)
	}
	if _, ok := rat.SetString(string(b)); !ok || rat.String() != string(b) {
		return fmt.Errorf("fraction %.40q: %w", b, errFraction)
	}
	r.Rat = rat
	return nil
}

var errFraction = errors.New(`write "n/d" in lowest terms with d > 0`)

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Level is one step of the bound: no lottery gives everybody who is not fixed yet more than
// Probability, which the Multipliers prove. None are needed where a type's cap is the reason.
type Level struct {
	Probability Ratio        `json:"probability"`
	Multipliers []Multiplier `json:"multipliers"`
}

// Result is a lottery with its certificate. The lottery is the list of panels; each of them, copies
// counted, is equally likely.
type Result struct {
	V      int    `json:"v"` // 1
	Method Method `json:"method"`
	// Panels is the number of equal panels, the sum of all copies.
	Panels int64 `json:"panels"`
	// Probabilities are what the lottery aims at, by type. Everybody is within 1/Panels of it.
	Probabilities []Ratio `json:"probabilities"`
	Lottery       []Panel `json:"lottery"`
	// Unseatable are types that no panel can seat although the quotas taken in fractions allow it.
	Unseatable []Unseatable `json:"unseatable"`
	Cuts       []Cut        `json:"cuts"`
	// Levels prove that no lottery is fairer: LEXIMIN all of them, MAXIMIN the first.
	Levels []Level `json:"levels"`
	// Bound is the proof of NASH and GOLDILOCKS; theirs are also the levels that name the people without
	// any chance and bound the lowest probability of the others.
	Bound *Bound `json:"bound,omitempty"`
}

// Unseatable is a type without a seat on any panel, and the proof. Later proofs may use it.
type Unseatable struct {
	Type  int   `json:"type"`
	Proof Proof `json:"proof"`
}
