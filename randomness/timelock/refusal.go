package timelock

import "fmt"

// Rule is the stable name of the rule of docs/spec/timelock.md that was broken. Programs may compare
// it.
type Rule string

// The rules. Inspect and Open check those of a file in the order of the specification.
const (
	RuleScheme  Rule = "scheme"  // the chain cannot seal
	RuleChain   Rule = "chain"   // the chain is not valid, retired when sealing, or not the file's
	RuleRound   Rule = "round"   // out of range, not plain decimal, or not the beacon's
	RuleBeacon  Rule = "beacon"  // the beacon does not verify
	RuleSize    Rule = "size"    // too short or too long
	RuleVersion Rule = "version" // not age version 1
	RuleStanza  Rule = "stanza"  // not exactly one tlock stanza in its one form
	RulePoint   Rule = "point"   // U is no point that sealing could give
	RuleProof   Rule = "proof"   // U does not follow from what it seals
	RuleMAC     Rule = "mac"     // the header is not the one that was sealed
	RulePayload Rule = "payload" // nonce or payload was changed
	RuleArmor   Rule = "armor"   // not exactly what Armor gives
)

// Refusal says why something is not sealed, not accepted or not opened.
type Refusal struct {
	Rule   Rule
	Detail string // what was found and what was wanted
	Err    error  // what a rule of another package says, or nil
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("timelock refused: rule %s: %s", r.Rule, r.Detail)
}

// Unwrap returns Err.
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(rule Rule, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

func refuseFor(rule Rule, err error) *Refusal {
	return &Refusal{Rule: rule, Detail: err.Error(), Err: err}
}
