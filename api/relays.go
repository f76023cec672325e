package api

import (
	"context"

	"kleroterion/service"
)

// Relay is how one source of rounds does. None is trusted: every round is verified.
type Relay struct {
	URL          string `json:"url"`
	Organisation string `json:"organisation"`
	State        string `json:"state" description:"ok, failing or quarantined"`
	LagRounds    int64  `json:"lag_rounds"`
	Failures     int64  `json:"failures" description:"answers that did not verify"`
	LastAnswer   int64  `json:"last_answer,omitempty" description:"absent: none yet"`
}

func (a *API) relayRoutes() []route {
	return []route{
		define(operation{
			method: "GET", path: "/v1/relays", id: "listRelays", tag: "beacons", summary: "Tell how the relays do",
		}, a.listRelays),
	}
}

func (a *API) listRelays(context.Context, asked[nothing]) (answer[list[Relay]], error) {
	return stretch(a.Service.Relays(), -1, func(r service.RelayStatus) Relay { return Relay(r) }, nil), nil
}
