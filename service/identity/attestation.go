package identity

import (
	"fmt"
	"slices"
)

// Attester is somebody whom the charter trusts to know that a person is one.
type Attester struct {
	ID  string `json:"id"` // slug
	Key Key    `json:"key"`
}

// Attestation is one attester's signature over a statement.
type Attestation struct {
	Attester  string    `json:"attester"`
	Signature Signature `json:"signature"`
}

// CheckAttestations checks that list makes s effective: k or k+1 valid signatures of different
// attesters among of, in ascending order of their ids, over a statement that attesters sign.
func CheckAttestations(k int64, of []Attester, s Statement, list []Attestation) error {
	object, err := s.Canonical()
	if err != nil {
		return err
	}
	n := int64(len(list))
	switch {
	case s.Action.Own():
		return refuse(RuleAttestations, "a statement to %s is signed by the member, not by attesters", s.Action)
	case k < 1 || k > int64(len(of)):
		return refuse(RuleAttestations, "k is %d of %d attesters", k, len(of))
	case n < k || n > k+1:
		return refuse(RuleAttestations, "%d attestations, want %d or one more", n, k)
	}
	for i, a := range list {
		if i > 0 && list[i-1].Attester >= a.Attester {
			return refuse(RuleAttestations, "attestation by %.40q does not stand after %.40q: list each attester once, in ascending order", a.Attester, list[i-1].Attester)
		}
		if err := checkAttestation(of, object, a); err != nil {
			return err
		}
	}
	return nil
}

func checkAttestation(of []Attester, object []byte, a Attestation) error {
	i := slices.IndexFunc(of, func(x Attester) bool { return x.ID == a.Attester })
	if i < 0 {
		return refuse(RuleAttestations, "%.40q is not an attester of the charter in force", a.Attester)
	}
	if err := of[i].Key.Verify(ThingStatement, object, a.Signature); err != nil {
		return fmt.Errorf("attestation by %s: %w", a.Attester, err)
	}
	return nil
}

// CheckOwn checks that the member's present key signed s, a statement that the member signs.
func CheckOwn(present Key, s Statement, by Signature) error {
	object, err := s.Canonical()
	if err != nil {
		return err
	}
	if !s.Action.Own() {
		return refuse(RuleAttestations, "a statement to %s is signed by the attesters, not by the member", s.Action)
	}
	return present.Verify(ThingStatement, object, by)
}
