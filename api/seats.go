package api

import (
	"context"

	"kleroterion/service"
	"kleroterion/service/seating"
)

// NewJury offers the places of a draw to the people drawn.
type NewJury struct {
	Answer   int64 `json:"answer" validate:"min=1,max=7776000" description:"seconds that an invited person has to answer; 3600 at least, but on a rehearsal"`
	Starts   int64 `json:"starts" validate:"min=1,max=9007199254740991" description:"first second of the term"`
	Ends     int64 `json:"ends" validate:"min=1,max=9007199254740991" description:"first second after the term"`
	Deferral bool  `json:"deferral,omitempty" description:"a person may defer once"`
}

// ReturnedLetters names invited people whose letter came back.
type ReturnedLetters struct {
	Seats []int64 `json:"seats" validate:"min=1,max=10000,unique,dive,min=1,max=10000000" description:"numbers of their seats, from 1"`
}

// Recusal takes a serving person out of one poll.
type Recusal struct {
	Seat   int64  `json:"seat" validate:"min=1,max=10000000" description:"number of the seat, from 1"`
	Poll   string `json:"poll" validate:"max=200,subject" description:"subject of a poll that has not opened: community/<slug>/poll/<name>"`
	Ground string `json:"ground" validate:"oneof=health care work studies away moved interest other"`
}

type newJury struct {
	Draw string `path:"draw" validate:"id"`
	Body NewJury
}

type returnedOf struct {
	Draw string `path:"draw" validate:"id"`
	Body ReturnedLetters
}

type recusalOf struct {
	Draw string `path:"draw" validate:"id"`
	Body Recusal
}

func (a *API) seatRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/draws/{draw}/seats", id: "openSeats", tag: "seats", status: 201, access: keyed, early: true,
			summary: "Offer the seats of a draw",
			about:   "Everybody who was drawn is invited in this call, and their letters can be printed at once. Who is next when a seat falls vacant follows from the result by rule (docs/spec/seat.md): nobody ever picks a person.",
		}, a.openSeats),
		define(operation{
			method: "GET", path: "/v1/draws/{draw}/seats", id: "getJury", tag: "seats",
			summary: "See what became of the seats", about: "People are named by their register ids. 404 until the seats are offered.",
		}, a.getJury),
		define(operation{
			method: "POST", path: "/v1/draws/{draw}/seats/undeliverable", id: "returnLetters", tag: "seats", access: keyed,
			summary: "Say whose letters came back", about: "Each of these seats is offered to the next person by rule at once.",
		}, a.returnLetters),
		define(operation{
			method: "POST", path: "/v1/draws/{draw}/seats/recuse", id: "recuseSeat", tag: "seats", access: keyed,
			summary: "Take a seat out of one poll", about: "Before the poll opens. The person keeps the seat.",
		}, a.recuseSeat),
	}
}

func (a *API) openSeats(ctx context.Context, q asked[newJury]) (answer[Jury], error) {
	in := q.in.Body
	v, err := a.Service.OpenSeats(ctx, q.who, service.NewJury{
		DrawID: q.in.Draw, Answer: in.Answer, Starts: in.Starts, Ends: in.Ends, Deferral: in.Deferral,
	})
	return answer[Jury]{body: juryOf(v), location: "/v1/draws/" + q.in.Draw + "/seats"}, err
}

func (a *API) getJury(ctx context.Context, q asked[byDraw]) (answer[Jury], error) {
	v, err := a.Service.Jury(ctx, q.in.ID)
	return ok(juryOf(v)), err
}

func (a *API) returnLetters(ctx context.Context, q asked[returnedOf]) (answer[Jury], error) {
	v, err := a.Service.Undeliverable(ctx, q.who, q.in.Draw, q.in.Body.Seats)
	return ok(juryOf(v)), err
}

func (a *API) recuseSeat(ctx context.Context, q asked[recusalOf]) (answer[Jury], error) {
	in := q.in.Body
	v, err := a.Service.Recuse(ctx, q.who, q.in.Draw, in.Seat, in.Poll, seating.Ground(in.Ground))
	return ok(juryOf(v)), err
}
