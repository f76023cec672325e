package grants

import "fmt"

// The rules of round.md that a Refusal can name.
const (
	RuleForm   = "round_form"  // the manifest
	RuleRecord = "record_form" // the body of a record
	RuleTimes  = "times"       // of the manifest
	RuleTime   = "time"        // a record before the one before it, or outside its time
	RuleStage  = "stage"       // a record that the round takes no more, or not yet
	RuleRoll   = "roll"

	RuleNotOnRoll   = "not_on_roll"
	RuleWrongRound  = "wrong_round"
	RuleUnknown     = "unknown_project"
	RuleNotApproved = "not_approved"
	RuleWindow      = "closed_window"
	RuleOwn         = "own_project"
	RuleAmount      = "amount"
	RuleRepeated    = "repeated"
	RuleSignature   = "signature"
	RuleGift        = "gift_form"
	RuleConnector   = "connector"
	RuleTooMany     = "too_many"
	RuleSealedForm  = "sealed_form"
	RuleSealedRound = "sealed_round"

	RuleState    = "project_state"
	RuleReviewer = "reviewer"
	RuleAppeal   = "appeal"
	RuleRefund   = "refund"
	RuleWeights  = "weights"
	RuleBeacon   = "beacon"
	RuleJury     = "jury"
	RuleChanges  = "changes"
	RuleResult   = "result"
	RulePayout   = "payout"

	// Reasons for which a sealed gift does not count once it is open, besides those of intake.
	RuleUnopenable = "unopenable"
	RulePadding    = "padding"
	RuleInner      = "inner_form"
	RuleCopied     = "copied"
	RuleInnerRound = "inner_round"
)

// Refusal says which rule of round.md is broken. Rule is stable; Message is for people.
type Refusal struct {
	Rule    string
	Message string
}

func (r *Refusal) Error() string { return r.Message }

func refuse(rule, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Message: fmt.Sprintf(format, args...)}
}
