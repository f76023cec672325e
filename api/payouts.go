package api

import (
	"context"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
)

// NewPayout is what somebody paid to a project.
type NewPayout struct {
	Project   string `json:"project" validate:"slug"`
	Account   string `json:"account" validate:"required,max=200" description:"to which it was paid; the project's own where it named one"`
	Amount    string `json:"amount" validate:"amount" description:"minor units, above 0"`
	Reference string `json:"reference" validate:"required,max=200" description:"of the payer's books, once for each project"`
	Version   int64  `json:"version" validate:"min=1,max=9007199254740991" description:"by which it was paid: the newest"`
}

// Payout is a recorded payout.
type Payout struct {
	Project   string `json:"project"`
	Account   string `json:"account"`
	Amount    string `json:"amount" description:"minor units"`
	Reference string `json:"reference"`
	Version   int64  `json:"version"`
	At        int64  `json:"at"`
}

type newPayout struct {
	ID   string `path:"round" validate:"id"`
	Body NewPayout
}

type safeBatch struct {
	ID      string `path:"round" validate:"id"`
	Version int64  `path:"version" validate:"min=0,max=9007199254740991" description:"0: the newest"`
	Chain   int64  `query:"chain" validate:"min=1,max=9007199254740991" required:"true" description:"EIP-155 chain id"`
	Safe    string `query:"safe" validate:"account" required:"true" description:"account that pays: 0x and 40 hex digits"`
	Token   string `query:"token" validate:"omitempty,account" description:"ERC-20 contract; left out: the chain's own coin"`
}

func (a *API) payoutRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/payouts", id: "recordPayout", tag: "rounds", status: 201, access: keyed,
			summary: "Record a payout",
			about:   "For stewards, after the money was sent: by the newest version, never more than it gives. It becomes a record of the public log.",
		}, a.recordPayout),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/payouts", id: "listPayouts", tag: "rounds", summary: "List payouts", about: "The oldest first.",
		}, a.listPayouts),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/versions/{version}/payouts.csv", id: "getPayoutsCSV", tag: "rounds", media: "text/csv", early: true,
			summary: "Download what is to be paid", about: "project,account,amount for every project that gets something; each needs an account.",
		}, a.getPayoutsCSV),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/versions/{version}/payouts.merkle.json", id: "getPayoutsMerkle", tag: "rounds", early: true,
			summary: "Download payouts as a Merkle distribution", about: "The tree with every account's proof, as a MerkleDistributor's tools read it; accounts are those of an EVM chain.",
		}, a.getPayoutsMerkle),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/versions/{version}/payouts.safe.json", id: "getPayoutsSafe", tag: "rounds", early: true,
			summary: "Download payouts as a batch for a Safe", about: "For the import of its transaction builder: one transfer an account.",
		}, a.getPayoutsSafe),
	}
}

func (a *API) recordPayout(ctx context.Context, q asked[newPayout]) (answer[Payout], error) {
	in := q.in.Body
	amount, err := units(in.Amount)
	if err != nil {
		return answer[Payout]{}, err
	}
	p, err := a.Service.RecordPayout(ctx, q.who, q.in.ID, service.NewPayout{
		Project: in.Project, Account: in.Account, Reference: in.Reference, Amount: amount, Version: in.Version,
	})
	return answer[Payout]{body: payoutOf(p), location: "/v1/rounds/" + q.in.ID + "/payouts"}, atAmount(err, "/amount")
}

func (a *API) listPayouts(ctx context.Context, q asked[inRound]) (answer[list[Payout]], error) {
	rows, err := a.Service.Payouts(ctx, q.in.ID)
	return whole(rows, payoutOf), err
}

func (a *API) getPayoutsCSV(ctx context.Context, q asked[byVersion], w *outflow) error {
	b, err := a.Service.PayoutsCSV(ctx, q.in.ID, q.in.Version)
	if err != nil {
		return a.untilResult(ctx, q.in.ID, err)
	}
	w.named("payouts-" + q.in.ID + ".csv")
	return w.whole(b, cacheRevalidate)
}

func (a *API) getPayoutsMerkle(ctx context.Context, q asked[byVersion], w *outflow) error {
	b, err := a.Service.PayoutsMerkle(ctx, q.in.ID, q.in.Version)
	if err != nil {
		return a.untilResult(ctx, q.in.ID, err)
	}
	w.named("payouts-" + q.in.ID + ".merkle.json")
	return w.whole(b, cacheRevalidate)
}

func (a *API) getPayoutsSafe(ctx context.Context, q asked[safeBatch], w *outflow) error {
	v, err := a.Service.Round(ctx, q.in.ID)
	if err != nil {
		return err
	}
	batch, err := q.in.batch(v)
	if err != nil {
		return err
	}
	b, err := a.Service.PayoutsSafe(ctx, q.in.ID, q.in.Version, batch)
	if err != nil {
		return a.untilResult(ctx, q.in.ID, err)
	}
	w.named("payouts-" + q.in.ID + ".safe.json")
	return w.whole(b, cacheRevalidate)
}

// batch has the second of the first result, so that equal requests get equal bytes.
func (in safeBatch) batch(v service.RoundView) (funding.Batch, error) {
	out := funding.Batch{Chain: uint64(in.Chain), Name: v.Terms.Name, Created: v.EndedAt * 1000}
	var err error
	if out.Safe, err = funding.ParseAccount(in.Safe); err != nil {
		return out, fieldRefusal("query:safe", "account", "safe: %v", err)
	}
	if in.Token == "" {
		return out, nil
	}
	token, err := funding.ParseAccount(in.Token)
	if err != nil {
		return out, fieldRefusal("query:token", "account", "token: %v", err)
	}
	out.Token = &token
	return out, nil
}

func payoutOf(p grants.Payout) Payout {
	return Payout{Project: p.Project, Account: p.Account, Amount: p.Amount.String(), Reference: p.Reference, Version: p.Version, At: p.At}
}
