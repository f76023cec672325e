package beacon

import "fmt"

// Rule is the stable name of the rule that a beacon broke. Programs may compare it.
type Rule string

// The rules in the order in which they are checked.
const (
	RuleChain     Rule = "chain"     // the chain itself is not valid
	RuleRound     Rule = "round"     // not the asked round, 0, or above MaxRound
	RuleLength    Rule = "length"    // not exactly the length of the scheme
	RuleFlags     Rule = "flags"     // top bits do not say compressed and finite
	RuleInfinity  Rule = "infinity"  // the identity
	RuleEncoding  Rule = "encoding"  // a coordinate not below the prime, or no point of the curve
	RuleSubgroup  Rule = "subgroup"  // a point of the curve outside the prime-order subgroup
	RuleCanonical Rule = "canonical" // the point has another encoding than the given one
	RulePrevious  Rule = "previous"  // previous signature missing, unexpected or of the wrong length
	RulePairing   Rule = "pairing"   // not a signature of this round under the key of this chain
)

// Refusal says why one beacon is not accepted.
type Refusal struct {
	Rule   Rule
	Chain  Hash
	Name   string // of the chain, for people
	Round  uint64 // as the beacon states it
	Index  int    // place in the batch, from 0; 0 for a single beacon
	Detail string // what was found and what was wanted
}

// Error names chain, round and rule.
func (r *Refusal) Error() string {
	return fmt.Sprintf("beacon refused: chain %s (%.8s), round %d, rule %s: %s", r.Name, r.Chain.String(), r.Round, r.Rule, r.Detail)
}

// fault is a broken rule before it is known whose beacon it was.
type fault struct {
	rule   Rule
	detail string
}

func faultf(rule Rule, format string, args ...any) *fault {
	return &fault{rule, fmt.Sprintf(format, args...)}
}

// refuse turns a fault of b, the beacon at index, into the error of c.
func (c *Chain) refuse(f *fault, b Beacon, index int) *Refusal {
	return &Refusal{Rule: f.rule, Chain: c.Hash, Name: c.Name, Round: b.Round, Index: index, Detail: f.detail}
}

func (f *fault) Error() string { return f.detail }
