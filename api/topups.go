package api

import (
	"context"

	"kleroterion/service"
	"kleroterion/service/grants"
)

// NewTopup adds money to a round's pool.
type NewTopup struct {
	Amount    string `json:"amount" validate:"amount" description:"minor units, above 0"`
	Reference string `json:"reference" validate:"required,max=200" description:"what the payer's books say"`
}

// Topup is money that was added to a round's pool.
type Topup struct {
	Amount    string `json:"amount" description:"minor units"`
	Reference string `json:"reference"`
	At        int64  `json:"at"`
}

type newTopup struct {
	ID   string `path:"round" validate:"id"`
	Body NewTopup
}

func (a *API) topupRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/topups", id: "topUp", tag: "rounds", access: keyed,
			summary: "Add money to the pool", about: "For stewards, until the round is closed. It becomes a record of the public log; the answer is the round with the larger pool.",
		}, a.topUp),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/topups", id: "listTopups", tag: "rounds",
			summary: "List what was added to the pool", about: "The oldest first.",
		}, a.listTopups),
	}
}

func (a *API) topUp(ctx context.Context, q asked[newTopup]) (answer[Round], error) {
	amount, err := units(q.in.Body.Amount)
	if err != nil {
		return answer[Round]{}, err
	}
	v, err := a.Service.TopUp(ctx, q.who, q.in.ID, service.NewTopup{Amount: amount, Reference: q.in.Body.Reference})
	return actedRound(v, atAmount(err, "/amount"))
}

func (a *API) listTopups(ctx context.Context, q asked[inRound]) (answer[list[Topup]], error) {
	rows, err := a.Service.Topups(ctx, q.in.ID)
	return whole(rows, topupOf), err
}

func topupOf(t grants.Topup) Topup {
	return Topup{Amount: t.Amount.String(), Reference: t.Reference, At: t.At}
}

// whole is the answer for a list that is short enough to be told at once.
func whole[S, T any](rows []S, convert func(S) T) answer[list[T]] {
	return stretch(rows, -1, convert, nil)
}
