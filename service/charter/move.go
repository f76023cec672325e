package charter

import (
	"errors"

	"kleroterion/service/identity"
)

// The rules of a member's moves.
const (
	ruleMove      = "move_form"
	ruleCommunity = "community"
	ruleState     = "member_state"
	ruleSeq       = "member_seq"
	ruleKey       = "member_key"
	ruleKeyTaken  = "key_taken"
	ruleTime      = "time"
)

// Move is the body of member.move on community/<slug>/members: a statement that takes effect.
type Move struct {
	At           int64                  `json:"at"` // Unix seconds
	Attestations []identity.Attestation `json:"attestations,omitempty"`
	Signature    *identity.Signature    `json:"signature,omitempty"` // of the member: rotate and leave
	Statement    identity.Statement     `json:"statement"`
}

// Check checks what the body alone can break: times, the statement's form, and who must have signed.
func (m Move) Check() error {
	var f faults
	f.unless(m.At >= 0 && m.At <= maxInt, ruleMove, "/at", "%d is not a Unix time", m.At)
	if err := m.Statement.Check(); err != nil {
		f = append(f, from(err, "/statement"))
	}
	own := m.Statement.Action.Own()
	f.unless(own == (m.Signature != nil), ruleMove, "/signature", "rotate and leave carry the member's signature, the others do not; this is %s", m.Statement.Action)
	f.unless(own == (len(m.Attestations) == 0), ruleMove, "/attestations", "rotate and leave carry no attestations, the others do; this is %s", m.Statement.Action)
	return f.err()
}

// verify checks the signatures: of the charter's attesters, or of the member's present key.
func (m Move) verify(c *Charter, present identity.Key) error {
	if m.Statement.Action.Own() {
		return from(identity.CheckOwn(present, m.Statement, *m.Signature), "/signature")
	}
	return from(identity.CheckAttestations(c.Attesters.K, c.Attesters.Of, m.Statement, m.Attestations), "/attestations")
}

// from gives a refusal of package identity its place in the body; its rule stays.
func from(err error, pointer string) error {
	var r *identity.Refusal
	if errors.As(err, &r) {
		return refuse(r.Rule, pointer, "%v", err)
	}
	return err
}
