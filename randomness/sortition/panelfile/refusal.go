package panelfile

import "fmt"

// Rule names what is wrong, in the table of docs/spec/panels.md.
type Rule string

// The rules of a panel file.
const (
	RuleForm        Rule = "file_form"   // not canonical, a member missing, unknown or out of range
	RuleIDs         Rule = "ids"         // seated or excluded: not 64 hex characters, not ascending, or on both
	RuleQuotas      Rule = "quotas"      // quotas or people that do not fit together
	RuleUnknownID   Rule = "unknown_id"  // seated or excluded, and not in the register
	RuleUndisclosed Rule = "undisclosed" // an entry without a feature that the quotas name
	RuleNoSeats     Rule = "no_seats"    // everybody is seated already
	RuleCertificate Rule = "certificate" // the lottery or its proof
	RuleTooLarge    Rule = "too_large"   // more than MaxSeats
	RuleDigest      Rule = "digest"      // another file than the manifest names
	RuleCount       Rule = "count"       // another number of panels
	RuleRoot        Rule = "root"        // other panels
	RuleHouseholds  Rule = "households"  // one_per_household differs
	RulePanel       Rule = "panel"       // there is no panel of this number
)

// Refusal says which rule a file breaks and where.
type Refusal struct {
	Rule   Rule
	Detail string
	cause  error
}

func (r *Refusal) Error() string { return "panel file: " + string(r.Rule) + ": " + r.Detail }

// Unwrap returns the error of quotas or certificate behind the refusal, if any.
func (r *Refusal) Unwrap() error { return r.cause }

func refuse(rule Rule, format string, args ...any) error {
	return &Refusal{Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

func wrap(rule Rule, err error) error {
	return &Refusal{Rule: rule, Detail: err.Error(), cause: err}
}
