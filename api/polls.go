package api

import (
	"context"
	"encoding/json"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

// Poll is a question put to a community and what became of it.
type Poll struct {
	ID         string          `json:"id"`
	Community  string          `json:"community"`
	Subject    string          `json:"subject" description:"of its records in the log"`
	Status     string          `json:"status" enum:"open,closed,counted,void" description:"closed: waits for the round. counted and void are final"`
	Manifest   json.RawMessage `json:"manifest" description:"question, rules and rolls (docs/spec/poll.md)"`
	Hash       string          `json:"hash" description:"of the manifest; ballots name it"`
	Chain      string          `json:"chain"`
	Round      int64           `json:"round" description:"opens the ballots and breaks ties"`
	Opens      int64           `json:"opens"`
	Closes     int64           `json:"closes" description:"first second at which a ballot is too late"`
	DueAt      int64           `json:"due_at" description:"when the round is made"`
	Rehearsal  bool            `json:"rehearsal" description:"true: the beacon is a development chain and the poll decides nothing"`
	Ballots    int64           `json:"ballots" description:"recorded"`
	Voters     int64           `json:"voters" description:"who have one at least"`
	Outcome    json.RawMessage `json:"outcome,omitempty" description:"docs/spec/tally.md; absent until counted"`
	Transcript string          `json:"transcript,omitempty" description:"SHA-256 of the transcript"`
	VoidReason string          `json:"void_reason,omitempty"`
	EndedAt    int64           `json:"ended_at,omitempty"`
}

type byPoll struct {
	ID string `path:"poll" validate:"id"`
}

type byHash struct {
	Hash string `path:"hash" validate:"hash"`
}

type pollsOf struct {
	Community string `query:"community" validate:"omitempty,slug" description:"left out: all communities"`
	window
}

type voidPoll struct {
	ID      string `path:"poll" validate:"id"`
	IfMatch string `header:"If-Match" description:"ETag of the poll as it was read; another one is refused with 412"`
	Body    Void
}

func (a *API) pollRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/communities/{community}/polls", id: "openPoll", tag: "polls", status: 201, access: keyed,
			summary: "Open a poll",
			about:   "For stewards of the community. Rolls and panel are frozen, and when this answers the manifest is in the public log. Chambers, shares, quorums and the closing round follow from the charter: nobody chooses them.",
		}, a.openPoll),
		define(operation{
			method: "GET", path: "/v1/polls", id: "listPolls", tag: "polls", summary: "List polls", about: "The newest first.",
		}, a.listPolls),
		define(operation{
			method: "GET", path: "/v1/polls/{poll}", id: "getPoll", tag: "polls", summary: "Get a poll",
		}, a.getPoll),
		define(operation{
			method: "GET", path: "/v1/polls/by-hash/{hash}", id: "getPollByHash", tag: "polls", summary: "Find a poll by the hash of its manifest",
		}, a.getPollByHash),
		raw(operation{
			method: "GET", path: "/v1/polls/{poll}/events", id: "followPoll", tag: "polls", media: "text/event-stream",
			summary: "Follow a poll",
			about:   "Server-sent events: the poll as JSON whenever it changed, the last one when it is counted or void. Last-Event-ID leaves out what was seen.",
		}, a.followPoll),
		define(operation{
			method: "POST", path: "/v1/polls/{poll}/void", id: "voidPoll", tag: "polls", access: keyed,
			summary: "Void a poll", about: "For stewards, before it closes. It stays in the log with its reason.",
		}, a.voidPoll),
	}
}

func (a *API) listPolls(ctx context.Context, q asked[pollsOf]) (answer[list[Poll]], error) {
	name := "polls/" + q.in.Community
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Poll]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Polls(ctx, q.in.Community, service.Window{After: after, Limit: limit})
	return stretch(rows, limit, pollOf, func(v service.PollView) string { return cursorTo(name, v.ID) }), err
}

func (a *API) getPoll(ctx context.Context, q asked[byPoll]) (answer[Poll], error) {
	v, err := a.Service.Poll(ctx, q.in.ID)
	return ok(pollOf(v)), err
}

func (a *API) getPollByHash(ctx context.Context, q asked[byHash]) (answer[Poll], error) {
	hash, err := beacon.ParseHash(q.in.Hash)
	if err != nil {
		return answer[Poll]{}, err
	}
	v, err := a.Service.PollByHash(ctx, hash)
	return ok(pollOf(v)), err
}

func (a *API) voidPoll(ctx context.Context, q asked[voidPoll]) (answer[Poll], error) {
	if q.in.IfMatch != "" {
		v, err := a.Service.Poll(ctx, q.in.ID)
		if err == nil {
			err = unchanged(q.in.IfMatch, pollOf(v))
		}
		if err != nil {
			return answer[Poll]{}, err
		}
	}
	p, err := a.Service.VoidPoll(ctx, q.who, q.in.ID, q.in.Body.Reason)
	return ok(pollOf(service.PollView{Poll: p, Status: string(p.State)})), err
}

func pollOf(v service.PollView) Poll {
	out := Poll{
		ID: v.ID, Community: v.Community, Subject: v.Subject, Status: v.Status, Manifest: v.Manifest, Hash: v.Hash.String(),
		Chain: v.Chain.String(), Round: int64(v.Round), Opens: v.Opens, Closes: v.Closes, DueAt: v.DueAt, Rehearsal: v.Rehearsal,
		Ballots: v.Ballots, Voters: v.Voters, Outcome: v.Outcome, VoidReason: v.VoidReason, EndedAt: v.EndedAt,
	}
	if v.State == service.PollCounted {
		out.Transcript = v.Transcript.String()
	}
	return out
}
