package seating

import "fmt"

// The rules of seat.md that a Refusal can name.
const (
	RuleOpenForm     = "open_form"     // members or ranges of seats.open
	RuleResult       = "result"        // another result or draw than seats.open names, or one without seats
	RuleMoveForm     = "move_form"     // members of an act
	RuleGround       = "ground"        // none of the grounds
	RuleKeyForm      = "key_form"      // identity.md
	RuleSeat         = "seat"          // no such seat
	RuleTime         = "time"          // before the record before
	RuleState        = "state"         // the act is not possible in the seat's state
	RuleWrongPerson  = "wrong_person"  // not the person invited to or holding the seat
	RuleOutOfOrder   = "out_of_order"  // not the offer whose turn it is
	RuleDeadline     = "deadline"      // too late, too early, or another deadline than the rule's
	RuleDeferral     = "deferral"      // the draw allows none
	RuleTerm         = "term"          // after the term's end, or complete before it
	RuleRecusedTwice = "recused_twice" // for this poll already
	RuleCode         = "code"          // no code
)

// Refusal says which rule of seat.md is broken. Rule is stable; Message is for people.
type Refusal struct {
	Rule    string
	Message string
}

func (r *Refusal) Error() string { return r.Message }

func refuse(rule, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Message: fmt.Sprintf(format, args...)}
}
