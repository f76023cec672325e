package grants

import (
	"crypto/ed25519"
	"slices"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// Act is what a move does to its project.
type Act string

// The acts of round.md.
const (
	Apply    Act = "apply"
	Change   Act = "change"
	Approve  Act = "approve"
	Reject   Act = "reject"
	Appeal   Act = "appeal"
	Withdraw Act = "withdraw"
)

// Ground is why a project is rejected.
type Ground string

// The grounds of round.md.
const (
	Scope      Ground = "scope"
	Evidence   Ground = "evidence"
	Duplicate  Ground = "duplicate"
	Fraudulent Ground = "fraud"
	Incomplete Ground = "incomplete"
)

// Grounds returns all grounds, in the order of round.md.
func Grounds() []Ground { return []Ground{Scope, Evidence, Duplicate, Fraudulent, Incomplete} }

// maxText is the size of a description, an appeal or the reasons of a rejection.
const maxText = 64 << 10

// Move is the body of project.move. Which optional members belong to it depends on the act.
type Move struct {
	Account   string              `json:"account,omitempty"` // where a payout goes
	Act       Act                 `json:"act"`
	At        int64               `json:"at"`
	Ground    Ground              `json:"ground,omitempty"`
	Owner     string              `json:"owner,omitempty"` // member id: 64 hex
	Project   string              `json:"project"`         // slug
	Reviewer  string              `json:"reviewer,omitempty"`
	Signature *identity.Signature `json:"signature,omitempty"` // by the owner
	Text      *poll.File          `json:"text,omitempty"`
	Title     string              `json:"title,omitempty"`
}

// members says what one act has besides act, at and project; account may stand with owner.
type members struct{ owner, text, title, reviewer, ground, signature bool }

// membersOf is the table of round.md.
func membersOf(a Act) (members, bool) {
	switch a {
	case Apply, Change:
		return members{owner: true, text: true, title: true, signature: true}, true
	case Approve:
		return members{reviewer: true}, true
	case Reject:
		return members{reviewer: true, ground: true, text: true}, true
	case Appeal:
		return members{text: true, signature: true}, true
	case Withdraw:
		return members{signature: true}, true
	}
	return members{}, false
}

// Owned reports whether the owner signs, not a reviewer.
func (a Act) Owned() bool { return a != Approve && a != Reject }

// Check refuses a move that has not exactly the members of its act. Whether it is possible only
// [Door.NextProject] can say.
func (mv Move) Check() error {
	want, known := membersOf(mv.Act)
	if !known || !isSlug(mv.Project) {
		return refuse(RuleRecord, "project.move: act %.20q of project %.40q", mv.Act, mv.Project)
	}
	for _, c := range []struct {
		member   string
		has, may bool
	}{
		{"owner", mv.Owner != "", want.owner}, {"text", mv.Text != nil, want.text}, {"title", mv.Title != "", want.title},
		{"reviewer", mv.Reviewer != "", want.reviewer}, {"ground", mv.Ground != "", want.ground}, {"signature", mv.Signature != nil, want.signature},
		{"account", mv.Account != "", want.owner && mv.Account != ""},
	} {
		if c.has != c.may {
			return refuse(RuleRecord, "project.move: %s and the member %s do not go together, or it is missing", mv.Act, c.member)
		}
	}
	return firstError(checkTime("project.move", mv.At), mv.checkValues())
}

func (mv Move) checkValues() error {
	switch {
	case mv.Owner != "" && !isMember(mv.Owner):
		return refuse(RuleRecord, "project.move: owner %.70q is not 64 lower-case hex digits", mv.Owner)
	case mv.Account != "" && !isText(mv.Account, 200), mv.Title != "" && !isText(mv.Title, 200):
		return refuse(RuleRecord, "project.move: title and account have 1 to 200 bytes without control characters")
	case mv.Reviewer != "" && !isSlug(mv.Reviewer):
		return refuse(RuleRecord, "project.move: reviewer %.40q is not a slug", mv.Reviewer)
	case mv.Ground != "" && !slices.Contains(Grounds(), mv.Ground):
		return refuse(RuleRecord, "project.move: ground %.20q", mv.Ground)
	case mv.Text != nil && (mv.Text.Bytes < 1 || mv.Text.Bytes > maxText):
		return refuse(RuleRecord, "project.move: text of %d bytes, want 1 to %d", mv.Text.Bytes, maxText)
	}
	return nil
}

func isMember(id string) bool { return len(id) == 64 && strings.Trim(id, "0123456789abcdef") == "" }

// signedMove is what an owner signs.
type signedMove struct {
	Account string      `json:"account,omitempty"`
	Act     Act         `json:"act"`
	Owner   string      `json:"owner,omitempty"`
	Project string      `json:"project"`
	Round   beacon.Hash `json:"round"`
	Seq     int64       `json:"seq"`
	Text    *poll.File  `json:"text,omitempty"`
	Title   string      `json:"title,omitempty"`
	V       int64       `json:"v"`
}

// Object returns what the owner signs as a project message: the move's members, the round's hash and
// seq, which is 1 + the number of the project's moves before it.
func (mv Move) Object(round beacon.Hash, seq int64) ([]byte, error) {
	return canonical.Marshal(signedMove{mv.Account, mv.Act, mv.Owner, mv.Project, round, seq, mv.Text, mv.Title, 1})
}

// Sign returns the move with the owner's signature by an Ed25519 key.
func (mv Move) Sign(private ed25519.PrivateKey, round beacon.Hash, seq int64) (Move, error) {
	object, err := mv.Object(round, seq)
	if err != nil {
		return Move{}, err
	}
	signature := identity.Sign(private, identity.ThingProject, object)
	mv.Signature = &signature
	return mv, nil
}
