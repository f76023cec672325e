package api

import (
	"context"
	"encoding/json"
	"fmt"

	"kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
)

// Member is one person's membership under a pseudonym.
type Member struct {
	Community  string    `json:"community"`
	ID         string    `json:"id" description:"the token that the attesters made for the person"`
	State      string    `json:"state" enum:"active,suspended,left"`
	Key        PublicKey `json:"key"`
	Seq        int64     `json:"seq" description:"statements that took effect; the next one has one more"`
	AdmittedAt int64     `json:"admitted_at"`
	LeftAt     int64     `json:"left_at,omitempty"`
}

// Statement says one thing about one member (docs/spec/identity.md).
type Statement struct {
	Action    string     `json:"action" validate:"oneof=admit rekey rotate suspend restore leave"`
	Community string     `json:"community" validate:"slug"`
	Key       *PublicKey `json:"key,omitempty" description:"of admit, rekey and rotate, and only there"`
	Member    string     `json:"member" validate:"hash"`
	Seq       int64      `json:"seq" validate:"min=1,max=9007199254740991" description:"1 + the number of statements that took effect about this member"`
	V         int64      `json:"v" validate:"min=1,max=1" description:"1"`
}

// Attestation is one attester's signature over a statement.
type Attestation struct {
	Attester  string    `json:"attester" validate:"max=200,subject"`
	Signature Signature `json:"signature"`
}

// NewMove is a statement with what makes it effective.
type NewMove struct {
	Statement    Statement     `json:"statement"`
	Attestations []Attestation `json:"attestations,omitempty" validate:"max=101,dive" description:"of admit, rekey, suspend and restore: k or one more, by attester ascending"`
	Signature    *Signature    `json:"signature,omitempty" description:"of rotate and leave: by the member's present key"`
}

type newMove struct {
	Community string `path:"community" validate:"slug"`
	Body      NewMove
}

type membersOf struct {
	Community string `path:"community" validate:"slug"`
	window
}

type byMember struct {
	Community string `path:"community" validate:"slug"`
	Member    string `path:"member" validate:"hash"`
}

func (a *API) memberRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/communities/{community}/members", id: "moveMember", tag: "communities",
			summary: "Bring a statement about a member",
			about:   "Its signatures make it effective, so anyone may bring it and there is no key. Its seq makes it effective once.",
		}, a.moveMember),
		define(operation{
			method: "GET", path: "/v1/communities/{community}/members", id: "listMembers", tag: "communities",
			summary: "List memberships", about: "Ordered by id. Public: they are pseudonyms.",
		}, a.listMembers),
		define(operation{
			method: "GET", path: "/v1/communities/{community}/members/{member}", id: "getMember", tag: "communities", summary: "Get a membership",
		}, a.getMember),
	}
}

func (a *API) moveMember(ctx context.Context, q asked[newMove]) (answer[Member], error) {
	mv, err := q.in.Body.move()
	if err != nil {
		return answer[Member]{}, err
	}
	return membership(a.Service.MoveMember(ctx, q.in.Community, mv))
}

// move is the request as the service takes it; the service sets its time.
func (in NewMove) move() (mv charter.Move, err error) {
	s := in.Statement
	mv.Statement = identity.Statement{Action: identity.Action(s.Action), Community: s.Community, Member: s.Member, Seq: s.Seq, V: s.V}
	if mv.Statement.Key, err = s.Key.key(); err != nil {
		return mv, err
	}
	if mv.Signature, err = in.Signature.signature(); err != nil {
		return mv, err
	}
	for _, a := range in.Attestations {
		by, err := a.Signature.signature()
		if err != nil {
			return mv, err
		}
		mv.Attestations = append(mv.Attestations, identity.Attestation{Attester: a.Attester, Signature: *by})
	}
	return mv, nil
}

func (a *API) listMembers(ctx context.Context, q asked[membersOf]) (answer[list[Member]], error) {
	name := "members/" + q.in.Community
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Member]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Members(ctx, q.in.Community, service.Window{After: after, Limit: limit})
	if err != nil {
		return answer[list[Member]]{}, err
	}
	shown := make([]Member, len(rows))
	for i, m := range rows {
		if shown[i], err = memberOf(m); err != nil {
			return answer[list[Member]]{}, err
		}
	}
	same := func(m Member) Member { return m }
	return stretch(shown, limit, same, func(m Member) string { return cursorTo(name, m.ID) }), nil
}

func (a *API) getMember(ctx context.Context, q asked[byMember]) (answer[Member], error) {
	return membership(a.Service.Member(ctx, q.in.Community, q.in.Member))
}

func membership(m service.Member, err error) (answer[Member], error) {
	if err != nil {
		return answer[Member]{}, err
	}
	out, err := memberOf(m)
	return ok(out), err
}

func memberOf(m service.Member) (Member, error) {
	out := Member{Community: m.Community, ID: m.ID, State: m.State, Seq: m.Seq, AdmittedAt: m.AdmittedAt, LeftAt: m.LeftAt}
	if err := json.Unmarshal(m.Key, &out.Key); err != nil {
		return Member{}, fmt.Errorf("key of member %s: %w", m.ID, err)
	}
	return out, nil
}
