package grants

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/timelock"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// MaxGifts is how many gifts signed by one donor are recorded. Connectors answer for theirs.
const MaxGifts = 1000

// maxGiftDigits bounds one gift so that no number of gifts that a round can hold makes a sum of more
// than 38 digits: one donor's word could otherwise keep a round from its result.
const maxGiftDigits = 28

// Known is what a round knows about a claim: the donor's key on the roll, nil for a stranger, and the
// project, nil where it is unknown or sealed.
type Known struct {
	Key     *identity.Key
	Project *Project
}

// Accepted is a gift that intake takes.
type Accepted struct {
	Claim
	Amount funding.Amount // 0 where sealed
	Same   beacon.Hash    // SHA-256 of what was signed: equal for a gift that is sent again
	file   []byte         // of a sealed one
}

// CheckGift applies everything that intake can see of one gift. The caller holds Once and Same against
// the gifts recorded (the same again has the same receipt, another is refused), counts a donor's
// gifts up to MaxGifts, and knows whether the round is closed.
func (d Door) CheckGift(known Known, g GiftAdd) (Accepted, error) {
	c, err := g.Claim()
	if err != nil {
		return Accepted{}, err
	}
	return d.check(known, g, c, true)
}

// check leaves the costly look at a sealed point to intake (inspect): when the gift opens, the proof
// of its sealing covers the point.
func (d Door) check(known Known, g GiftAdd, c Claim, inspect bool) (Accepted, error) {
	m := d.Manifest
	switch {
	case c.round != d.Hash:
		return Accepted{}, refuse(RuleWrongRound, "the gift is for round %s, this is %s", c.round, d.Hash)
	case known.Key == nil:
		return Accepted{}, refuse(RuleNotOnRoll, "%s is not on the roll", c.Donor)
	case g.At < m.GiftsStart || g.At >= m.GiftsEnd:
		return Accepted{}, refuse(RuleWindow, "a gift at %d, they are taken from %d to before %d", g.At, m.GiftsStart, m.GiftsEnd)
	}
	if err := d.authentic(*known.Key, g, c); err != nil {
		return Accepted{}, err
	}
	a := Accepted{Claim: c, Same: sha256.Sum256(c.object)}
	var err error
	if sealed := m.Mode == poll.ModeSealed && g.Connector == ""; sealed != (c.sealed != "") {
		return Accepted{}, refuse(RuleGift, "gifts of donors to this round are %s", m.Mode)
	} else if sealed {
		a.file, err = d.sealed(c, inspect)
	} else {
		a.Amount, err = d.worth(known.Project, Gift{Amount: c.amount, Donor: c.Donor, Project: c.Project})
	}
	return a, err
}

func (d Door) authentic(key identity.Key, g GiftAdd, c Claim) error {
	if g.Connector != "" {
		k := d.Manifest.connector(g.Connector)
		if k == nil {
			return refuse(RuleConnector, "connector %s is not one of this round", g.Connector)
		}
		key = *k
	}
	if err := key.Verify(identity.ThingGift, c.object, g.Signature); err != nil {
		return refuse(RuleSignature, "the gift of %s: %v", c.Donor, err)
	}
	return nil
}

// worth returns what a gift says it is worth, once its project may have it.
func (d Door) worth(p *Project, x Gift) (funding.Amount, error) {
	if err := d.mayGet(p, x.Donor, x.Project); err != nil {
		return funding.Amount{}, err
	}
	amount, err := funding.ParseAmount(x.Amount)
	if err != nil {
		return funding.Amount{}, refuse(RuleAmount, "%v", err)
	}
	return amount, checkWorth(amount, x.Amount)
}

// MayGet says whether a project, nil for none, may have a donor's gift that names it: what may have changed
// since CheckGift.
func (d Door) MayGet(p *Project, donor, named string) error { return d.mayGet(p, donor, named) }

func (d Door) mayGet(p *Project, donor, named string) error {
	switch {
	case p == nil || p.ID != named:
		return refuse(RuleUnknown, "project %.100q is not in this round", named)
	case p.State != Approved:
		return refuse(RuleNotApproved, "project %s is %s", p.ID, p.State)
	case d.Manifest.Self == SelfRefused && strings.TrimPrefix(donor, chamber+"/") == p.Owner:
		return refuse(RuleOwn, "%s owns project %s, and this round refuses gifts to one's own", donor, p.ID)
	}
	return nil
}

func checkWorth(amount funding.Amount, digits string) error {
	if amount.IsZero() || len(digits) > maxGiftDigits {
		return refuse(RuleAmount, "amount %s: want 1 or more minor units and %d digits at most", digits, maxGiftDigits)
	}
	return nil
}

func (d Door) sealed(c Claim, inspect bool) ([]byte, error) {
	m := d.Manifest
	file, err := base64.StdEncoding.Strict().DecodeString(c.sealed)
	if err != nil || strings.ContainsAny(c.sealed, "\r\n") {
		return nil, refuse(RuleSealedForm, "sealed: not base64 in its one form")
	}
	if inspect {
		h, err := timelock.Inspect(file)
		if err != nil {
			return nil, refuse(RuleSealedForm, "sealed: %v", err)
		}
		if h.Chain != m.Beacon.Chain || h.Round != m.Beacon.Round {
			return nil, refuse(RuleSealedRound, "sealed to round %d of chain %s, the gifts open with round %d of %s", h.Round, h.Chain, m.Beacon.Round, m.Beacon.Chain)
		}
	}
	if want := timelock.SealedSize(m.Beacon.Round, int(m.Size)); len(file) != want {
		return nil, refuse(RuleSealedForm, "sealed: %d bytes, want %d", len(file), want)
	}
	return file, nil
}
