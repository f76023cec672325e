package audit

import (
	"fmt"
	"slices"
	"strings"

	"kleroterion/service/charter"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
)

// The kinds of records about seats, communities and polls. Their bodies are those of the packages
// that replay them.
const (
	KindCityPolicy   Kind = "city.policy"
	KindSeatsOpen    Kind = "seats.open"
	KindSeatMove     Kind = "seat.move"
	KindCommunityAdd Kind = "community.add"
	KindCharterAdopt Kind = "charter.adopt"
	KindMemberMove   Kind = "member.move"
	KindPollOpen     Kind = "poll.open"
	KindBallotCast   Kind = "ballot.cast"
	KindPollClose    Kind = "poll.close"
	KindPollResult   Kind = "poll.result"
	KindPollVoid     Kind = "poll.void"
)

// CityPolicy is the body of city.policy on city/<slug>.
type CityPolicy struct {
	Approvals int64 `json:"approvals"` // officials that a draw needs: 1 or 2
	At        int64 `json:"at"`
}

// CommunityAdd is the body of community.add on community/<slug>.
type CommunityAdd struct {
	Name string `json:"name"`
	Slug string `json:"slug"`
}

// SeatsOpen, SeatMove, CharterAdopt, MemberMove, PollOpen, BallotCast, PollClose, PollResult and
// PollVoid are the bodies of the kinds of the same names.
type (
	SeatsOpen    struct{ seating.Open }
	SeatMove     struct{ seating.Move }
	CharterAdopt struct{ charter.Adopt }
	MemberMove   struct{ charter.Move }
	PollOpen     struct{ poll.Open }
	BallotCast   struct{ poll.Cast }
	PollClose    struct{ poll.Close }
	PollResult   struct{ poll.Result }
	PollVoid     struct{ poll.Void }
)

func (b CityPolicy) check(subject string) error {
	if b.Approvals != 1 && b.Approvals != 2 {
		return fmt.Errorf("approvals is %d, want 1 or 2", b.Approvals)
	}
	return firstError(checkCount("at", b.At), onForm(subject, "city/*"))
}

func (b CommunityAdd) check(subject string) error {
	return firstError(checkText("name", b.Name, maxName), onForm(subject, "community/*"), onSubject(subject, "community/"+b.Slug))
}

func (b SeatsOpen) check(subject string) error { return firstError(onSeats(subject), b.Check()) }

func (b SeatMove) check(subject string) error { return firstError(onSeats(subject), b.Check()) }

func (b CharterAdopt) check(subject string) error {
	return firstError(onForm(subject, "community/*"), b.Check())
}

func (b MemberMove) check(subject string) error {
	return firstError(onForm(subject, "community/*/members"), b.Check())
}

func (b PollOpen) check(subject string) error { return firstError(onPoll(subject), b.Check()) }

func (b BallotCast) check(subject string) error { return firstError(onPoll(subject), b.Check()) }

func (b PollClose) check(subject string) error { return firstError(onPoll(subject), b.Check()) }

func (b PollResult) check(subject string) error {
	return firstError(onPoll(subject), checkCount("transcript.bytes", b.Transcript.Bytes))
}

func (b PollVoid) check(subject string) error { return firstError(onPoll(subject), b.Check()) }

func onPoll(subject string) error { return onForm(subject, "community/*/poll/*") }

// onSeats requires the subject of a draw's seats: a draw's subject, and /seats.
func onSeats(subject string) error {
	if draw, ok := strings.CutSuffix(subject, "/seats"); !ok || draw == "" {
		return fmt.Errorf("subject %q does not end in /seats", subject)
	}
	return nil
}

// onForm compares a subject with a form in which * stands for one segment.
func onForm(subject, form string) error {
	got, want := strings.Split(subject, "/"), strings.Split(form, "/")
	same := func(g, w string) bool { return w == "*" || g == w }
	if !slices.EqualFunc(got, want, same) {
		return fmt.Errorf("stands on subject %q, belongs on %s", subject, form)
	}
	return nil
}
