package grants

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/timelock"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// Gift is what a donor signs: the amount and the project in an open round, sealed bytes in a sealed
// one. Amount is digits of minor units; it is read where its rule can be named.
type Gift struct {
	Amount  string      `json:"amount,omitempty"`
	Donor   string      `json:"donor"` // as on the roll
	Nonce   string      `json:"nonce"` // 32 hex, one for each gift of a donor
	Project string      `json:"project,omitempty"`
	Round   beacon.Hash `json:"round"`
	Sealed  string      `json:"sealed,omitempty"` // base64 of a timelock file
	V       int64       `json:"v"`
}

// Paid is what a payment connector signs: a donor paid for a project.
type Paid struct {
	Amount    string      `json:"amount"`
	Donor     string      `json:"donor"`
	Project   string      `json:"project"`
	Reference string      `json:"reference"` // counts once for each connector
	Round     beacon.Hash `json:"round"`
	V         int64       `json:"v"`
}

// GiftAdd is the body of gift.add: a gift as its donor signed it, or as a connector did.
type GiftAdd struct {
	At        int64              `json:"at"`
	Connector string             `json:"connector,omitempty"`
	Gift      json.RawMessage    `json:"gift,omitempty"` // canonical Gift
	Paid      json.RawMessage    `json:"paid,omitempty"` // canonical Paid
	Signature identity.Signature `json:"signature"`
}

// Claim is what a gift says of itself, before anybody has believed it. Who holds Once holds the gift:
// the donor with the nonce, or the connector with the reference.
type Claim struct {
	Donor   string
	Project string // empty where sealed
	Once    string
	amount  string
	round   beacon.Hash
	nonce   string
	sealed  string
	object  []byte // what was signed
}

// Check holds what can be said of a gift without its round.
func (g GiftAdd) Check() error {
	_, err := g.Claim()
	return err
}

// Claim reads the gift strictly, so that a caller can look up its donor and its project.
func (g GiftAdd) Claim() (Claim, error) {
	paid := len(g.Paid) > 0
	if err := checkTime("gift.add", g.At); err != nil {
		return Claim{}, err
	}
	if paid == (len(g.Gift) > 0) || paid != (g.Connector != "") {
		return Claim{}, refuse(RuleGift, "gift.add has either gift, or paid with its connector")
	}
	if paid {
		return g.paid()
	}
	return g.own()
}

func (g GiftAdd) own() (Claim, error) {
	x, ok := leanGift(g.Gift)
	if !ok {
		x = Gift{}
		if err := canonical.Unmarshal(g.Gift, &x); err != nil {
			return Claim{}, refuse(RuleGift, "gift: %v", err)
		}
	}
	if err := x.check(); err != nil {
		return Claim{}, err
	}
	return Claim{
		Donor: x.Donor, Project: x.Project, Once: x.Donor + " " + x.Nonce, amount: x.Amount, round: x.Round,
		nonce: x.Nonce, sealed: x.Sealed, object: g.Gift,
	}, nil
}

func (x Gift) check() error {
	sealed := x.Sealed != ""
	switch {
	case x.V != 1:
		return refuse(RuleGift, "gift: v is %d, only 1 is understood", x.V)
	case !isDonor(x.Donor):
		return refuse(RuleGift, "gift: donor %.80q is not members/<64 hex>", x.Donor)
	case len(x.Nonce) != 32 || strings.Trim(x.Nonce, "0123456789abcdef") != "":
		return refuse(RuleGift, "gift: nonce %.40q is not 32 lower-case hex digits", x.Nonce)
	case sealed == (x.Project != "") || sealed == (x.Amount != ""):
		return refuse(RuleGift, "gift: either amount and project, or sealed")
	case !sealed && !isSlug(x.Project):
		return refuse(RuleGift, "gift: project %.40q is not a slug", x.Project)
	}
	return nil
}

func (g GiftAdd) paid() (Claim, error) {
	x, ok := leanPaid(g.Paid)
	if !ok {
		x = Paid{}
		if err := canonical.Unmarshal(g.Paid, &x); err != nil {
			return Claim{}, refuse(RuleGift, "paid: %v", err)
		}
	}
	switch {
	case x.V != 1 || !isSlug(g.Connector):
		return Claim{}, refuse(RuleGift, "paid: v is %d, connector %.40q", x.V, g.Connector)
	case !isDonor(x.Donor) || !isSlug(x.Project):
		return Claim{}, refuse(RuleGift, "paid: donor %.80q is not members/<64 hex>, or project %.40q no slug", x.Donor, x.Project)
	case !isText(x.Reference, 200):
		return Claim{}, refuse(RuleGift, "paid: reference: 1 to 200 bytes without control characters")
	}
	return Claim{
		Donor: x.Donor, Project: x.Project, Once: g.Connector + " " + x.Reference, amount: x.Amount, round: x.Round, object: g.Paid,
	}, nil
}

func isDonor(s string) bool {
	id, ok := strings.CutPrefix(s, chamber+"/")
	return ok && isMember(id)
}

// Seal returns the gift with its amount and project sealed to the round's beacon. V is set here.
func (d Door) Seal(chain *beacon.Chain, x Gift, entropy io.Reader) (Gift, error) {
	m := d.Manifest
	if m.Mode != poll.ModeSealed || chain.Hash != m.Beacon.Chain {
		return Gift{}, refuse(RuleSealedRound, "the round is %s, or on another chain than %s", m.Mode, chain.Hash)
	}
	x.V, x.Round = 1, d.Hash
	text, err := canonical.Marshal(x)
	if err != nil {
		return Gift{}, refuse(RuleGift, "gift: %v", err)
	}
	if int64(len(text)) > m.Size {
		return Gift{}, refuse(RuleGift, "the gift takes %d bytes, this round seals %d", len(text), m.Size)
	}
	text = append(text, strings.Repeat(" ", int(m.Size)-len(text))...)
	file, err := timelock.Seal(chain, m.Beacon.Round, text, entropy)
	if err != nil {
		return Gift{}, err
	}
	return Gift{Donor: x.Donor, Nonce: x.Nonce, Round: d.Hash, Sealed: base64.StdEncoding.EncodeToString(file), V: 1}, nil
}

// Sign encodes and signs a gift with the donor's Ed25519 key. V is set here.
func (x Gift) Sign(private ed25519.PrivateKey, at int64) (GiftAdd, error) {
	x.V = 1
	text, err := canonical.Marshal(x)
	if err != nil {
		return GiftAdd{}, refuse(RuleGift, "gift: %v", err)
	}
	return GiftAdd{At: at, Gift: text, Signature: identity.Sign(private, identity.ThingGift, text)}, nil
}

// Sign encodes and signs a payment with the Ed25519 key of a connector. V is set here.
func (x Paid) Sign(private ed25519.PrivateKey, connector string, at int64) (GiftAdd, error) {
	x.V = 1
	text, err := canonical.Marshal(x)
	if err != nil {
		return GiftAdd{}, refuse(RuleGift, "paid: %v", err)
	}
	return GiftAdd{At: at, Connector: connector, Paid: text, Signature: identity.Sign(private, identity.ThingGift, text)}, nil
}
