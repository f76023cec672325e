package charter

import (
	"crypto/sha256"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
	"kleroterion/service/ratio"
)

// Charter is a community's rules. Its canonical bytes are its identity: see [HashBytes].
type Charter struct {
	Amendment  Amendment   `json:"amendment"`
	Attesters  Attesters   `json:"attesters"`
	Ballot     Ballot      `json:"ballot"`
	Chain      beacon.Hash `json:"chain"` // opens sealed ballots, breaks ties
	Chambers   []Chamber   `json:"chambers"`
	Community  string      `json:"community"`
	Delegation *Delegation `json:"delegation,omitempty"`
	Founders   *Founders   `json:"founders,omitempty"`
	Name       string      `json:"name"`
	Prev       beacon.Hash `json:"prev"`
	Ratchet    *Ratchet    `json:"ratchet,omitempty"`
	Seq        int64       `json:"seq"`
	Threshold  ratio.Ratio `json:"threshold"` // 1/2: more than; else at least
	V          int64       `json:"v"`
}

// The chambers that a charter may have.
const (
	ChamberFounders = "founders"
	ChamberMembers  = "members"
	ChamberJury     = "jury"
)

// Chamber is one body of voters with its share of the decision. Thin, Floor, City and Seats are the
// jury's alone.
type Chamber struct {
	City   string       `json:"city,omitempty"`  // slug of the host city whose draws fill the jury
	Floor  *ratio.Ratio `json:"floor,omitempty"` // turnout below it rejects polls of class external
	ID     string       `json:"id"`
	Quorum *Quorum      `json:"quorum,omitempty"`
	Seats  int64        `json:"seats,omitempty"` // least seats of the draw
	Share  ratio.Ratio  `json:"share"`           // of the founders: that of tier 0
	Thin   string       `json:"thin,omitempty"`
}

// The values of Chamber.Thin: what a jury below its quorum does to its share (tally.md).
const (
	ThinScale = "scale"
	ThinFail  = "fail"
	ThinDrop  = "drop"
)

// Quorum is the least turnout, or the least approval by all electors, of a chamber.
type Quorum struct {
	Kind string      `json:"kind"`
	Min  ratio.Ratio `json:"min"`
}

// The values of Quorum.Kind.
const (
	QuorumTurnout  = "turnout"
	QuorumApproval = "approval"
)

// Attesters are those of whom K must sign that somebody is one person.
type Attesters struct {
	K  int64               `json:"k"`
	Of []identity.Attester `json:"of"`
}

// Ballot says how polls are held.
type Ballot struct {
	Days   int64  `json:"days"` // longest time from opening to closing
	Mode   string `json:"mode"`
	Notice int64  `json:"notice"` // least seconds from opening to closing
	Size   int64  `json:"size"`   // bytes of a sealed choice
}

// The values of Ballot.Mode.
const (
	ModeSealed = "sealed"
	ModeOpen   = "open"
)

// Amendment says how the charter itself is changed.
type Amendment struct {
	Delay     int64       `json:"delay"` // seconds from adoption to effect
	Threshold ratio.Ratio `json:"threshold"`
}

// Founders lists the member ids of the founders' chamber, ascending.
type Founders struct {
	Members []string `json:"members"`
}

// Ratchet shrinks the founders' share by itself.
type Ratchet struct {
	Age   int64  `json:"age"`   // seconds of membership before a member counts
	Epoch int64  `json:"epoch"` // seconds
	Start int64  `json:"start"` // Unix seconds; epoch e ends at Start + (e+1)·Epoch
	Tiers []Tier `json:"tiers"`
}

// Tier is one step of the ratchet. Tier 0 has a share alone.
type Tier struct {
	After   int64       `json:"after,omitempty"`   // seconds since start after which it comes anyway
	Hold    int64       `json:"hold,omitempty"`    // epoch ends in a row with Members
	Members int64       `json:"members,omitempty"` // counted as [Members.CountAt] does
	Share   ratio.Ratio `json:"share"`             // of the founders
}

// Delegation allows members to delegate, up to a cap per delegate as part of all electors.
type Delegation struct {
	Cap ratio.Ratio `json:"cap"`
}

// Parse reads canonical bytes and checks every rule that the charter alone can break. dev says whether
// its chain is a dev chain, which loosens the least times.
func Parse(b []byte, dev bool) (*Charter, error) {
	c := new(Charter)
	if err := canonical.Unmarshal(b, c); err != nil {
		return nil, refuse(ruleForm, "", "charter: %v", err)
	}
	if err := c.Check(dev); err != nil {
		return nil, err
	}
	return c, nil
}

// Canonical returns the bytes that are hashed, logged and voted on.
func (c *Charter) Canonical() ([]byte, error) { return canonical.Marshal(c) }

// HashBytes is SHA-256("kleroterion/charter/v1\n" ‖ canonical charter).
func HashBytes(b []byte) beacon.Hash {
	h := sha256.New()
	h.Write([]byte("kleroterion/charter/v1\n"))
	h.Write(b)
	return beacon.Hash(h.Sum(nil))
}

// Hash is HashBytes of the canonical form.
func (c *Charter) Hash() (beacon.Hash, error) {
	b, err := c.Canonical()
	if err != nil {
		return beacon.Hash{}, err
	}
	return HashBytes(b), nil
}

// Chamber returns the chamber with this id.
func (c *Charter) Chamber(id string) (Chamber, bool) {
	for _, ch := range c.Chambers {
		if ch.ID == id {
			return ch, true
		}
	}
	return Chamber{}, false
}
