package poll

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/timelock"
	"kleroterion/service/identity"
	"kleroterion/service/voting"
)

// MaxCasts is how many ballots of one voter are recorded; the last counts.
const MaxCasts = 50

// Ballot is what a voter signs: a choice in an open poll, sealed bytes in a sealed one.
type Ballot struct {
	Choice json.RawMessage `json:"choice,omitempty"` // tally.md
	Poll   beacon.Hash     `json:"poll"`
	Sealed string          `json:"sealed,omitempty"` // base64 of a timelock file
	V      int64           `json:"v"`
	Voter  string          `json:"voter"`
}

// Cast is the body of ballot.cast: a ballot as it was signed.
type Cast struct {
	Ballot    json.RawMessage    `json:"ballot"` // canonical Ballot
	Signature identity.Signature `json:"signature"`
}

// Check holds what can be said of a cast without its poll.
func (c Cast) Check() error {
	_, err := c.parse()
	return err
}

// parse reads the ballot strictly.
func (c Cast) parse() (Ballot, error) {
	if b, ok := leanBallot(c.Ballot); ok {
		return b, nil
	}
	return c.parseStrictly()
}

func (c Cast) parseStrictly() (Ballot, error) {
	var b Ballot
	if err := canonical.Unmarshal(c.Ballot, &b); err != nil {
		return Ballot{}, refuse(RuleBallot, "ballot: %v", err)
	}
	if b.V != 1 || (len(b.Choice) == 0) == (b.Sealed == "") {
		return Ballot{}, refuse(RuleBallot, "a ballot has v 1 and either a choice or a sealed one")
	}
	return b, nil
}

// inner is the plaintext of a sealed ballot. It names poll and voter again: sealed bytes can be
// copied by whoever sees them.
type inner struct {
	Choice json.RawMessage `json:"choice"`
	Poll   beacon.Hash     `json:"poll"`
	V      int64           `json:"v"`
	Voter  string          `json:"voter"`
}

// Seal returns the ballot of a voter with its choice sealed to the poll's round. hash is the
// manifest's; choice is canonical by tally.md.
func Seal(m *Manifest, chain *beacon.Chain, in Ballot, entropy io.Reader) (Ballot, error) {
	if m.Mode != ModeSealed || chain.Hash != m.Beacon.Chain {
		return Ballot{}, refuse(RuleRound, "the poll is %s on chain %s", m.Mode, m.Beacon.Chain)
	}
	text, err := canonical.Marshal(inner{Choice: in.Choice, Poll: in.Poll, V: 1, Voter: in.Voter})
	if err != nil {
		return Ballot{}, refuse(RuleBallot, "choice: %v", err)
	}
	if int64(len(text)) > m.Size {
		return Ballot{}, refuse(RuleBallot, "the choice takes %d bytes, this poll seals %d", len(text), m.Size)
	}
	for int64(len(text)) < m.Size {
		text = append(text, ' ')
	}
	file, err := timelock.Seal(chain, m.Beacon.Round, text, entropy)
	if err != nil {
		return Ballot{}, err
	}
	return Ballot{Poll: in.Poll, Sealed: base64.StdEncoding.EncodeToString(file), V: 1, Voter: in.Voter}, nil
}

// Sign encodes and signs a ballot with an Ed25519 key. V is set here.
func (b Ballot) Sign(private ed25519.PrivateKey) (Cast, error) {
	b.V = 1
	text, err := canonical.Marshal(b)
	if err != nil {
		return Cast{}, refuse(RuleBallot, "ballot: %v", err)
	}
	return Cast{Ballot: text, Signature: identity.Sign(private, identity.ThingBallot, text)}, nil
}

// Accepted is a ballot that intake takes.
type Accepted struct {
	Ballot
	Chamber string
	choice  voting.Choice // of an open poll
	file    []byte        // of a sealed one
}

// door checks ballots of one poll on arrival.
type door struct {
	m    *Manifest
	hash beacon.Hash
}

// CheckCast applies everything that intake can see: form, poll, the signature by the voter's key,
// and the choice of an open poll or the sealed file's header. key is the voter's on the roll, nil
// for a seat without one. The caller counts ballots and looks at the clock.
func CheckCast(m *Manifest, hash beacon.Hash, key *identity.Key, c Cast) (Accepted, error) {
	return door{m, hash}.check(key, c, true)
}

func (d door) check(key *identity.Key, c Cast, inspect bool) (Accepted, error) {
	b, err := c.parse()
	if err != nil {
		return Accepted{}, err
	}
	return d.checkParsed(key, c, b, inspect)
}

func (d door) checkParsed(key *identity.Key, c Cast, b Ballot, inspect bool) (Accepted, error) {
	if b.Poll != d.hash {
		return Accepted{}, refuse(RuleWrongPoll, "the ballot is for poll %s, this is %s", b.Poll, d.hash)
	}
	if key == nil {
		return Accepted{}, refuse(RuleNoKey, "%s has no key: bind one with the code from the letter before the poll opens", b.Voter)
	}
	if err := key.Verify(identity.ThingBallot, c.Ballot, c.Signature); err != nil {
		return Accepted{}, refuse(RuleSignature, "the ballot of %s: %v", b.Voter, err)
	}
	if d.m.Mode == ModeOpen {
		return d.open(b)
	}
	return d.sealed(b, inspect)
}

func (d door) open(b Ballot) (Accepted, error) {
	if b.Sealed != "" {
		return Accepted{}, refuse(RuleBallot, "the poll is open: send the choice itself")
	}
	choice, err := voting.ParseChoice(&d.m.Rules, b.Choice)
	if err != nil {
		return Accepted{}, err
	}
	return Accepted{Ballot: b, choice: choice}, nil
}

// sealed leaves the costly look at the point to intake: when the ballot opens, the proof of its
// sealing covers the point.
func (d door) sealed(b Ballot, inspect bool) (Accepted, error) {
	if b.Sealed == "" {
		return Accepted{}, refuse(RuleBallot, "the poll is sealed: a choice that everybody can read is not taken")
	}
	file, err := base64.StdEncoding.Strict().DecodeString(b.Sealed)
	if err != nil || strings.ContainsAny(b.Sealed, "\r\n") {
		return Accepted{}, refuse(RuleSealedForm, "sealed: not base64 in its one form")
	}
	if inspect {
		if err := d.inspect(file); err != nil {
			return Accepted{}, err
		}
	}
	if want := timelock.SealedSize(d.m.Beacon.Round, int(d.m.Size)); len(file) != want {
		return Accepted{}, refuse(RuleSealedForm, "sealed: %d bytes, want %d", len(file), want)
	}
	return Accepted{Ballot: b, file: file}, nil
}

func (d door) inspect(file []byte) error {
	h, err := timelock.Inspect(file)
	if err != nil {
		return refuse(RuleSealedForm, "sealed: %v", err)
	}
	if h.Chain != d.m.Beacon.Chain || h.Round != d.m.Beacon.Round {
		return refuse(RuleRound, "sealed to round %d of chain %s, the poll opens with round %d of %s", h.Round, h.Chain, d.m.Beacon.Round, d.m.Beacon.Chain)
	}
	if int64(h.Plaintext) != d.m.Size {
		return refuse(RuleSealedForm, "sealed: %d bytes of plaintext, want %d", h.Plaintext, d.m.Size)
	}
	return nil
}

// ruleOf returns the stable name of what was broken, for the transcript.
func ruleOf(err error) string {
	var ours *Refusal
	var choice *voting.Refusal
	switch {
	case errors.As(err, &ours):
		return ours.Rule
	case errors.As(err, &choice):
		return choice.Rule
	}
	return RuleInner
}
