package api

import (
	"context"
	"encoding/json"
	"fmt"

	"kleroterion/service"
	"kleroterion/service/seating"
)

// Proposal is what one official asks for and another has to approve.
type Proposal struct {
	ID         string    `json:"id"`
	City       string    `json:"city"`
	State      string    `json:"state" enum:"waiting,opened,rejected" description:"opened: approved and done"`
	Draw       *NewDraw  `json:"draw,omitempty" description:"the draw that is asked for"`
	Seat       *SeatMove `json:"seat,omitempty" description:"the answer or withdrawal that is to be entered"`
	ProposedBy string    `json:"proposed_by" description:"id of the first official's key"`
	DecidedBy  string    `json:"decided_by,omitempty" description:"id of the second official's key; absent while waiting"`
	Made       string    `json:"made,omitempty" description:"id of the draw that was opened, or whose seat was moved"`
	CreatedAt  int64     `json:"created_at"`
}

// NewProposal asks for exactly one thing.
type NewProposal struct {
	Draw *NewDraw  `json:"draw,omitempty" description:"as for POST /v1/draws, in a city whose policy asks for two officials"`
	Seat *SeatMove `json:"seat,omitempty" description:"what a person told an official by phone, by card or in person"`
}

// SeatMove is what two officials enter for a person.
type SeatMove struct {
	Draw   string `json:"draw" validate:"id" description:"whose seats"`
	Seat   int64  `json:"seat" validate:"min=1,max=10000000" description:"number of the seat, from 1"`
	Act    string `json:"act" validate:"oneof=accept decline defer withdraw"`
	Ground string `json:"ground,omitempty" validate:"omitempty,oneof=health care work studies away moved interest other" description:"of defer and withdraw, and only there"`
}

type newProposal struct {
	Body NewProposal
}

type byProposal struct {
	ID string `path:"proposal" validate:"id"`
}

type proposalsOf struct {
	City string `query:"city" validate:"slug" required:"true"`
	window
}

func (a *API) proposalRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/proposals", id: "propose", tag: "proposals", status: 201, access: keyed,
			summary: "Propose a draw or an assisted answer",
			about:   "The first of two officials. What is proposed is checked now and again when another official approves it; nobody alone speaks for a person.",
		}, a.propose),
		define(operation{
			method: "GET", path: "/v1/proposals", id: "listProposals", tag: "proposals", access: keyed,
			summary: "List a city's proposals", about: "The newest first.",
		}, a.listProposals),
		define(operation{
			method: "GET", path: "/v1/proposals/{proposal}", id: "getProposal", tag: "proposals", access: keyed, summary: "Get a proposal",
		}, a.getProposal),
		define(operation{
			method: "POST", path: "/v1/proposals/{proposal}/approve", id: "approve", tag: "proposals", access: keyed,
			summary: "Approve a proposal", about: "The second of two officials: the key that proposed it is refused. What was proposed is done when this answers.",
		}, a.approve),
		define(operation{
			method: "POST", path: "/v1/proposals/{proposal}/reject", id: "reject", tag: "proposals", access: keyed,
			summary: "Reject a proposal", about: "It ends without effect. Its own proposer may do so too.",
		}, a.reject),
	}
}

func (a *API) propose(ctx context.Context, q asked[newProposal]) (answer[Proposal], error) {
	in := q.in.Body
	if (in.Draw == nil) == (in.Seat == nil) {
		return answer[Proposal]{}, service.Refuse(service.KindInvalid, "proposal", "a proposal has draw or seat: one of them")
	}
	var p service.Proposal
	var err error
	if in.Draw != nil {
		p, err = a.Service.ProposeDraw(ctx, q.who, in.Draw.asked())
	} else {
		p, err = a.Service.ProposeSeat(ctx, q.who, service.SeatMove{
			DrawID: in.Seat.Draw, Seat: in.Seat.Seat, Act: seating.Act(in.Seat.Act), Ground: seating.Ground(in.Seat.Ground),
		})
	}
	out, err := proposed(p, err)
	out.location = "/v1/proposals/" + p.ID
	return out, err
}

func (a *API) listProposals(ctx context.Context, q asked[proposalsOf]) (answer[list[Proposal]], error) {
	name := "proposals/" + q.in.City
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Proposal]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Proposals(ctx, q.who, q.in.City, service.Window{After: after, Limit: limit})
	if err != nil {
		return answer[list[Proposal]]{}, err
	}
	shown := make([]Proposal, len(rows))
	for i, p := range rows {
		if shown[i], err = proposalOf(p); err != nil {
			return answer[list[Proposal]]{}, err
		}
	}
	same := func(p Proposal) Proposal { return p }
	return stretch(shown, limit, same, func(p Proposal) string { return cursorTo(name, p.ID) }), nil
}

func (a *API) getProposal(ctx context.Context, q asked[byProposal]) (answer[Proposal], error) {
	return proposed(a.Service.Proposal(ctx, q.who, q.in.ID))
}

func (a *API) approve(ctx context.Context, q asked[byProposal]) (answer[Proposal], error) {
	return proposed(a.Service.Approve(ctx, q.who, q.in.ID))
}

func (a *API) reject(ctx context.Context, q asked[byProposal]) (answer[Proposal], error) {
	return proposed(a.Service.Reject(ctx, q.who, q.in.ID))
}

func proposed(p service.Proposal, err error) (answer[Proposal], error) {
	if err != nil {
		return answer[Proposal]{}, err
	}
	out, err := proposalOf(p)
	return ok(out), err
}

func proposalOf(p service.Proposal) (Proposal, error) {
	out := Proposal{
		ID: p.ID, City: p.City, State: string(p.State), ProposedBy: p.ProposedBy, DecidedBy: p.ApprovedBy, Made: p.DrawID, CreatedAt: p.CreatedAt,
	}
	var request struct {
		Draw *service.NewDraw  `json:"draw"`
		Seat *service.SeatMove `json:"seat"`
	}
	if err := json.Unmarshal(p.Request, &request); err != nil {
		return Proposal{}, fmt.Errorf("request of proposal %s: %w", p.ID, err)
	}
	if d := request.Draw; d != nil {
		out.Draw = newDrawOf(*d)
	}
	if s := request.Seat; s != nil {
		out.Seat = &SeatMove{Draw: s.DrawID, Seat: s.Seat, Act: string(s.Act), Ground: string(s.Ground)}
	}
	return out, nil
}
