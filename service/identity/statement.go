package identity

import (
	"regexp"
	"slices"

	"kleroterion/randomness/canonical"
)

// Action is what a statement says about a member.
type Action string

// The actions of identity.md.
const (
	ActionAdmit   Action = "admit"   // this person is one, and not yet a member; with key
	ActionRekey   Action = "rekey"   // the person lost the key; with key
	ActionRotate  Action = "rotate"  // I replace my key; with key
	ActionSuspend Action = "suspend" // the charter's ground for suspension has come about
	ActionRestore Action = "restore" // that ground has gone
	ActionLeave   Action = "leave"   // I leave
)

const maxInteger = 1<<53 - 1

var (
	slugForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)
	memberForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
	actions    = []Action{ActionAdmit, ActionRekey, ActionRotate, ActionSuspend, ActionRestore, ActionLeave}
)

// Own reports whether the member signs, not the attesters.
func (a Action) Own() bool { return a == ActionRotate || a == ActionLeave }

// WithKey reports whether a statement of this action names a key.
func (a Action) WithKey() bool { return a == ActionAdmit || a == ActionRekey || a == ActionRotate }

// Statement says one thing about one member. Sequence makes each usable once.
type Statement struct {
	Action    Action `json:"action"`
	Community string `json:"community"`     // slug
	Key       *Key   `json:"key,omitempty"` // of admit, rekey and rotate, and only there
	Member    string `json:"member"`        // 64 hex
	Seq       int64  `json:"seq"`           // 1 + statements that took effect about this member
	V         int64  `json:"v"`             // 1
}

// Check refuses (statement_form, key_form) a statement that is not of its form.
func (s Statement) Check() error {
	switch {
	case s.V != 1:
		return refuse(RuleStatement, "statement: v is %d, this program knows 1", s.V)
	case !slices.Contains(actions, s.Action):
		return refuse(RuleStatement, "statement: action is %.20q", s.Action)
	case len(s.Community) > 200 || !slugForm.MatchString(s.Community):
		return refuse(RuleStatement, "statement: community %.40q is not a slug", s.Community)
	case !memberForm.MatchString(s.Member):
		return refuse(RuleStatement, "statement: member %.70q is not 64 lower-case hex digits", s.Member)
	case s.Seq < 1 || s.Seq > maxInteger:
		return refuse(RuleStatement, "statement: seq is %d, the first is 1", s.Seq)
	case s.Action.WithKey() != (s.Key != nil):
		return refuse(RuleStatement, "statement: admit, rekey and rotate name a key, the others do not; this is %s", s.Action)
	case s.Key != nil:
		return s.Key.Check()
	}
	return nil
}

// Canonical checks s and returns the bytes that are signed as a statement.
func (s Statement) Canonical() ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	return canonical.Marshal(s)
}

// ParseStatement reads canonical bytes and checks them.
func ParseStatement(b []byte) (Statement, error) {
	var s Statement
	if err := canonical.Unmarshal(b, &s); err != nil {
		return Statement{}, refuse(RuleStatement, "statement: %v", err)
	}
	if err := s.Check(); err != nil {
		return Statement{}, err
	}
	return s, nil
}
