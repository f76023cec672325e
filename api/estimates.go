package api

import (
	"context"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// Estimate is what a round would give if it ended now.
type Estimate struct {
	Round       string     `json:"round" description:"id of the round"`
	Through     int64      `json:"through" description:"number in the round's subject of the newest record that is in it"`
	Gifts       int64      `json:"gifts" description:"recorded until then, refunded and sealed ones with them"`
	Pool        string     `json:"pool" description:"minor units, as all amounts"`
	Solidarity  string     `json:"solidarity" description:"shared equally first"`
	Unallocated string     `json:"unallocated"`
	JuryPart    string     `json:"jury_part" description:"for the jury's votes to share; all of its share until its poll is counted"`
	Projects    []Matching `json:"projects" description:"that count, by id; amounts are those of the matching, without the jury's part"`
	Sealed      bool       `json:"sealed" description:"only payments of connectors are in it: nobody can read what donors sealed"`
	Exact       bool       `json:"exact" description:"false: under this rule every gift moves every amount, so it is matched only every few seconds"`
}

// RoundEvent is what the events of a round tell.
type RoundEvent struct {
	Round    Round     `json:"round"`
	Estimate *Estimate `json:"estimate,omitempty" description:"absent of a void round"`
}

type whatIf struct {
	ID      string `path:"round" validate:"id"`
	Project string `query:"project" validate:"slug" required:"true"`
	Amount  string `query:"amount" validate:"amount" required:"true" description:"minor units"`
	Donor   string `query:"donor" validate:"omitempty,donor" description:"as on the roll; left out: somebody who has given nothing"`
}

type followedRound struct {
	ID   string `path:"round" validate:"id"`
	Last string `header:"Last-Event-ID" description:"id of the last event that was seen"`
}

func (a *API) estimateRoutes() []route {
	return []route{
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/estimate", id: "getEstimate", tag: "rounds", early: true,
			summary: "Estimate the match", about: "By the gifts recorded so far: to the unit what the result will pay if nothing more comes. A void round has none: 409.",
		}, a.getEstimate),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/estimate/what-if", id: "whatIf", tag: "rounds", early: true, named: true,
			summary: "Ask what one more gift would change",
			about:   "The projects whose amount of matching would be another, by id. What intake would refuse is refused here too; under the rule cocm it cannot be told: 409.",
		}, a.whatIf),
		raw(operation{
			method: "GET", path: "/v1/rounds/{round}/events", id: "followRound", tag: "rounds", media: "text/event-stream",
			summary: "Follow a round",
			about:   "Server-sent events: {round, estimate} as JSON when they changed, twice a second at most, the last one when the round is final or void. Last-Event-ID leaves out what was seen.",
		}, a.followRound),
	}
}

func (a *API) getEstimate(ctx context.Context, q asked[inRound]) (answer[Estimate], error) {
	e, err := a.Service.Estimate(ctx, q.in.ID)
	return ok(estimateOf(e)), err
}

func (a *API) whatIf(ctx context.Context, q asked[whatIf]) (answer[list[AmountChange]], error) {
	amount, err := units(q.in.Amount)
	if err != nil {
		return answer[list[AmountChange]]{}, err
	}
	rows, err := a.Service.WhatIf(ctx, q.in.ID, service.WhatIf{Donor: q.in.Donor, Project: q.in.Project, Amount: amount})
	return whole(rows, amountChangeOf), atAmount(err, "query:amount")
}

func estimateOf(e service.EstimateView) Estimate {
	out := Estimate{
		Round: e.Round, Through: e.Through, Gifts: e.Gifts, Pool: e.Pool.String(), Solidarity: e.Solidarity.String(),
		Unallocated: e.Unallocated.String(), JuryPart: e.JuryPart.String(), Projects: make([]Matching, len(e.Projects)), Sealed: e.Sealed, Exact: e.Exact,
	}
	for i, p := range e.Projects {
		out.Projects[i] = matchingOf(p)
	}
	return out
}

func (a *API) followRound(c *gin.Context, q asked[followedRound]) error {
	return a.follow(c, a.watchers, q.in.Last, func(ctx context.Context) (shown, error) {
		v, e, err := a.roundNow(ctx, q.in.ID)
		if err != nil {
			return shown{}, err
		}
		return a.told.show(v, e)
	})
}

// roundNow is a round with its estimate, empty of a void one.
func (a *API) roundNow(ctx context.Context, id string) (service.RoundView, service.EstimateView, error) {
	v, err := a.Service.Round(ctx, id)
	if err != nil || v.State == service.RoundVoid {
		return v, service.EstimateView{}, err
	}
	e, err := a.Service.Estimate(ctx, id)
	if service.KindOf(err) != service.KindConflict {
		return v, e, err
	}
	now, again := a.Service.Round(ctx, id)
	if again == nil && now.State == service.RoundVoid { // since it was read
		return now, service.EstimateView{}, nil
	}
	return now, e, err
}
