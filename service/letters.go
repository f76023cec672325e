package service

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"kleroterion/randomness/register"
	"kleroterion/service/seating"
)

// Letter is what the city sends to one person: the private row, and a fresh code.
type Letter struct {
	Seat     int64
	Stratum  string
	Purpose  CodePurpose
	Code     string // shown once: only its digest is kept
	Deadline int64
	Starts   int64
	Ends     int64
	ID       string // register id
	Salt     string // with it the person checks their own line
	register.Record
}

// Letters makes a fresh code for each person who is invited (purpose answer) or serves (purpose
// key), and returns the letters. seats limits it to some; nil is all but those whose invitation goes by
// mail: their code stays good. Codes given out before for the same seat and purpose are void, printed or
// mailed: a letter that went astray opens nothing. A mail that still waits is not sent any more.
func (s *Service) Letters(ctx context.Context, a Actor, drawID string, purpose CodePurpose, seats []int64) (list []Letter, err error) {
	if purpose != CodeAnswer && purpose != CodeKey {
		return nil, Refuse(KindInvalid, "purpose", "purpose %.20q is not answer or key", purpose)
	}
	err = s.Store.Write(ctx, func(tx Tx) error {
		j, d, err := s.seated(tx, drawID)
		if auth := a.authorise(readResidents, d.City); auth != nil {
			return auth
		}
		if err != nil {
			return err
		}
		list, err = s.printAll(tx, j, d, purpose, seats)
		return err
	})
	return list, err
}

func (s *Service) printAll(tx Tx, j *seating.Jury, d Draw, purpose CodePurpose, named []int64) (list []Letter, err error) {
	seats := j.Seats()
	if err := printable(seats, purpose, named); err != nil {
		return nil, err
	}
	for _, seat := range seats {
		if !wanted(named, seat.N) || seat.State != stateFor(purpose) {
			continue
		}
		if purpose == CodeAnswer {
			mailed, err := byMail(tx, j.Subject(), seat, len(named) > 0, s.now())
			if err != nil {
				return nil, err
			}
			if mailed && len(named) == 0 {
				continue
			}
		}
		l, err := s.print(tx, j, d, seat, purpose)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// printable refuses a seat that is named and to which no letter of this purpose goes: a shorter file than was
// asked for would not be noticed.
func printable(seats []seating.Seat, purpose CodePurpose, named []int64) error {
	for _, n := range named {
		if n < 1 || n > int64(len(seats)) {
			return noSeat(n, len(seats))
		}
		if state := seats[n-1].State; state != stateFor(purpose) {
			return Refuse(KindConflict, seating.RuleState, "seat %d is %s: a letter of purpose %s goes to a seat that is %s", n, state, purpose, stateFor(purpose)).
				WithHint("leave seats out to print for all that fit")
		}
	}
	return nil
}

func noSeat(n int64, seats int) error {
	return Refuse(KindNotFound, seating.RuleSeat, "no seat %d: there are %d", n, seats)
}

func wanted(seats []int64, n int64) bool {
	for _, s := range seats {
		if s == n {
			return true
		}
	}
	return len(seats) == 0
}

// print makes one letter. The code before is replaced in the caller's transaction.
func (s *Service) print(tx Tx, j *seating.Jury, d Draw, seat seating.Seat, purpose CodePurpose) (Letter, error) {
	code, hash, err := seating.NewCode(s.Entropy)
	if err != nil {
		return Letter{}, err
	}
	terms := j.Open()
	l := Letter{Seat: seat.N, Stratum: seat.Stratum, Purpose: purpose, Code: code, Deadline: seat.Deadline, Starts: terms.Starts, Ends: terms.Ends, ID: seat.Holder}
	if purpose == CodeKey {
		l.Deadline = terms.Ends
	}
	err = tx.PutCode(Code{Subject: j.Subject(), Seat: seat.N, Purpose: purpose, Hash: hash, Person: seat.Holder, Deadline: l.Deadline, PrintedAt: s.now()})
	if err != nil {
		return Letter{}, err
	}
	return l, l.address(tx, d.RegisterID)
}

// address fills in the private row; of an erased person it stays empty.
func (l *Letter) address(tx Tx, registerID string) error {
	id, err := hex.DecodeString(l.ID)
	if err != nil || len(id) != 32 {
		return fmt.Errorf("id %q of a seat: %w", l.ID, err)
	}
	row, err := tx.Resident(registerID, [32]byte(id))
	if err != nil {
		return err
	}
	l.Salt = hex.EncodeToString(row.Salt)
	if len(row.Record) > 0 {
		l.Record, err = register.ParseRecord(row.Record)
	}
	return err
}

// WriteLetters writes letters as CSV for a mail merge.
func WriteLetters(w io.Writer, list []Letter) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"seat", "stratum", "purpose", "code", "deadline", "term_starts", "term_ends", "id", "salt", "person", "name", "address", "contact"})
	for _, l := range list {
		row := []string{strconv.FormatInt(l.Seat, 10), l.Stratum, string(l.Purpose), l.Code, stamp(l.Deadline), stamp(l.Starts), stamp(l.Ends),
			l.ID, l.Salt, l.Person, l.Name, l.Address, l.Contact}
		for i := range row {
			row[i] = inert(row[i])
		}
		err = firstOf(err, out.Write(row))
	}
	out.Flush()
	return firstOf(err, out.Error())
}
