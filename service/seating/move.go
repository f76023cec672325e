package seating

import (
	"regexp"
	"slices"

	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

// Act is what a move does to its seat.
type Act string

// The acts of seat.md. Invite, expire, exhaust and complete follow by rule: see [Jury.Due].
const (
	Invite        Act = "invite"
	Accept        Act = "accept"
	Decline       Act = "decline"
	Defer         Act = "defer"
	Expire        Act = "expire"
	Undeliverable Act = "undeliverable"
	GiveKey       Act = "key"
	Withdraw      Act = "withdraw"
	Recuse        Act = "recuse"
	Exhaust       Act = "exhaust"
	Complete      Act = "complete"
)

// Ground is why a person defers, withdraws or is recused. There is no free text about a person.
type Ground string

// The grounds of seat.md.
const (
	Health   Ground = "health"
	Care     Ground = "care"
	Work     Ground = "work"
	Studies  Ground = "studies"
	Away     Ground = "away"
	Moved    Ground = "moved"
	Interest Ground = "interest" // a conflict of interest
	Other    Ground = "other"
)

// Grounds returns all grounds, in the order of seat.md.
func Grounds() []Ground {
	return []Ground{Health, Care, Work, Studies, Away, Moved, Interest, Other}
}

// Move is the body of seat.move. Which optional members belong to it depends on the act.
type Move struct {
	Act      Act           `json:"act"`
	Assisted bool          `json:"assisted,omitempty"` // two officials answered for the person
	At       int64         `json:"at"`                 // Unix seconds
	Deadline int64         `json:"deadline,omitempty"` // of invite: first second at which an answer is too late
	Ground   Ground        `json:"ground,omitempty"`
	ID       string        `json:"id,omitempty"` // register id of the person: 64 hex
	Key      *identity.Key `json:"key,omitempty"`
	Poll     string        `json:"poll,omitempty"` // of recuse: subject of the poll
	Seat     int64         `json:"seat"`           // from 1
}

// members says what one act has besides act, at and seat.
type members struct {
	id, deadline, ground, poll bool // must be there
	key, mayKey, assisted      bool // must, may, may
}

// membersOf is the table of seat.md.
func membersOf(a Act) (members, bool) {
	switch a {
	case Invite:
		return members{id: true, deadline: true}, true
	case Accept:
		return members{id: true, mayKey: true, assisted: true}, true
	case Decline:
		return members{id: true, assisted: true}, true
	case Defer:
		return members{id: true, ground: true, assisted: true}, true
	case Expire, Undeliverable, Complete:
		return members{id: true}, true
	case GiveKey:
		return members{id: true, key: true, assisted: true}, true
	case Withdraw:
		return members{id: true, ground: true}, true
	case Recuse:
		return members{id: true, ground: true, poll: true}, true
	case Exhaust:
		return members{}, true
	}
	return members{}, false
}

var (
	idForm   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	pollForm = regexp.MustCompile(`^community/[a-z0-9][a-z0-9._-]*/poll/[a-z0-9][a-z0-9._-]*$`)
)

// ParseMove reads canonical bytes and checks their form.
func ParseMove(b []byte) (Move, error) {
	var m Move
	if err := canonical.Unmarshal(b, &m); err != nil {
		return Move{}, refuse(RuleMoveForm, "seat.move: %v", err)
	}
	if err := m.Check(); err != nil {
		return Move{}, err
	}
	return m, nil
}

// Canonical checks m's form and returns the body of its record.
func (m Move) Canonical() ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	return canonical.Marshal(m)
}

// Check refuses (move_form, ground, key_form) a move that has not exactly the members of its act.
// Whether it is possible only [Jury.Apply] can say.
func (m Move) Check() error {
	want, known := membersOf(m.Act)
	if !known {
		return refuse(RuleMoveForm, "act is %.20q", m.Act)
	}
	if m.Seat < 1 || m.Seat > maxInteger || m.At < 1 || m.At > maxInteger {
		return refuse(RuleMoveForm, "%s: seat %d or at %d is out of range", m.Act, m.Seat, m.At)
	}
	for _, c := range []struct {
		member        string
		has, must, ok bool
	}{
		{"id", m.ID != "", want.id, want.id},
		{"deadline", m.Deadline != 0, want.deadline, want.deadline},
		{"ground", m.Ground != "", want.ground, want.ground},
		{"poll", m.Poll != "", want.poll, want.poll},
		{"key", m.Key != nil, want.key, want.key || want.mayKey},
		{"assisted", m.Assisted, false, want.assisted},
	} {
		if c.has && !c.ok {
			return refuse(RuleMoveForm, "%s has no member %s", m.Act, c.member)
		}
		if !c.has && c.must {
			return refuse(RuleMoveForm, "%s lacks the member %s", m.Act, c.member)
		}
	}
	return m.checkValues()
}

func (m Move) checkValues() error {
	if m.ID != "" && !idForm.MatchString(m.ID) {
		return refuse(RuleMoveForm, "id %.70q is not 64 lower-case hex digits", m.ID)
	}
	if m.Deadline < 0 || m.Deadline > maxInteger {
		return refuse(RuleMoveForm, "deadline %d is out of range", m.Deadline)
	}
	if m.Poll != "" && (len(m.Poll) > 200 || !pollForm.MatchString(m.Poll)) {
		return refuse(RuleMoveForm, "poll %.60q is not community/<slug>/poll/<name>", m.Poll)
	}
	if m.Ground != "" && !slices.Contains(Grounds(), m.Ground) {
		return refuse(RuleGround, "ground is %.20q, want one of %v", m.Ground, Grounds())
	}
	if m.Key != nil {
		if err := m.Key.Check(); err != nil {
			return refuse(RuleKeyForm, "%v", err)
		}
	}
	return nil
}
