package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"kleroterion/service/poll"
)

// ballotLimit holds the longest choice of docs/spec/tally.md in an open ballot, and the longest passkey
// signature beside it. A sealed ballot has a few kilobytes.
const ballotLimit = 24 << 10

// NewBallot is a signed ballot.
type NewBallot struct {
	Ballot    json.RawMessage `json:"ballot" description:"the canonical object that was signed, byte for byte (docs/spec/poll.md)"`
	Signature Signature       `json:"signature" description:"over the ballot as a ballot message, by the voter's key on the roll"`
}

// Receipt promises that a ballot or a gift is recorded. It never shows what is in it.
type Receipt struct {
	Receipt   json.RawMessage `json:"receipt" description:"canonical (docs/spec/poll.md, docs/spec/round.md)"`
	Signature string          `json:"signature" description:"Ed25519, by the log's key, over the receipt as a receipt message"`
	N         int64           `json:"n" description:"number of the record in the subject of the poll or round"`
	Index     int64           `json:"index" description:"place of the record in the log"`
}

// Ballot is what became of a recorded ballot. It never shows the choice.
type Ballot struct {
	N          int64  `json:"n" description:"number in the poll's subject"`
	Index      int64  `json:"index" description:"place in the log"`
	Superseded bool   `json:"superseded" description:"a later ballot of the same voter stands"`
	Counted    bool   `json:"counted" description:"the poll is counted"`
	Invalid    string `json:"invalid,omitempty" description:"rule for which it counted for turnout only, once counted"`
}

type newBallot struct {
	ID   string `path:"poll" validate:"id"`
	Body NewBallot
}

type ballotAt struct {
	ID string `path:"poll" validate:"id"`
	N  int64  `path:"n" validate:"min=1,max=9007199254740991"`
}

func (a *API) ballotRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/polls/{poll}/ballots", id: "castBallot", tag: "polls", status: 201, pace: balloted, limit: ballotLimit,
			summary: "Cast a ballot",
			about:   "It bears the voter's signature, so there is no key. When this answers, the ballot is durable and has its place in the log. Sending the same ballot again records nothing and gives a receipt again; another one supersedes it.",
		}, a.castBallot),
		define(operation{
			method: "GET", path: "/v1/polls/{poll}/ballots/{n}", id: "getBallot", tag: "polls",
			summary: "See what became of a ballot", about: "By the number in its receipt.",
		}, a.getBallot),
	}
}

func (a *API) castBallot(ctx context.Context, q asked[newBallot]) (answer[Receipt], error) {
	signature, err := q.in.Body.Signature.signature()
	if err != nil {
		return answer[Receipt]{}, err
	}
	r, err := a.Service.Cast(ctx, q.in.ID, poll.Cast{Ballot: q.in.Body.Ballot, Signature: *signature})
	if err != nil {
		return answer[Receipt]{}, err
	}
	body := Receipt{Receipt: r.Promise.Canonical(), Signature: hex.EncodeToString(r.Signature), N: r.Promise.N, Index: r.Promise.Index}
	return answer[Receipt]{body: body, location: "/v1/polls/" + q.in.ID + "/ballots/" + strconv.FormatInt(body.N, 10)}, nil
}

func (a *API) getBallot(ctx context.Context, q asked[ballotAt]) (answer[Ballot], error) {
	b, err := a.Service.Ballot(ctx, q.in.ID, q.in.N)
	return ok(Ballot(b)), err
}
