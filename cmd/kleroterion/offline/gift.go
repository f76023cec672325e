package offline

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"kleroterion/funding"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// Giving names what a gift is made of.
type Giving struct {
	Round     string // file with the manifest
	Key       string // file with the donor's key
	Donor     string // members/<id>
	Project   string
	Amount    string // minor units
	Nonce     string // 32 hex; empty: a new one
	ChainInfo string
	Entropy   io.Reader // for the nonce and for sealing
}

const (
	roundHint  = "docs/spec/round.md lists the members; GET /v1/rounds/{round}/manifest gives it"
	amountHint = "write whole minor units as digits: 1250 is 12.50 of an asset with two decimals"
)

// maxDigits is how long docs/spec/round.md, Gifts, lets an amount be.
const maxDigits = 28

// sentGift is a gift or a payment as POST /v1/rounds/{round}/gifts takes it: the time is the service's.
type sentGift struct {
	Connector string             `json:"connector,omitempty"`
	Gift      json.RawMessage    `json:"gift,omitempty"`
	Paid      json.RawMessage    `json:"paid,omitempty"`
	Signature identity.Signature `json:"signature"`
}

func sent(g grants.GiftAdd) sentGift { return sentGift{g.Connector, g.Gift, g.Paid, g.Signature} }

// Gift writes a signed gift, sealed in a sealed round. The same nonce with the same members is the same
// gift: whoever did not hear the answer sends the same bytes again.
func Gift(w, notes io.Writer, in Giving) error {
	door, err := readRound(in.Round)
	if err != nil {
		return err
	}
	private, err := readPrivate(in.Key)
	if err != nil {
		return err
	}
	if err := checkMinor(in.Amount); err != nil {
		return err
	}
	if in.Nonce == "" {
		if in.Nonce, err = newNonce(in.Entropy); err != nil {
			return err
		}
	}
	x := grants.Gift{Amount: in.Amount, Donor: in.Donor, Nonce: in.Nonce, Project: in.Project, Round: door.Hash}
	if _, err := x.Sign(private, door.Manifest.GiftsStart); err != nil {
		return Unusable(err, "")
	}
	if door.Manifest.Mode == poll.ModeSealed {
		if x, err = in.seal(notes, door, x); err != nil {
			return err
		}
	}
	g, err := x.Sign(private, door.Manifest.GiftsStart)
	if err == nil {
		err = g.Check()
	}
	if err != nil {
		return unusablef("docs/spec/round.md, Gifts, has the form of each member", "%w", err)
	}
	return writeJSON(w, sent(g))
}

func (in Giving) seal(notes io.Writer, door grants.Door, x grants.Gift) (grants.Gift, error) {
	chain, err := findChain(door.Manifest.Beacon.Chain.String(), in.ChainInfo)
	if err != nil {
		return x, err
	}
	sealed, err := door.Seal(chain, x, in.Entropy)
	if err != nil {
		return x, Unusable(err, "")
	}
	fmt.Fprintf(notes, "note: until %s nobody can read amount or project, unless a threshold of the network's operators\n"+
		"note: colludes. After it everybody can, for ever, beside your public id.\n", when(chain, door.Manifest.Beacon.Round))
	return sealed, nil
}

func newNonce(entropy io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(entropy, b[:]); err != nil {
		return "", fmt.Errorf("entropy for a nonce: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

func checkMinor(amount string) error {
	a, err := funding.ParseAmount(amount)
	if err != nil {
		return unusablef(amountHint, "amount: %w", err)
	}
	if a.IsZero() {
		return unusablef(amountHint, "amount is 0: a gift is of 1 or more minor units")
	}
	if len(amount) > maxDigits {
		return unusablef(amountHint, "amount of %d digits: a gift has %d at most", len(amount), maxDigits)
	}
	return nil
}

// readRound reads a round's manifest as a person may have laid it out.
func readRound(file string) (grants.Door, error) {
	plain, err := readPlain(file, roundHint)
	if err != nil {
		return grants.Door{}, err
	}
	m, err := grants.ParseManifest(plain)
	if err != nil {
		return grants.Door{}, unusablef(roundHint, "%s: %w", file, err)
	}
	return grants.Door{Manifest: m, Hash: grants.HashBytes(plain)}, nil
}
