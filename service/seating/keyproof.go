package seating

import (
	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

// KeyProof is the object that a key signs, as a seat message, when it is given with an answer: the
// sender holds it. It is checked on arrival and not logged.
type KeyProof struct {
	Act     Act          `json:"act"` // accept or key
	ID      string       `json:"id"`
	Key     identity.Key `json:"key"`
	Seat    int64        `json:"seat"`
	Subject string       `json:"subject"` // of the seats
	V       int64        `json:"v"`       // 1
}

// Canonical checks p and returns the bytes that are signed.
func (p KeyProof) Canonical() ([]byte, error) {
	switch {
	case p.V != 1:
		return nil, refuse(RuleMoveForm, "key proof: v is %d, this program knows 1", p.V)
	case p.Act != Accept && p.Act != GiveKey:
		return nil, refuse(RuleMoveForm, "key proof: act is %.20q, want accept or key", p.Act)
	case len(p.Subject) > 200 || !subjectForm.MatchString(p.Subject):
		return nil, refuse(RuleMoveForm, "key proof: subject %.60q is not that of a draw followed by /seats", p.Subject)
	case !idForm.MatchString(p.ID) || p.Seat < 1 || p.Seat > maxInteger:
		return nil, refuse(RuleMoveForm, "key proof: id %.70q or seat %d is malformed", p.ID, p.Seat)
	}
	if err := p.Key.Check(); err != nil {
		return nil, refuse(RuleKeyForm, "%v", err)
	}
	return canonical.Marshal(p)
}

// Verify checks that the key itself signed p.
func (p KeyProof) Verify(s identity.Signature) error {
	object, err := p.Canonical()
	if err != nil {
		return err
	}
	return p.Key.Verify(identity.ThingSeat, object, s)
}
