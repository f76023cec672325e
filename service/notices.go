package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
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

// noticeLife is for how many seconds a notice is tried.
const noticeLife = 24 * 3600

var (
	mailSent   = []byte(`{"sent":true}`)
	mailUnsent = []byte(`{"sent":false,"why":"no longer invited, or no mail address"}`)
	mailEnded  = []byte(`{"sent":false,"why":"a letter was printed in its place"}`)
)

// mailID names the job that mails an invitation: who prints letters looks there.
func mailID(subject string, seat int64, person string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s", subject, seat, person))
	return "mail-" + hex.EncodeToString(sum[:16])
}

// queueMail queues the mail of an invitation in the transaction of the invitation. A person without a mail
// address gets a letter.
func (s *Service) queueMail(tx Tx, j *seating.Jury, m seating.Move) error {
	if s.Mailer == nil {
		return nil
	}
	row, err := tx.Jury(j.Subject())
	if err != nil {
		return err
	}
	l := Letter{ID: m.ID}
	if err := l.address(tx, row.Register); err != nil || !mailable(l.Contact) {
		return err
	}
	return tx.AddJob(Job{ID: mailID(j.Subject(), m.Seat, m.ID), Kind: JobMail, City: row.City, Target: row.DrawID,
		DedupeKey: fmt.Sprintf("%d %s %s", m.Seat, m.ID, j.Subject()), State: JobPending, Step: "waiting", RunAt: s.now(), CreatedAt: s.now()})
}

// mailable reports whether a contact is one mail address and nothing else.
func mailable(contact string) bool {
	a, err := mail.ParseAddress(contact)
	return err == nil && a.Name == "" && a.Address == contact
}

// performMail sends one invitation. Its code is made here and kept nowhere in plain: when sending fails,
// or the process dies, the next attempt makes another code, and the one before opens nothing. Where a
// letter was printed meanwhile this job has ended, and voids no code.
func (s *Service) performMail(ctx context.Context, job *lease) error {
	seat, person, err := mailed(job.DedupeKey)
	if err != nil {
		return err
	}
	var letter *Mail
	err = s.Store.Write(ctx, func(tx Tx) (err error) {
		if letter, err = s.invitation(tx, job.Target, seat, person); err != nil || letter == nil {
			return firstOf(err, job.finish(tx, s.now(), mailUnsent))
		}
		return job.progress(tx, "sending", 0, 0)
	})
	if err != nil || letter == nil {
		return err
	}
	if err := s.Mailer.Send(ctx, *letter); err != nil {
		return s.giveUp(ctx, job, err)
	}
	return s.Store.Write(ctx, func(tx Tx) error { return job.finish(tx, s.now(), mailSent) })
}

func mailed(key string) (seat int64, person string, err error) {
	number, rest, _ := strings.Cut(key, " ")
	person, _, _ = strings.Cut(rest, " ")
	seat, err = strconv.ParseInt(number, 10, 64)
	return seat, person, err
}

// invitation makes the mail of a person who is still invited and has a mail address; nil when there is
// nothing to send.
func (s *Service) invitation(tx Tx, drawID string, n int64, person string) (*Mail, error) {
	j, d, err := s.seated(tx, drawID)
	if err != nil {
		return nil, err
	}
	seat := j.Seats()[n-1]
	if seat.State != seating.Invited || seat.Holder != person || seat.Deadline <= s.now() {
		return nil, nil
	}
	to := Letter{ID: person}
	if err := to.address(tx, d.RegisterID); err != nil || !mailable(to.Contact) {
		return nil, err
	}
	l, err := s.print(tx, j, d, seat, CodeAnswer)
	if err != nil {
		return nil, err
	}
	m := s.mail(l, d, j.Open().Deferral)
	return &m, nil
}

// byMail reports whether an invitation went out by mail, or waits to. end ends one that waits, for who
// prints a letter in its place.
func byMail(tx Tx, subject string, seat seating.Seat, end bool, now int64) (bool, error) {
	job, err := tx.Job(mailID(subject, seat.N, seat.Holder))
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case err != nil || job.State != JobPending:
		return bytes.Equal(job.Report, mailSent), err
	case !end:
		return true, nil
	}
	return true, (&lease{Job: job}).finish(tx, now, mailEnded)
}

// mail is the text of an invitation. It says where a draw is a rehearsal, and offers what the seats offer.
func (s *Service) mail(l Letter, d Draw, deferral bool) Mail {
	title, also := "You have been drawn by lot: please answer by "+stamp(l.Deadline), ""
	if d.Rehearsal {
		title, also = "REHEARSAL: "+title, "This is a REHEARSAL: the draw decides nothing.\n\n"
	}
	choice := "You can accept or decline."
	if deferral {
		choice = "You can accept, decline or ask for another time."
	}
	return Mail{To: l.Contact, Subject: title, Text: fmt.Sprintf(`Dear %s,

%syou have been drawn by lot for a jury of residents: %s.

Your seat:   %d %s
Term:        %s to %s
Answer by:   %s (then the seat goes to the next person)
Your code:   %s

Answer here: %s/invitation
%s Nobody chose you: the draw is public,
and anyone can check it at %s/draws/%s. Your line in the list:
%s

If this mail is not for you, please do nothing.
`, l.Name, also, d.Subject, l.Seat, l.Stratum, stamp(l.Starts), stamp(l.Ends), stamp(l.Deadline), l.Code, s.URL, choice, s.URL, d.ID, l.ID)}
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

// giveUp ends a notice that failed for a day; before that the error is passed on, and it is tried again.
func (s *Service) giveUp(ctx context.Context, job *lease, err error) error {
	if s.now() < job.CreatedAt+noticeLife {
		return err
	}
	return s.Store.Write(ctx, func(tx Tx) error { return job.fail(tx, s.now(), "undelivered", nil) })
}
