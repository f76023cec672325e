package api

import (
	"context"
	"encoding/json"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service"
	"kleroterion/service/charter"
)

const charterLimit = 64 << 10

// Charter is one version of a community's rules.
type Charter struct {
	Community string          `json:"community"`
	Seq       int64           `json:"seq" description:"from 1"`
	Hash      string          `json:"hash" description:"docs/spec/charter.md"`
	Charter   json.RawMessage `json:"charter" description:"canonical, byte for byte"`
	AdoptedAt int64           `json:"adopted_at,omitempty" description:"absent: it was only checked"`
	Effective int64           `json:"effective,omitempty" description:"when it comes into force"`
	Poll      string          `json:"poll,omitempty" description:"id of the poll that adopted it; absent for the first"`
}

type newCharter struct {
	Community string `path:"community" validate:"slug"`
	Check     bool   `query:"check" description:"true: only tell whether it could be adopted or proposed, with all faults"`
	Body      json.RawMessage
}

func (a *API) charterRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/communities/{community}/charter", id: "adoptCharter", tag: "communities", access: keyed, limit: charterLimit,
			summary: "Adopt the first charter, or check one",
			about:   "The body is the charter itself (docs/spec/charter.md), in any layout: its canonical form counts. Later charters are adopted by a poll of class amendment. With check=true nothing is stored, and a later charter is held against the one in force.",
		}, a.adoptCharter),
		define(operation{
			method: "GET", path: "/v1/communities/{community}/charters", id: "listCharters", tag: "communities",
			summary: "List all versions of a charter", about: "The oldest first.",
		}, a.listCharters),
	}
}

func (a *API) adoptCharter(ctx context.Context, q asked[newCharter]) (answer[Charter], error) {
	if q.in.Check {
		c, err := a.checkedCharter(ctx, q)
		return ok(c), err
	}
	c, err := a.Service.AdoptCharter(ctx, q.who, q.in.Community, q.in.Body)
	return ok(charterOf(c)), err
}

func (a *API) listCharters(ctx context.Context, q asked[byCommunity]) (answer[list[Charter]], error) {
	rows, err := a.Service.Charters(ctx, q.in.Community)
	return stretch(rows, -1, charterOf, nil), err
}

func charterOf(c service.Charter) Charter {
	return Charter{
		Community: c.Community, Seq: c.Seq, Hash: c.Hash.String(), Charter: c.Charter, AdoptedAt: c.At, Effective: c.Effective, Poll: c.Poll,
	}
}

// checkedCharter applies the rules of docs/spec/charter.md without storing anything. Rules are public:
// any key may ask.
func (a *API) checkedCharter(ctx context.Context, q asked[newCharter]) (Charter, error) {
	if q.who.Role == "" {
		return Charter{}, service.Refuse(service.KindUnauthorized, "key_required", "this needs an API key")
	}
	v, err := a.Service.Community(ctx, q.in.Community)
	if err != nil {
		return Charter{}, err
	}
	text, err := canonical.Transform(q.in.Body)
	if err != nil {
		return Charter{}, service.Refuse(service.KindInvalid, "charter_form", "the charter: %v", err)
	}
	dev, err := a.rehearses(text)
	if err != nil {
		return Charter{}, err
	}
	c, err := charter.Parse(text, dev)
	if err == nil && v.Charter != nil {
		err = charter.Amend(v.Charter, c, v.Tier, v.Rehearsal)
	}
	if err != nil {
		return Charter{}, brokenCharter(err)
	}
	if c.Community != q.in.Community {
		return Charter{}, service.Refuse(service.KindInvalid, "charter_form", "the charter is of %q, this is %s", c.Community, q.in.Community)
	}
	return Charter{Community: c.Community, Seq: c.Seq, Hash: charter.HashBytes(text).String(), Charter: text}, nil
}

// rehearses reports whether a charter's chain is a development chain; a chain that could not open
// ballots is refused.
func (a *API) rehearses(text []byte) (bool, error) {
	var head struct {
		Chain string `json:"chain"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return false, service.Refuse(service.KindInvalid, "charter_form", "the charter: %v", err)
	}
	for _, c := range a.Service.ChainList() {
		if c.Hash.String() == head.Chain && (c.Status == beacon.StatusLive || c.Status == beacon.StatusDev) {
			return c.Status == beacon.StatusDev, nil
		}
	}
	return false, service.Refuse(service.KindInvalid, "chain_unknown", "the charter names no chain that can open ballots here").
		WithHint("GET /v1/chains lists the chains")
}

// brokenCharter tells all broken rules, each with its place in the charter.
func brokenCharter(err error) error {
	broken := charter.Refusals(err)
	if len(broken) == 0 {
		return service.Refuse(service.KindInvalid, "charter_form", "%v", err)
	}
	e := service.Refuse(service.KindInvalid, broken[0].Rule, "%v", err)
	for _, r := range broken {
		e.Fields = append(e.Fields, service.FieldError{Pointer: r.Pointer, Rule: r.Rule, Detail: r.Message})
	}
	return e
}
