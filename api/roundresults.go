package api

import (
	"context"
	"strconv"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
)

// NewCorrection asks for the next version of a round's result.
type NewCorrection struct {
	Changes []Correction `json:"changes" validate:"max=10000,dive" description:"all that differ from what was recorded, not from the version before: donors ascending, then projects ascending, each once; empty: takes all back"`
	Reason  string       `json:"reason" validate:"required,max=500"`
}

// Correction is one difference from what was recorded: a donor or project struck, or another weight of a donor.
type Correction struct {
	Donor   string `json:"donor,omitempty" validate:"omitempty,donorid" description:"pseudonym of the round"`
	Project string `json:"project,omitempty" validate:"omitempty,slug"`
	Weight  *int64 `json:"weight,omitempty" format:"int64" validate:"omitempty,min=0,max=1000000" description:"of the donor, in parts per million"`
	What    string `json:"what,omitempty" validate:"omitempty,oneof=struck"`
}

// RoundVersion is one result of a round. The first follows the close, the others are corrections.
type RoundVersion struct {
	Version int64        `json:"version"`
	At      int64        `json:"at"`
	Digest  string       `json:"digest" description:"of what projects get"`
	File    string       `json:"file" description:"SHA-256 of the result's file"`
	Reason  string       `json:"reason,omitempty" description:"of a correction"`
	Changes []Correction `json:"changes"`
}

// AmountChange is what one project gets before and after.
type AmountChange struct {
	Project string `json:"project"`
	Before  string `json:"before" description:"minor units"`
	After   string `json:"after" description:"minor units"`
}

type newCorrection struct {
	ID   string `path:"round" validate:"id"`
	Body NewCorrection
}

type correctionAt struct {
	ID  string `path:"round" validate:"id"`
	Job string `path:"job" validate:"job"`
}

type byVersion struct {
	ID      string `path:"round" validate:"id"`
	Version int64  `path:"version" validate:"min=0,max=9007199254740991" description:"0: the newest"`
}

type diffOf struct {
	byVersion
	From int64 `query:"from" validate:"min=0,max=9007199254740991" description:"version to compare with; left out: the one before"`
}

func (a *API) resultRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/corrections", id: "correctRound", tag: "rounds", status: 202, access: keyed,
			summary: "Correct a round's result", about: "For stewards. A job matches again and makes the next version; those before stay.",
		}, a.correctRound),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/corrections/{job}", id: "getCorrection", tag: "rounds", access: keyed,
			summary: "Get the job of a correction", about: "For stewards. Its report says which version it made, or why it was refused.",
		}, a.getCorrection),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/versions", id: "listRoundVersions", tag: "rounds",
			summary: "List the versions of a result", about: "The oldest first; none before the first result.",
		}, a.listRoundVersions),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/versions/{version}", id: "getRoundResult", tag: "rounds", early: true,
			summary: "Get a version of the result", about: "The canonical bytes whose digest the log holds (docs/spec/round.md). Before the result: 409 with Retry-After.",
		}, a.getRoundResult),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/versions/{version}/diff", id: "diffRoundVersions", tag: "rounds", early: true,
			summary: "Compare two versions", about: "The projects that get another amount, by id.",
		}, a.diffRoundVersions),
	}
}

func (a *API) correctRound(ctx context.Context, q asked[newCorrection]) (answer[Job], error) {
	in := service.NewCorrection{Reason: q.in.Body.Reason, Changes: []grants.Correction{}}
	for _, c := range q.in.Body.Changes {
		in.Changes = append(in.Changes, grants.Correction(c))
	}
	job, err := a.Service.Correct(ctx, q.who, q.in.ID, in)
	return answer[Job]{body: jobOf(job), location: "/v1/rounds/" + q.in.ID + "/corrections/" + job.ID}, err
}

func (a *API) getCorrection(ctx context.Context, q asked[correctionAt]) (answer[Job], error) {
	job, err := a.Service.Correction(ctx, q.who, q.in.ID, q.in.Job)
	return ok(jobOf(job)), err
}

func (a *API) listRoundVersions(ctx context.Context, q asked[inRound]) (answer[list[RoundVersion]], error) {
	rows, err := a.Service.RoundVersions(ctx, q.in.ID)
	return whole(rows, roundVersionOf), err
}

func roundVersionOf(v service.RoundVersion) RoundVersion {
	out := RoundVersion{Version: v.Number, At: v.At, Digest: v.Digest.String(), File: v.File.String(), Reason: v.Reason, Changes: []Correction{}}
	for _, c := range v.Changes {
		out.Changes = append(out.Changes, Correction(c))
	}
	return out
}

func (a *API) getRoundResult(ctx context.Context, q asked[byVersion], w *outflow) error {
	_, text, err := a.Service.RoundResult(ctx, q.in.ID, q.in.Version)
	if err != nil {
		return a.untilResult(ctx, q.in.ID, err)
	}
	return w.whole(text, q.in.cache())
}

// cache is for ever where the version is named by its number.
func (in byVersion) cache() string {
	if in.Version == 0 {
		return cacheRevalidate
	}
	return cacheForever
}

func (a *API) diffRoundVersions(ctx context.Context, q asked[diffOf]) (answer[list[AmountChange]], error) {
	v, err := a.Service.Round(ctx, q.in.ID)
	if err != nil {
		return answer[list[AmountChange]]{}, err
	}
	to, from := q.in.Version, q.in.From
	if to == 0 {
		to = v.Versions
	}
	if from == 0 {
		from = to - 1
	}
	if from < 1 && v.Versions > 0 {
		return answer[list[AmountChange]]{}, fieldRefusal("query:from", "from", "version %s has none before it: name the version to compare with", strconv.FormatInt(to, 10))
	}
	rows, err := a.Service.RoundDiff(ctx, q.in.ID, max(from, 0), to)
	return whole(rows, amountChangeOf), a.untilResult(ctx, q.in.ID, err)
}

func amountChangeOf(c funding.Change) AmountChange {
	return AmountChange{Project: c.Project, Before: c.Before.String(), After: c.After.String()}
}

// untilResult says with a refusal that comes too early when it may not any more.
func (a *API) untilResult(ctx context.Context, id string, early error) error {
	if service.KindOf(early) != service.KindTooEarly {
		return early
	}
	v, err := a.Service.Round(ctx, id)
	if err != nil {
		return err
	}
	return later{early, max(v.DueAt-a.Now().Unix(), retryAfter[service.KindTooEarly])}
}
