package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"kleroterion/service/seating"
)

// proposed is what a proposal asks for: exactly one of its members.
type proposed struct {
	Draw *NewDraw  `json:"draw,omitempty"`
	Seat *SeatMove `json:"seat,omitempty"`
}

// SeatMove is what two officials enter for a person: an answer by phone or card, or a withdrawal.
type SeatMove struct {
	DrawID string         `json:"draw"`
	Seat   int64          `json:"seat"`
	Act    seating.Act    `json:"act"` // accept, decline, defer or withdraw
	Ground seating.Ground `json:"ground,omitempty"`
}

// ProposeDraw asks for a draw in a city whose draws need two officials. It is checked now and
// again when the second one approves.
func (s *Service) ProposeDraw(ctx context.Context, a Actor, in NewDraw) (Proposal, error) {
	if err := a.authorise(openDraws, in.City); err != nil {
		return Proposal{}, err
	}
	if p, done, err := replay[Proposal](ctx, s, a); done || err != nil {
		return p, err
	}
	if _, err := s.prepare(ctx, a, in); err != nil {
		return Proposal{}, err
	}
	return s.propose(ctx, a, in.City, proposed{Draw: &in})
}

// ProposeSeat enters an answer or a withdrawal for a person who told it to an official. A second
// official confirms it: nobody alone speaks for a juror.
func (s *Service) ProposeSeat(ctx context.Context, a Actor, in SeatMove) (Proposal, error) {
	d, err := s.Draw(ctx, in.DrawID)
	if err != nil {
		return Proposal{}, err
	}
	if err := a.authorise(runSeats, d.City); err != nil {
		return Proposal{}, err
	}
	if p, done, err := replay[Proposal](ctx, s, a); done || err != nil {
		return p, err
	}
	err = s.Store.Read(ctx, func(tx Tx) error { _, _, err := s.assisted(tx, in); return err })
	if err != nil {
		return Proposal{}, err
	}
	return s.propose(ctx, a, d.City, proposed{Seat: &in})
}

func (s *Service) propose(ctx context.Context, a Actor, city string, in proposed) (Proposal, error) {
	id, err := s.newID()
	if err != nil {
		return Proposal{}, err
	}
	request, err := json.Marshal(in)
	if err != nil {
		return Proposal{}, fmt.Errorf("proposal: %w", err)
	}
	p := Proposal{ID: id, City: city, Request: request, ProposedBy: a.KeyID, State: ProposalWaiting, CreatedAt: s.now(), Version: 1}
	return once(ctx, s, a, func(tx Tx) (Proposal, error) { return p, tx.AddProposal(p) })
}

// Proposal returns a proposal to the city's officials.
func (s *Service) Proposal(ctx context.Context, a Actor, id string) (p Proposal, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { p, err = ownProposal(tx, a, id); return err })
	return p, err
}

// Proposals lists a city's proposals, the newest first.
func (s *Service) Proposals(ctx context.Context, a Actor, city string, w Window) (list []Proposal, err error) {
	if err := a.authorise(openDraws, city); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.Proposals(city, w.After, w.Limit); return err })
	return list, err
}

func ownProposal(tx Tx, a Actor, id string) (Proposal, error) {
	p, err := tx.Proposal(id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Proposal{}, err
	}
	if auth := a.authorise(openDraws, p.City); auth != nil {
		return Proposal{}, auth
	}
	return p, absent(err, "proposal")
}

// Approve does what was proposed, with both officials' names on it. The same official twice is one.
func (s *Service) Approve(ctx context.Context, a Actor, id string) (Proposal, error) {
	if p, done, err := replay[Proposal](ctx, s, a); done || err != nil {
		return p, s.settled(ctx, err)
	}
	p, err := s.Proposal(ctx, a, id)
	if err != nil {
		return Proposal{}, err
	}
	if p.ProposedBy == a.KeyID {
		return Proposal{}, Refuse(KindForbidden, "same_official", "you proposed this: another official has to approve it").
			WithHint("each official has a key of their own")
	}
	var in proposed
	if err := json.Unmarshal(p.Request, &in); err != nil {
		return Proposal{}, fmt.Errorf("proposal %s: %w", id, err)
	}
	do, err := s.approved(ctx, a, p, in)
	if err != nil {
		return Proposal{}, err
	}
	p, err = once(ctx, s, a, func(tx Tx) (Proposal, error) { return s.conclusion(tx, a, id, ProposalOpened, do) })
	return p, s.settled(ctx, err)
}

// approved returns what the proposal does in the transaction of its approval.
func (s *Service) approved(ctx context.Context, a Actor, p Proposal, in proposed) (func(Tx) (drawID string, err error), error) {
	if in.Seat != nil {
		return func(tx Tx) (string, error) {
			j, m, err := s.assisted(tx, *in.Seat)
			if err != nil {
				return "", err
			}
			return in.Seat.DrawID, s.move(tx, in.Seat.DrawID, j, m)
		}, nil
	}
	prep, err := s.prepare(ctx, a, *in.Draw)
	if err != nil {
		return nil, err
	}
	drawID, err := s.newID()
	if err != nil {
		return nil, err
	}
	officials := []string{p.ProposedBy, a.KeyID}
	slices.Sort(officials)
	return func(tx Tx) (string, error) {
		d, _, err := s.open(tx, prep, Draw{ID: drawID, City: in.Draw.City, RegisterID: in.Draw.RegisterID, LotteryID: in.Draw.Lottery}, officials)
		return d.ID, err
	}, nil
}

// conclusion ends a waiting proposal in tx. If the process dies before the commit, the proposal waits.
func (s *Service) conclusion(tx Tx, a Actor, id string, state ProposalState, do func(Tx) (string, error)) (Proposal, error) {
	p, err := ownProposal(tx, a, id)
	if err != nil {
		return Proposal{}, err
	}
	if p.State != ProposalWaiting {
		return Proposal{}, Refuse(KindConflict, "proposal_state", "the proposal is %s", p.State)
	}
	p.State, p.ApprovedBy = state, a.KeyID
	if p.DrawID, err = do(tx); err != nil {
		return Proposal{}, err
	}
	if err := tx.UpdateProposal(p); err != nil {
		return Proposal{}, err
	}
	p.Version++
	return p, nil
}

// Reject ends a proposal without effect.
func (s *Service) Reject(ctx context.Context, a Actor, id string) (Proposal, error) {
	return once(ctx, s, a, func(tx Tx) (Proposal, error) {
		return s.conclusion(tx, a, id, ProposalRejected, func(Tx) (string, error) { return "", nil })
	})
}
