package poll

import "fmt"

// The rules of poll.md that a Refusal can name, besides those of tally.md for choices.
const (
	RuleForm       = "poll_form"
	RuleNotOnRoll  = "not_on_roll"
	RuleNoKey      = "no_key"
	RuleWrongPoll  = "wrong_poll"
	RuleBallot     = "ballot_form"
	RuleSignature  = "signature"
	RuleSealedForm = "sealed_form"
	RuleRound      = "sealed_round"
	RuleTooMany    = "too_many"
	RuleRoll       = "roll"
	RuleTimes      = "times"
	RuleJury       = "jury_required"
	RuleCharter    = "charter"

	// Reasons for which a ballot is invalid once it is open.
	RuleUnopenable = "unopenable"
	RulePadding    = "padding"
	RuleInner      = "inner_form"
	RuleCopied     = "copied"
	RuleInnerPoll  = "inner_poll"
)

// Refusal says which rule of poll.md is broken. Rule is stable; Message is for people.
type Refusal struct {
	Rule    string
	Message string
}

func (r *Refusal) Error() string { return r.Message }

func refuse(rule, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Message: fmt.Sprintf(format, args...)}
}
