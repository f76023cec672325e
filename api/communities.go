package api

import (
	"context"
	"encoding/json"

	"kleroterion/service"
	"kleroterion/service/charter"
)

// Community is a group of people with a charter.
type Community struct {
	Slug      string `json:"slug" description:"its name in paths and log subjects, fixed for ever"`
	Name      string `json:"name"`
	CreatedAt int64  `json:"created_at"`
}

// NewCommunity asks for a community.
type NewCommunity struct {
	Slug string `json:"slug" validate:"slug" description:"its name in paths and log subjects, fixed for ever"`
	Name string `json:"name" validate:"required,max=200" description:"as people write it"`
}

// CommunityState is a community with the charter in force and what follows from it now.
type CommunityState struct {
	Slug          string          `json:"slug"`
	Name          string          `json:"name"`
	CreatedAt     int64           `json:"created_at"`
	Members       int64           `json:"members" description:"active ones"`
	Charter       json.RawMessage `json:"charter,omitempty" description:"the one in force (docs/spec/charter.md); absent before the first"`
	Hash          string          `json:"hash,omitempty" description:"of the charter in force"`
	Pending       *Charter        `json:"pending,omitempty" description:"adopted, not in effect yet"`
	Tier          int64           `json:"tier" description:"of the ratchet; 0 without one"`
	Tiers         []TierRise      `json:"tiers" description:"when it rose"`
	FoundersShare string          `json:"founders_share,omitempty" description:"in force, as a fraction; absent without founders"`
	JuryLow       string          `json:"jury_low,omitempty" description:"members' yes rate above which a unanimous jury decides a yes/no poll, as a fraction"`
	JuryHigh      string          `json:"jury_high,omitempty" description:"members' yes rate up to which it does"`
	Rehearsal     bool            `json:"rehearsal" description:"true: the chain is a development chain and nothing is decided"`
}

// TierRise is one step by which the founders' power shrank.
type TierRise struct {
	Epoch   int64  `json:"epoch"`
	Tier    int64  `json:"tier"`
	At      int64  `json:"at" description:"end of the epoch"`
	Members int64  `json:"members" description:"the count at that second"`
	Share   string `json:"share" description:"of the founders from then on, as a fraction"`
	By      string `json:"by" description:"members or time: what reached it"`
}

type newCommunity struct {
	Body NewCommunity
}

type byCommunity struct {
	Community string `path:"community" validate:"slug"`
}

func (a *API) communityRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/communities", id: "addCommunity", tag: "communities", status: 201, access: keyed,
			summary: "Add a community", about: "For operators. It becomes a record of the public log; a steward's key (POST /v1/keys) adopts its first charter.",
		}, a.addCommunity),
		define(operation{
			method: "GET", path: "/v1/communities", id: "listCommunities", tag: "communities",
			summary: "List communities", about: "Ordered by slug.",
		}, a.listCommunities),
		define(operation{
			method: "GET", path: "/v1/communities/{community}", id: "getCommunity", tag: "communities",
			summary: "Get a community", about: "With the charter in force, its tier and what its jury decides.",
		}, a.getCommunity),
	}
}

func (a *API) addCommunity(ctx context.Context, q asked[newCommunity]) (answer[Community], error) {
	c, err := a.Service.AddCommunity(ctx, q.who, service.NewCommunity(q.in.Body))
	return answer[Community]{body: Community(c), location: "/v1/communities/" + c.Slug}, err
}

func (a *API) listCommunities(ctx context.Context, q asked[window]) (answer[list[Community]], error) {
	after, err := fromCursor("communities", q.in.Cursor)
	if err != nil {
		return answer[list[Community]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Communities(ctx, service.Window{After: after, Limit: limit})
	return stretch(rows, limit, func(c service.Community) Community { return Community(c) }, func(c service.Community) string {
		return cursorTo("communities", c.Slug)
	}), err
}

func (a *API) getCommunity(ctx context.Context, q asked[byCommunity]) (answer[CommunityState], error) {
	v, err := a.Service.Community(ctx, q.in.Community)
	if err != nil {
		return answer[CommunityState]{}, err
	}
	body, err := communityOf(v)
	return ok(body), err
}

func communityOf(v service.CommunityView) (out CommunityState, err error) {
	out = CommunityState{
		Slug: v.Slug, Name: v.Name, CreatedAt: v.CreatedAt, Members: v.Active, Tier: int64(v.Tier), Tiers: make([]TierRise, len(v.Tiers)),
		FoundersShare: v.FoundersIn, JuryLow: v.JuryLow, JuryHigh: v.JuryHigh, Rehearsal: v.Rehearsal,
	}
	for i, t := range v.Tiers {
		out.Tiers[i] = tierRiseOf(t)
	}
	if v.Pending != nil {
		pending := charterOf(*v.Pending)
		out.Pending = &pending
	}
	if v.Charter == nil {
		return out, nil
	}
	out.Hash = v.Hash.String()
	out.Charter, err = v.Charter.Canonical()
	return out, err
}

func tierRiseOf(t charter.TierEvent) TierRise {
	return TierRise{Epoch: t.Epoch, Tier: int64(t.Tier), At: t.At, Members: t.Members, Share: t.Share.String(), By: t.By}
}
