package service

import (
	"context"
	"errors"

	"kleroterion/service/identity"
	"kleroterion/service/seating"
)

// Invitation is what a code opens: public facts about one seat, and nothing about the person.
type Invitation struct {
	City     string
	Decision string // subject of the draw
	Seat     seating.Seat
	Purpose  CodePurpose
	Terms    seating.Open
	Subject  string // of the seats; a key given with an answer signs over it
}

// Answer is what a person does with a code. Key and Proof go together: see [seating.KeyProof].
type Answer struct {
	Act    seating.Act // accept, decline or defer; with a code for a key: key, withdraw or recuse
	Ground seating.Ground
	Poll   string // of recuse
	Key    *identity.Key
	Proof  *identity.Signature
}

// Invitation shows what a code opens. Whoever has the code is taken for the person: it reached them by
// letter or mail. Unknown, used, replaced and expired codes are refused alike.
func (s *Service) Invitation(ctx context.Context, typed string) (v Invitation, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { v, _, _, err = s.opens(tx, typed); return err })
	return v, err
}

func badCode() error {
	return Refuse(KindNotFound, "code", "this code is unknown, used, replaced by a newer letter, or its time is over").
		WithHint("ask the city for a new letter")
}

// opens finds what a code is for, in tx.
func (s *Service) opens(tx Tx, typed string) (Invitation, Code, *seating.Jury, error) {
	none := func(err error) (Invitation, Code, *seating.Jury, error) { return Invitation{}, Code{}, nil, err }
	hash, err := seating.HashCode(typed)
	if err != nil {
		return none(badCode())
	}
	c, err := tx.CodeByHash(hash)
	if errors.Is(err, ErrNotFound) {
		return none(badCode())
	}
	if err != nil {
		return none(err)
	}
	row, err := tx.Jury(c.Subject)
	if err != nil {
		return none(err)
	}
	j, d, err := s.seated(tx, row.DrawID)
	if err != nil {
		return none(err)
	}
	seat := j.Seats()[c.Seat-1]
	if c.UsedAt != 0 || c.Deadline <= s.now() || seat.Holder != c.Person || seat.State != stateFor(c.Purpose) {
		return none(badCode())
	}
	return Invitation{City: d.City, Decision: d.Subject, Seat: seat, Purpose: c.Purpose, Terms: j.Open(), Subject: c.Subject}, c, j, nil
}

// stateFor is the state of a seat in which a code is good.
func stateFor(p CodePurpose) seating.State {
	if p == CodeAnswer {
		return seating.Invited
	}
	return seating.Serving
}

// Answer does what the person with the code says. The code ends with it, in the same transaction;
// a vacated seat is offered to the next alternate at once.
func (s *Service) Answer(ctx context.Context, typed string, in Answer) (Invitation, error) {
	var done Invitation
	err := s.Store.Write(ctx, func(tx Tx) error {
		v, c, j, err := s.opens(tx, typed)
		if err != nil {
			return err
		}
		m, err := in.move(v)
		if err != nil {
			return err
		}
		row, err := tx.Jury(c.Subject)
		if err != nil {
			return err
		}
		if err := s.move(tx, row.DrawID, j, m); err != nil {
			return err
		}
		done = v.after(j)
		err = tx.UseCode(c.Hash, s.now())
		if errors.Is(err, ErrStale) {
			return badCode()
		}
		return err
	})
	return done, s.settled(ctx, err)
}

// after is the invitation once it is answered. Whoever gave the seat up hears that it is vacant: to
// whom it is offered next is no part of their answer.
func (v Invitation) after(j *seating.Jury) Invitation {
	seat := j.Seats()[v.Seat.N-1]
	if seat.Holder != v.Seat.Holder {
		v.Seat.State, v.Seat.Deadline = seating.Vacant, 0
		return v
	}
	v.Seat = seat
	return v
}

// move checks the answer against what the code is for.
func (in Answer) move(v Invitation) (seating.Move, error) {
	allowed := map[CodePurpose][]seating.Act{
		CodeAnswer: {seating.Accept, seating.Decline, seating.Defer},
		CodeKey:    {seating.GiveKey, seating.Withdraw, seating.Recuse},
	}[v.Purpose]
	fits := false
	for _, act := range allowed {
		fits = fits || act == in.Act
	}
	if !fits {
		return seating.Move{}, Refuse(KindInvalid, "act", "this code is for %v, not %.20q", allowed, in.Act)
	}
	m := seating.Move{Act: in.Act, Seat: v.Seat.N, ID: v.Seat.Holder, Ground: in.Ground, Poll: in.Poll, Key: in.Key}
	if in.Key == nil {
		return m, nil
	}
	if in.Proof == nil {
		return seating.Move{}, Refuse(KindInvalid, "proof", "a key comes with its signature over this seat")
	}
	proof := seating.KeyProof{Act: in.Act, ID: v.Seat.Holder, Key: *in.Key, Seat: v.Seat.N, Subject: v.Subject, V: 1}
	if err := proof.Verify(*in.Proof); err != nil {
		return seating.Move{}, Refuse(KindInvalid, "proof", "the key did not sign for this seat: %v", err)
	}
	return m, nil
}
