package identity

import "fmt"

// The rules of identity.md that a Refusal can name.
const (
	RuleKeyForm      = "key_form"       // a key not in its one form, or not a usable point
	RuleSignature    = "signature"      // members, form or value of a signature
	RuleStatement    = "statement_form" // members of a statement
	RuleAttestations = "attestations"   // number, order, attesters or signatures
)

// Refusal says which rule of identity.md is broken. Rule is stable; Message is for people.
type Refusal struct {
	Rule    string
	Message string
}

func (r *Refusal) Error() string { return r.Message }

func refuse(rule, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Message: fmt.Sprintf(format, args...)}
}
