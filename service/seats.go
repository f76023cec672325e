package service

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/seating"
)

// seatsName is the last segment of the subject of a draw's seats.
const seatsName = "seats"

func seatsSubject(draw string) string { return draw + "/" + seatsName }

// NewJury is a request to offer the places of a draw.
type NewJury struct {
	DrawID   string
	Answer   int64 // seconds that an invited person has
	Starts   int64
	Ends     int64
	Deferral bool
}

// JuryView is the seats of a draw as they stand. Public: it names people by register id.
type JuryView struct {
	Jury
	Open       seating.Open
	Seats      []seating.Seat
	Statistics seating.Statistics
	NextDue    int64    // when the next rule comes due; 0: never
	Balance    *Balance // of a panel in office
}

// OpenSeats offers the places of a draw to the people drawn: all are invited in this call, and their
// letters can be printed at once.
func (s *Service) OpenSeats(ctx context.Context, a Actor, in NewJury) (JuryView, error) {
	d, err := s.Draw(ctx, in.DrawID)
	if err != nil {
		return JuryView{}, err
	}
	if err := a.authorise(runSeats, d.City); err != nil {
		return JuryView{}, err
	}
	if d.State != DrawDrawn {
		return JuryView{}, Refuse(KindTooEarly, "not_drawn", "the draw is %s: there are no seats", d.Status)
	}
	_, err = once(ctx, s, a, func(tx Tx) (Jury, error) { return s.openSeats(tx, d.Draw, in) })
	if err := s.settled(ctx, err); err != nil {
		return JuryView{}, err
	}
	return s.Jury(ctx, in.DrawID)
}

// openSeats writes jury, job, the terms and all invitations in one transaction: a crash leaves either
// nothing or everybody invited.
func (s *Service) openSeats(tx Tx, d Draw, in NewJury) (Jury, error) {
	now, err := s.moment(tx, 0)
	if err != nil {
		return Jury{}, err
	}
	terms := seating.Open{Answer: in.Answer, At: now, Commit: d.Commit, Deferral: in.Deferral, Ends: in.Ends,
		Result: sha256.Sum256(d.Result), Starts: in.Starts}
	row := Jury{Subject: seatsSubject(d.Subject), DrawID: d.ID, City: d.City, Register: d.RegisterID, CreatedAt: s.now()}
	err = tx.AddJury(row)
	if errors.Is(err, ErrExists) {
		return Jury{}, Refuse(KindConflict, "seats_open", "the seats of this draw are offered already")
	}
	if err != nil {
		return Jury{}, err
	}
	j, err := s.newJury(tx, d, terms)
	if err != nil {
		return Jury{}, err
	}
	if _, err := s.append(tx, audit.KindSeatsOpen, row.Subject, audit.SeatsOpen{Open: terms}); err != nil {
		return Jury{}, err
	}
	job := Job{ID: "seats-" + d.ID, Kind: JobSeats, City: d.City, Target: d.ID, DedupeKey: d.ID, State: JobPending,
		Step: "serving", RunAt: s.now(), CreatedAt: s.now()}
	if err := tx.AddJob(job); err != nil {
		return Jury{}, err
	}
	return row, s.move(tx, d.ID, j)
}

func (s *Service) newJury(tx Tx, d Draw, terms seating.Open) (*seating.Jury, error) {
	result, err := sortition.ParseResult(d.Result)
	if err != nil {
		return nil, err
	}
	subject, sum := seatsSubject(d.Subject), sha256.Sum256(d.Result)
	if result.Panel == nil {
		j, err := seating.New(subject, result, sum, terms, d.Rehearsal)
		return j, seatRefusal(err)
	}
	p, err := s.panelOf(tx, d)
	if err != nil {
		return nil, err
	}
	j, err := seating.NewOfPanel(subject, result, sum, terms, d.Rehearsal, p.Panel)
	return j, seatRefusal(err)
}

// seatRefusal turns a broken rule of seat.md into the refusal that callers see.
func seatRefusal(err error) error {
	var r *seating.Refusal
	if !errors.As(err, &r) {
		return err
	}
	switch r.Rule {
	case seating.RuleState, seating.RuleDeadline, seating.RuleTerm, seating.RuleRecusedTwice, seating.RuleTime:
		return Refuse(KindConflict, r.Rule, "%s", r.Message)
	case seating.RuleSeat:
		return Refuse(KindNotFound, r.Rule, "%s", r.Message)
	}
	return Refuse(KindInvalid, r.Rule, "%s", r.Message)
}

// seated replays the seats of a draw from the log.
func (s *Service) seated(tx Tx, drawID string) (*seating.Jury, Draw, error) {
	d, err := tx.Draw(drawID)
	if err != nil {
		return nil, Draw{}, absent(err, "draw")
	}
	entries, err := tx.EntriesOf(seatsSubject(d.Subject))
	if err != nil {
		return nil, Draw{}, err
	}
	if len(entries) == 0 {
		return nil, Draw{}, notOffered(ErrNotFound)
	}
	j, err := s.replaySeats(tx, d, entries)
	return j, d, err
}

func (s *Service) replaySeats(tx Tx, d Draw, entries []LogEntry) (j *seating.Jury, err error) {
	for _, e := range entries {
		rec, err := audit.Decode(e.Record)
		if err != nil {
			return nil, err
		}
		body, err := rec.Decoded()
		if err != nil {
			return nil, err
		}
		switch b := body.(type) {
		case audit.SeatsOpen:
			j, err = s.newJury(tx, d, b.Open)
		case audit.SeatMove:
			err = j.Apply(b.Move)
		}
		if err != nil {
			return nil, err
		}
	}
	return j, nil
}

// move makes moves, and then what follows by rule at this second, and logs them all. The caller's
// transaction holds them together: a vacancy is never stored without its next offer.
func (s *Service) move(tx Tx, drawID string, j *seating.Jury, moves ...seating.Move) error {
	now, err := s.moment(tx, j.Last())
	if err != nil {
		return err
	}
	for _, m := range append(j.Due(now), moves...) {
		m.At = now
		if err := s.logMove(tx, j, m); err != nil {
			return err
		}
	}
	for _, m := range j.Due(now) {
		if err := s.logMove(tx, j, m); err != nil {
			return err
		}
	}
	return wakeSeats(tx, drawID, j)
}

// wakeSeats lets the jury's job run when the next rule comes due: an offer just made may end before
// all that the job knew of. A worker that holds the job looks again in its own transaction.
func wakeSeats(tx Tx, drawID string, j *seating.Jury) error {
	job, err := tx.Job("seats-" + drawID)
	next, ok := j.NextDue()
	if err != nil || !ok || job.State != JobPending || job.RunAt <= next {
		return err
	}
	job.RunAt = next
	return tx.UpdateJob(job)
}

func (s *Service) logMove(tx Tx, j *seating.Jury, m seating.Move) error {
	if err := j.Apply(m); err != nil {
		return seatRefusal(err)
	}
	if _, err := s.append(tx, audit.KindSeatMove, j.Subject(), audit.SeatMove{Move: m}); err != nil {
		return err
	}
	if m.Act == seating.Invite {
		return s.queueMail(tx, j, m)
	}
	return nil
}

// performSeats does what deadlines and terms ask for. It is a function of records and time, so
// running it twice, or in two processes, does it once.
func (s *Service) performSeats(ctx context.Context, job *lease) error {
	var logged bool
	err := s.Store.Write(ctx, func(tx Tx) error {
		j, _, err := s.seated(tx, job.Target)
		if err != nil {
			return err
		}
		logged = len(j.Due(s.now())) > 0
		if err := s.move(tx, job.Target, j); err != nil {
			return err
		}
		// What is due is done: a time that is past belongs to a vacancy that nobody can fill any more.
		next, ok := j.NextDue()
		if !ok || next <= s.now() {
			return job.finish(tx, s.now(), nil)
		}
		return job.postpone(tx, next)
	})
	if err == nil && logged {
		return s.settled(ctx, nil)
	}
	return err
}

// Jury returns the seats of a draw. Public.
func (s *Service) Jury(ctx context.Context, drawID string) (v JuryView, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		d, err := tx.Draw(drawID)
		if err != nil {
			return absent(err, "draw")
		}
		last, err := tx.LastEntry(seatsSubject(d.Subject))
		if err != nil {
			return notOffered(err)
		}
		if shown, known := s.shown.get(drawID); known && shown.leaf == last.Leaf {
			v = shown.view
			v.Seats = slices.Clone(v.Seats)
			return nil
		}
		if v, err = s.juryView(tx, d); err == nil {
			s.shown.put(drawID, shownJury{leaf: last.Leaf, view: v})
		}
		return err
	})
	return v, err
}

// shownJury is a view as it is after a record: everything follows from the records, and to replay them takes
// long where many seats of a panel were filled.
type shownJury struct {
	leaf audit.Hash
	view JuryView
}

func (s *Service) juryView(tx Tx, d Draw) (v JuryView, err error) {
	j, _, err := s.seated(tx, d.ID)
	if err != nil {
		return v, err
	}
	if v.Jury, err = tx.Jury(j.Subject()); err != nil {
		return v, err
	}
	v.Open, v.Seats, v.Statistics = j.Open(), j.Seats(), j.Statistics()
	if next, ok := j.NextDue(); ok {
		v.NextDue = next
	}
	return v, s.addBalance(tx, d, &v)
}

// notOffered turns the absence of records into the refusal that callers see.
func notOffered(err error) error {
	if errors.Is(err, ErrNotFound) {
		return Refuse(KindNotFound, "not_found", "the seats of this draw are not offered yet")
	}
	return err
}

// Undeliverable says of invited people that their letter came back; each seat goes to the next
// alternate at once.
func (s *Service) Undeliverable(ctx context.Context, a Actor, drawID string, seats []int64) (JuryView, error) {
	return s.official(ctx, a, drawID, func(j *seating.Jury) ([]seating.Move, error) {
		return s.onSeats(j, seats, seating.Move{Act: seating.Undeliverable})
	})
}

// Recuse takes a seat out of one poll, on an official's word, before the poll opens.
func (s *Service) Recuse(ctx context.Context, a Actor, drawID string, seat int64, poll string, ground seating.Ground) (JuryView, error) {
	return s.official(ctx, a, drawID, func(j *seating.Jury) ([]seating.Move, error) {
		return s.onSeats(j, []int64{seat}, seating.Move{Act: seating.Recuse, Poll: poll, Ground: ground})
	})
}

func (s *Service) official(ctx context.Context, a Actor, drawID string, moves func(*seating.Jury) ([]seating.Move, error)) (JuryView, error) {
	_, err := once(ctx, s, a, func(tx Tx) (string, error) {
		j, d, err := s.seated(tx, drawID)
		if auth := a.authorise(runSeats, d.City); auth != nil {
			return "", auth
		}
		if err != nil {
			return "", err
		}
		list, err := moves(j)
		if err != nil {
			return "", err
		}
		return drawID, s.move(tx, drawID, j, list...)
	})
	if err := s.settled(ctx, err); err != nil {
		return JuryView{}, err
	}
	return s.Jury(ctx, drawID)
}

// onSeats makes one move a seat, on whoever is invited or serves there.
func (s *Service) onSeats(j *seating.Jury, numbers []int64, m seating.Move) (list []seating.Move, err error) {
	seats := j.Seats()
	for _, n := range numbers {
		if n < 1 || n > int64(len(seats)) {
			return nil, noSeat(n, len(seats))
		}
		m.Seat, m.ID = n, seats[n-1].Holder
		list = append(list, m)
	}
	return list, nil
}

// assisted turns what two officials entered into a move, and refuses what the seat's state does not
// allow. Nothing is changed.
func (s *Service) assisted(tx Tx, in SeatMove) (*seating.Jury, seating.Move, error) {
	j, _, err := s.seated(tx, in.DrawID)
	if err != nil {
		return nil, seating.Move{}, err
	}
	list, err := s.onSeats(j, []int64{in.Seat}, seating.Move{Act: in.Act, Ground: in.Ground, Assisted: in.Act != seating.Withdraw})
	if err != nil {
		return nil, seating.Move{}, err
	}
	switch in.Act {
	case seating.Accept, seating.Decline, seating.Defer, seating.Withdraw:
	default:
		return nil, seating.Move{}, Refuse(KindInvalid, "act", "officials enter accept, decline, defer or withdraw for a person, not %.20q", in.Act)
	}
	trial, _, err := s.seated(tx, in.DrawID)
	if err != nil {
		return nil, seating.Move{}, err
	}
	list[0].At, err = s.moment(tx, j.Last())
	return j, list[0], firstOf(err, seatRefusal(trial.Apply(list[0])))
}
