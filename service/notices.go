package service

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"kleroterion/service/audit"
	"kleroterion/service/seating"
)

// Mailer sends one mail. It returns once a server has taken it.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Mail is a plain text for one person. It is never kept: it holds a code.
type Mail struct {
	To      string
	Subject string
	Text    string
}

// Hook tells somebody of a public record. It returns once they have taken it; the same record may
// be told again.
type Hook interface {
	Tell(ctx context.Context, e LogEntry) error
}

// lastAttempt is when a notice is given up: with the pauses between, after about a day.
const lastAttempt = 1500

// queueMail queues the mail of an invitation in the transaction of the invitation.
func (s *Service) queueMail(tx Tx, j *seating.Jury, m seating.Move) error {
	if s.Mailer == nil {
		return nil
	}
	row, err := tx.Jury(j.Subject())
	if err != nil {
		return err
	}
	id, err := s.newID()
	if err != nil {
		return err
	}
	return tx.AddJob(Job{ID: id, Kind: JobMail, City: row.City, Target: row.DrawID, DedupeKey: fmt.Sprintf("%d %s %s", m.Seat, m.ID, j.Subject()),
		State: JobPending, Step: "waiting", RunAt: s.now(), CreatedAt: s.now()})
}

// performMail sends one invitation. Its code is made here and kept nowhere in plain: when sending fails,
// or the process dies, the next attempt makes another code, and the one before opens nothing.
func (s *Service) performMail(ctx context.Context, job *lease) error {
	seat, person, err := mailed(job.DedupeKey)
	if err != nil {
		return err
	}
	var letter *Letter
	err = s.Store.Write(ctx, func(tx Tx) (err error) {
		letter, err = s.invitation(tx, job.Target, seat, person)
		return err
	})
	if err != nil {
		return err
	}
	outcome := `{"sent":false,"why":"no longer invited, or no mail address"}`
	if letter != nil && strings.Contains(letter.Contact, "@") && !strings.ContainsAny(letter.Contact, " \t\r\n,;") {
		if err := s.Mailer.Send(ctx, s.mail(*letter)); err != nil {
			return s.giveUp(ctx, job, err)
		}
		outcome = `{"sent":true}`
	}
	return s.Store.Write(ctx, func(tx Tx) error { return job.finish(tx, s.now(), []byte(outcome)) })
}

func mailed(key string) (seat int64, person string, err error) {
	number, rest, _ := strings.Cut(key, " ")
	person, _, _ = strings.Cut(rest, " ")
	seat, err = strconv.ParseInt(number, 10, 64)
	return seat, person, err
}

// invitation makes the letter of a person who is still invited; nil when nobody needs one any more.
func (s *Service) invitation(tx Tx, drawID string, n int64, person string) (*Letter, error) {
	j, d, err := s.seated(tx, drawID)
	if err != nil {
		return nil, err
	}
	seat := j.Seats()[n-1]
	if seat.State != seating.Invited || seat.Holder != person {
		return nil, nil
	}
	l, err := s.print(tx, j, d, seat, CodeAnswer)
	return &l, err
}

func (s *Service) mail(l Letter) Mail {
	return Mail{To: l.Contact, Subject: "You have been drawn by lot: please answer by " + stamp(l.Deadline), Text: fmt.Sprintf(`Dear %s,

you have been drawn by lot for a jury of residents.

Your seat:   %d %s
Term:        %s to %s
Answer by:   %s (then the seat goes to the next person)
Your code:   %s

Answer here: %s/invitation
You can accept, decline or ask for another time. Nobody chose you: the draw is public,
and anyone can check it. Your line in the list: %s

If this mail is not for you, please do nothing.
`, l.Name, l.Seat, l.Stratum, stamp(l.Starts), stamp(l.Ends), stamp(l.Deadline), l.Code, s.URL, l.ID)}
}

// told are the kinds of records that a hook hears of. Ballots are not: there are too many, and they
// say nothing until the poll closes.
func told(k audit.Kind) bool {
	switch k {
	case audit.KindBallotCast, audit.KindHeartbeat:
		return false
	}
	return true
}

// queueHook queues the telling of a record in the transaction of the record.
func (s *Service) queueHook(tx Tx, e LogEntry) error {
	if s.Hook == nil || !told(e.Kind) {
		return nil
	}
	seq := strconv.FormatInt(e.Seq, 10)
	return tx.AddJob(Job{ID: "hook-" + seq, Kind: JobHook, Target: seq, DedupeKey: seq, State: JobPending, Step: "waiting", RunAt: s.now(), CreatedAt: s.now()})
}

func (s *Service) performHook(ctx context.Context, job *lease) error {
	seq, err := strconv.ParseInt(job.Target, 10, 64)
	if err != nil {
		return err
	}
	e, err := s.LogEntry(ctx, seq)
	if err != nil {
		return err
	}
	if err := s.Hook.Tell(ctx, e); err != nil {
		return s.giveUp(ctx, job, err)
	}
	return s.Store.Write(ctx, func(tx Tx) error { return job.finish(tx, s.now(), nil) })
}

// giveUp ends a notice that failed too often; before that the error is passed on, and it is tried again.
func (s *Service) giveUp(ctx context.Context, job *lease, err error) error {
	if job.Attempt < lastAttempt {
		return err
	}
	return s.Store.Write(ctx, func(tx Tx) error { return job.fail(tx, s.now(), "undelivered", nil) })
}
