package audit

import (
	"encoding/json"
	"errors"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
)

// Kind names what a record says; it fixes the members of the body.
type Kind string

// The kinds of this version.
const (
	KindCityAdd        Kind = "city.add"
	KindRegisterCommit Kind = "register.commit"
	KindDrawOpen       Kind = "draw.open"
	KindDrawResult     Kind = "draw.result"
	KindDrawVoid       Kind = "draw.void"
	KindHeartbeat      Kind = "heartbeat"
	KindLogContinue    Kind = "log.continue"
)

// ErrUnknownKind reports a record whose kind this version does not understand.
var ErrUnknownKind = errors.New("kind of record not understood")

// LogSubject is the subject of the records about the log itself.
const LogSubject = "log"

// CityAdd is the body of city.add on city/<slug>.
type CityAdd struct {
	Name string `json:"name"` // 1 to 200 bytes, no control characters
	Slug string `json:"slug"` // one segment of a subject
}

// RegisterCommit is the body of register.commit on city/<slug>/register/<name>: the commitment to a
// frozen register (docs/spec/register.md).
type RegisterCommit struct {
	Root       Hash     `json:"root"` // tree hash over the lines
	Size       int64    `json:"size"` // lines
	File       Hash     `json:"file"` // SHA-256 of the file
	Bytes      int64    `json:"bytes"`
	Features   []string `json:"features"` // names of the disclosed features, sorted, never nil
	Sealed     bool     `json:"sealed"`   // some features are sealed
	Households bool     `json:"households"`
	SmallCells string   `json:"small_cells"` // none or published
	K          int64    `json:"k"`           // smallest cell that may be published without being asked for
}

// The values of RegisterCommit.SmallCells.
const (
	SmallCellsNone      = "none"
	SmallCellsPublished = "published"
)

// DrawOpen is the body of draw.open on the manifest's subject: everything about the draw, before the
// randomness exists (docs/spec/draw.md).
type DrawOpen struct {
	Manifest json.RawMessage `json:"manifest"` // canonical
	Commit   Hash            `json:"commit"`
	Approved []string        `json:"approved,omitempty"` // ids of the two officials' keys, ascending
}

// Blob names a large thing that is kept outside the log.
type Blob struct {
	SHA256 Hash  `json:"sha256"`
	Bytes  int64 `json:"bytes"`
}

// DrawResult is the body of draw.result: the outcome of the draw with this commit.
type DrawResult struct {
	Commit Hash        `json:"commit"`
	Seed   Hash        `json:"seed"`
	Beacon beacon.File `json:"beacon"`
	Result Blob        `json:"result"`
}

// DrawVoid is the body of draw.void: the draw with this commit will have no result.
type DrawVoid struct {
	Commit Hash   `json:"commit"`
	Reason string `json:"reason"` // 1 to 500 bytes, no control characters; says nothing about a person
	Late   bool   `json:"late"`   // the round was due, so the outcome could be known
}

// Heartbeat is the empty body of heartbeat on LogSubject: the log is alive.
type Heartbeat struct{}

// LogContinue is the body of log.continue, the first record of a log that continues a closed one.
type LogContinue struct {
	Origin string `json:"origin"` // of the closed log
	Size   int64  `json:"size"`
	Root   Hash   `json:"root"`
	Reason string `json:"reason"` // 1 to 500 bytes, no control characters
}

// body is what every typed body can say of itself.
type body interface {
	// check reports a value out of range, or one that does not belong on the subject.
	check(subject string) error
}

// Decoded returns the typed body, such as a CityAdd or a BallotCast: the type is named after the
// kind. For a kind that this version does not understand the error is ErrUnknownKind.
func (r Record) Decoded() (any, error) {
	switch r.Kind {
	case KindCityAdd:
		return decodeBody[CityAdd](r)
	case KindCityPolicy:
		return decodeBody[CityPolicy](r)
	case KindRegisterCommit:
		return decodeBody[RegisterCommit](r)
	case KindDrawOpen:
		return decodeBody[DrawOpen](r)
	case KindDrawResult:
		return decodeBody[DrawResult](r)
	case KindDrawVoid:
		return decodeBody[DrawVoid](r)
	case KindSeatsOpen:
		return decodeBody[SeatsOpen](r)
	case KindSeatMove:
		return decodeBody[SeatMove](r)
	case KindCommunityAdd:
		return decodeBody[CommunityAdd](r)
	case KindCharterAdopt:
		return decodeBody[CharterAdopt](r)
	case KindMemberMove:
		return decodeBody[MemberMove](r)
	case KindPollOpen:
		return decodeBody[PollOpen](r)
	case KindBallotCast:
		return decodeBody[BallotCast](r)
	case KindPollClose:
		return decodeBody[PollClose](r)
	case KindPollResult:
		return decodeBody[PollResult](r)
	case KindPollVoid:
		return decodeBody[PollVoid](r)
	case KindRoundOpen:
		return decodeBody[RoundOpen](r)
	case KindRoundTopup:
		return decodeBody[RoundTopup](r)
	case KindProjectMove:
		return decodeBody[ProjectMove](r)
	case KindGiftAdd:
		return decodeBody[GiftAdd](r)
	case KindGiftRefund:
		return decodeBody[GiftRefund](r)
	case KindRoundWeights:
		return decodeBody[RoundWeights](r)
	case KindRoundClose:
		return decodeBody[RoundClose](r)
	case KindRoundResult:
		return decodeBody[RoundResult](r)
	case KindPayoutDone:
		return decodeBody[PayoutDone](r)
	case KindRoundVoid:
		return decodeBody[RoundVoid](r)
	case KindHeartbeat:
		return decodeBody[Heartbeat](r)
	case KindLogContinue:
		return decodeBody[LogContinue](r)
	}
	return nil, fmt.Errorf("%s record %d of %s: %w", r.Kind, r.N, r.Subject, ErrUnknownKind)
}

func decodeBody[T body](r Record) (any, error) {
	var b T
	if err := canonical.Unmarshal(r.Body, &b); err != nil {
		return nil, fmt.Errorf("%s record %d of %s: body: %w", r.Kind, r.N, r.Subject, err)
	}
	if err := b.check(r.Subject); err != nil {
		return nil, fmt.Errorf("%s record %d of %s: %w", r.Kind, r.N, r.Subject, err)
	}
	return b, nil
}
