package api

import (
	"context"

	"kleroterion/service"
	"kleroterion/service/seating"
)

// Invitation is what a code opens: what is public about one seat anyway.
type Invitation struct {
	City     string `json:"city"`
	Decision string `json:"decision" description:"subject of the draw"`
	Subject  string `json:"subject" description:"of the seats; a key that is given signs over it"`
	Seat     int64  `json:"seat" description:"number of the seat, from 1"`
	Stratum  string `json:"stratum"`
	State    string `json:"state" enum:"vacant,invited,serving,empty,completed" description:"of the seat now"`
	ID       string `json:"id,omitempty" description:"register id of the person who is invited or serves"`
	HasKey   bool   `json:"has_key" description:"whoever serves can vote with a key of their own"`
	Purpose  string `json:"purpose" enum:"answer,key" description:"answer: accept, decline or defer. key: give a key, withdraw or be recused"`
	Deadline int64  `json:"deadline" description:"first second at which the code is too late"`
	Starts   int64  `json:"starts" description:"first second of the term"`
	Ends     int64  `json:"ends" description:"first second after the term"`
	Deferral bool   `json:"deferral" description:"whether a person may defer once"`
}

// TypedCode is a code from a letter.
type TypedCode struct {
	Code string `json:"code" validate:"required,max=100" description:"as typed: any case, with or without dashes and spaces"`
}

// NewAnswer is what a person does with a code.
type NewAnswer struct {
	Code   string     `json:"code" validate:"required,max=100" description:"as typed: any case, with or without dashes and spaces"`
	Act    string     `json:"act" validate:"oneof=accept decline defer key withdraw recuse" description:"a code for an answer takes the first three, a code for a key the others"`
	Ground string     `json:"ground,omitempty" validate:"omitempty,oneof=health care work studies away moved interest other" description:"of defer, withdraw and recuse, and only there"`
	Poll   string     `json:"poll,omitempty" validate:"omitempty,max=200,subject" description:"of recuse: subject of the poll"`
	Key    *PublicKey `json:"key,omitempty" description:"of key, and if wanted of accept: the key that votes for the seat"`
	Proof  *Signature `json:"proof,omitempty" description:"with key: its signature, as a seat message, over {act,id,key,seat,subject,v} in canonical form (docs/spec/seat.md)"`
}

type look struct {
	Body TypedCode
}

type newAnswer struct {
	Body NewAnswer
}

func (a *API) invitationRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/invitations/look", id: "lookAtInvitation", tag: "invitations", pace: coded, limit: 4 << 10,
			summary: "See what a code opens",
			about:   "The code is in the body, where nobody logs it. Unknown, used, replaced and expired codes are refused alike.",
		}, a.lookAtInvitation),
		define(operation{
			method: "POST", path: "/v1/invitations/answer", id: "answerInvitation", tag: "invitations", pace: coded, limit: 24 << 10,
			summary: "Answer an invitation", about: "The code ends with it. A seat that falls vacant is offered to the next person by rule at once.",
		}, a.answerInvitation),
	}
}

func (a *API) lookAtInvitation(ctx context.Context, q asked[look]) (answer[Invitation], error) {
	v, err := a.Service.Invitation(ctx, q.in.Body.Code)
	return ok(invitationOf(v)), err
}

func (a *API) answerInvitation(ctx context.Context, q asked[newAnswer]) (answer[Invitation], error) {
	in := q.in.Body
	key, err := in.Key.key()
	if err != nil {
		return answer[Invitation]{}, err
	}
	proof, err := in.Proof.signature()
	if err != nil {
		return answer[Invitation]{}, err
	}
	if proof != nil && key == nil {
		return answer[Invitation]{}, service.Refuse(service.KindInvalid, "proof", "a proof comes with its key")
	}
	v, err := a.Service.Answer(ctx, in.Code, service.Answer{
		Act: seating.Act(in.Act), Ground: seating.Ground(in.Ground), Poll: in.Poll, Key: key, Proof: proof,
	})
	return ok(invitationOf(v)), err
}

func invitationOf(v service.Invitation) Invitation {
	out := Invitation{
		City: v.City, Decision: v.Decision, Subject: v.Subject, Seat: v.Seat.N, Stratum: v.Seat.Stratum, State: string(v.Seat.State),
		ID: v.Seat.Holder, HasKey: v.Seat.Key != nil, Purpose: string(v.Purpose), Deadline: v.Seat.Deadline,
		Starts: v.Terms.Starts, Ends: v.Terms.Ends, Deferral: v.Terms.Deferral,
	}
	if out.Deadline == 0 {
		out.Deadline = out.Ends
	}
	return out
}
