package api

import (
	"context"

	"kleroterion/service"
)

// Key is an API key without its secret.
type Key struct {
	ID        string `json:"id"`
	City      string `json:"city,omitempty" description:"of a registrar or auditor"`
	Community string `json:"community,omitempty" description:"of a steward"`
	Role      string `json:"role" enum:"operator,registrar,auditor,steward,setup" description:"setup is the one-time owner link"`
	Label     string `json:"label"`
	CreatedAt int64  `json:"created_at"`
	ExpiresAt int64  `json:"expires_at,omitempty" description:"absent: never"`
	RevokedAt int64  `json:"revoked_at,omitempty" description:"absent: valid"`
}

// NewKey asks for a key.
type NewKey struct {
	City      string `json:"city,omitempty" validate:"omitempty,slug" description:"for a registrar or auditor, and only there"`
	Community string `json:"community,omitempty" validate:"omitempty,slug" description:"for a steward, and only there"`
	Role      string `json:"role" validate:"oneof=operator registrar auditor steward"`
	Label     string `json:"label" validate:"required,max=100" description:"whose key it is, for people"`
	ExpiresAt int64  `json:"expires_at,omitempty" validate:"omitempty,min=1" description:"Unix seconds; left out: never"`
}

// IssuedKey is a key together with its token.
type IssuedKey struct {
	Key   Key    `json:"key"`
	Token string `json:"token,omitempty" description:"send it as Authorization: Bearer. Shown this once: a replayed request gets the key without it"`
}

// Setup trades the one-time owner link for the first operator's key.
type Setup struct {
	Token string `json:"token" validate:"token" description:"the last segment of the owner link"`
}

type newKey struct {
	Body NewKey
}

type keysOf struct {
	City      string `query:"city" validate:"omitempty,slug" description:"whose keys; left out: the operators'"`
	Community string `query:"community" validate:"omitempty,slug" description:"whose stewards' keys; not together with city"`
}

type byKeyID struct {
	ID string `path:"key" validate:"id"`
}

type setup struct {
	Body Setup
}

func (a *API) keyRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/keys", id: "addKey", tag: "keys", status: 201, access: keyed,
			summary: "Make a key", about: "The token is shown once and kept only as a hash.",
		}, a.addKey),
		define(operation{
			method: "GET", path: "/v1/keys", id: "listKeys", tag: "keys", access: keyed,
			summary: "List keys", about: "All keys of one city or of one community, or the operators', oldest first. Secrets are not among them.",
		}, a.listKeys),
		define(operation{
			method: "DELETE", path: "/v1/keys/{key}", id: "revokeKey", tag: "keys", status: 204, access: keyed,
			summary: "Revoke a key", about: "It ends at once.",
		}, a.revokeKey),
		define(operation{
			method: "POST", path: "/v1/setup", id: "setup", tag: "keys", status: 201,
			summary: "Become the operator", about: "Trades the one-time owner link that the program printed at its first start for an operator's key. The link works once, so there is no Idempotency-Key.",
		}, a.setup),
	}
}

func (a *API) addKey(ctx context.Context, q asked[newKey]) (answer[IssuedKey], error) {
	in := q.in.Body
	k, token, err := a.Service.AddKey(ctx, q.who, service.NewKey{City: in.City, Community: in.Community, Role: service.Role(in.Role), Label: in.Label, ExpiresAt: in.ExpiresAt})
	return answer[IssuedKey]{body: IssuedKey{keyOf(k), token}}, err
}

func (a *API) listKeys(ctx context.Context, q asked[keysOf]) (answer[list[Key]], error) {
	if q.in.City != "" && q.in.Community != "" {
		return answer[list[Key]]{}, malformed.problem("community", "ask for the keys of a city or of a community, not of both")
	}
	if q.in.Community != "" {
		rows, err := a.Service.StewardKeys(ctx, q.who, q.in.Community)
		return stretch(rows, -1, keyOf, nil), err
	}
	rows, err := a.Service.Keys(ctx, q.who, q.in.City)
	return stretch(rows, -1, keyOf, nil), err
}

func (a *API) revokeKey(ctx context.Context, q asked[byKeyID]) (answer[none], error) {
	return answer[none]{}, a.Service.RevokeKey(ctx, q.who, q.in.ID)
}

func (a *API) setup(ctx context.Context, q asked[setup]) (answer[IssuedKey], error) {
	k, token, err := a.Service.Setup(ctx, q.in.Body.Token)
	return answer[IssuedKey]{body: IssuedKey{keyOf(k), token}}, err
}

func keyOf(k service.Key) Key {
	return Key{
		ID: k.ID, City: k.City, Community: k.Community, Role: string(k.Role), Label: k.Label,
		CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt,
	}
}
