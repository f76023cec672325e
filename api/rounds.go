package api

import (
	"context"
	"encoding/json"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

// Round is a funding round of a community and where it stands.
type Round struct {
	ID              string          `json:"id"`
	Community       string          `json:"community"`
	Subject         string          `json:"subject" description:"of its records in the log"`
	Name            string          `json:"name"`
	Status          string          `json:"status" enum:"announced,applications,review,gifts,closed,final,void" description:"by the clock until the end of the gifts. closed: waits for its beacon, its jury or the matching. final: it has a result, which may still be corrected"`
	Manifest        json.RawMessage `json:"manifest" description:"terms, parameters and who may give (docs/spec/round.md)"`
	Hash            string          `json:"hash" description:"of the manifest; gifts name it"`
	Chain           string          `json:"chain"`
	Beacon          int64           `json:"beacon,omitempty" description:"round of the chain that opens the gifts of a sealed round; absent: it is open"`
	Opens           int64           `json:"opens"`
	ApplicationsEnd int64           `json:"applications_end" description:"first second at which an application is too late"`
	GiftsStart      int64           `json:"gifts_start"`
	GiftsEnd        int64           `json:"gifts_end" description:"first second at which a gift is too late"`
	DueAt           int64           `json:"due_at" description:"when the result can be known at the earliest"`
	Rehearsal       bool            `json:"rehearsal" description:"true: the beacon is a development chain and nothing is paid"`
	Pool            string          `json:"pool" description:"in minor units, top-ups included"`
	Gifts           int64           `json:"gifts" description:"recorded, refunded ones with them"`
	Weights         int64           `json:"weights" description:"version of the personal weights in force; 0: none"`
	Versions        int64           `json:"versions" description:"of the result"`
	Result          string          `json:"result,omitempty" description:"SHA-256 of the file of the newest version"`
	Digest          string          `json:"digest,omitempty" description:"of what projects get by the newest version"`
	Payouts         int64           `json:"payouts" description:"recorded"`
	VoidReason      string          `json:"void_reason,omitempty"`
	EndedAt         int64           `json:"ended_at,omitempty" description:"first result or void"`
}

type inRound struct {
	ID string `path:"round" validate:"id"`
}

type roundsOf struct {
	Community string `query:"community" validate:"omitempty,slug" description:"left out: all communities"`
	window
}

type voidRound struct {
	ID      string `path:"round" validate:"id"`
	IfMatch string `header:"If-Match" description:"ETag of the round as it was read; another one is refused with 412"`
	Body    Void
}

func (a *API) roundRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/communities/{community}/rounds", id: "openRound", tag: "rounds", status: 201, access: keyed,
			summary: "Open a funding round",
			about:   "For stewards of the community. Who may give is frozen, and when this answers the manifest is in the public log. The charter and the beacon of a sealed round follow from the community's state: nobody chooses them.",
		}, a.openRound),
		define(operation{
			method: "GET", path: "/v1/rounds", id: "listRounds", tag: "rounds", summary: "List funding rounds", about: "The newest first.",
		}, a.listRounds),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}", id: "getRound", tag: "rounds", summary: "Get a funding round",
		}, a.getRound),
		define(operation{
			method: "GET", path: "/v1/rounds/by-hash/{hash}", id: "getRoundByHash", tag: "rounds", summary: "Find a funding round by the hash of its manifest",
		}, a.getRoundByHash),
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/void", id: "voidRound", tag: "rounds", access: keyed,
			summary: "Void a funding round", about: "For stewards, before it has a result. It stays in the log with its reason.",
		}, a.voidRound),
	}
}

func (a *API) listRounds(ctx context.Context, q asked[roundsOf]) (answer[list[Round]], error) {
	name := "rounds/" + q.in.Community
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Round]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.FundingRounds(ctx, q.in.Community, service.Window{After: after, Limit: limit})
	return stretch(rows, limit, roundOf, func(v service.RoundView) string { return cursorTo(name, v.ID) }), err
}

func (a *API) getRound(ctx context.Context, q asked[inRound]) (answer[Round], error) {
	return roundAnswer(a.Service.Round(ctx, q.in.ID))
}

func (a *API) getRoundByHash(ctx context.Context, q asked[byHash]) (answer[Round], error) {
	hash, err := beacon.ParseHash(q.in.Hash)
	if err != nil {
		return answer[Round]{}, err
	}
	return roundAnswer(a.Service.RoundByHash(ctx, hash))
}

func (a *API) voidRound(ctx context.Context, q asked[voidRound]) (answer[Round], error) {
	if err := a.unchangedRound(ctx, q.in.ID, q.in.IfMatch); err != nil {
		return answer[Round]{}, err
	}
	return actedRound(a.Service.VoidRound(ctx, q.who, q.in.ID, q.in.Body.Reason))
}

// unchangedRound refuses early what was decided about a round as it is no more; the service decides races.
func (a *API) unchangedRound(ctx context.Context, id, ifMatch string) error {
	if ifMatch == "" {
		return nil
	}
	v, err := a.Service.Round(ctx, id)
	if err != nil {
		return err
	}
	return unchanged(ifMatch, roundOf(v))
}

func roundAnswer(v service.RoundView, err error) (answer[Round], error) {
	if err != nil {
		return answer[Round]{}, err
	}
	return ok(roundOf(v)), nil
}

// actedRound answers with the round at the second of its newest record, not as it stands now: a replay
// gives the same answer.
func actedRound(v service.RoundView, err error) (answer[Round], error) {
	if err != nil {
		return answer[Round]{}, err
	}
	v.Status = stageAt(v, v.LastAt)
	return ok(roundOf(v)), nil
}

// stageAt is a round's status at a second.
func stageAt(v service.RoundView, at int64) string {
	switch {
	case v.State != service.RoundOpen:
		return string(v.State)
	case at < v.Opens:
		return "announced"
	case at < v.Terms.ApplicationsEnd:
		return "applications"
	case at < v.GiftsStart:
		return "review"
	case at < v.GiftsEnd:
		return "gifts"
	}
	return string(service.RoundClosed)
}

func roundOf(v service.RoundView) Round {
	out := Round{
		ID: v.ID, Community: v.Community, Subject: v.Subject, Name: v.Terms.Name, Status: v.Status, Manifest: v.Manifest,
		Hash: v.Hash.String(), Chain: v.Chain.String(), Beacon: int64(v.Beacon), Opens: v.Opens, ApplicationsEnd: v.Terms.ApplicationsEnd,
		GiftsStart: v.GiftsStart, GiftsEnd: v.GiftsEnd, DueAt: v.DueAt, Rehearsal: v.Rehearsal, Pool: v.Pool.String(), Gifts: v.Gifts,
		Weights: v.Weights, Versions: v.Versions, Payouts: v.Payouts, VoidReason: v.VoidReason, EndedAt: v.EndedAt,
	}
	if v.Versions > 0 {
		out.Result, out.Digest = v.Result.String(), v.Digest.String()
	}
	return out
}
