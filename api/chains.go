package api

import (
	"context"
	"encoding/hex"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

// Chain is one drand chain that this instance knows, pinned by all of its constants.
type Chain struct {
	Name        string `json:"name"`
	Hash        string `json:"hash"`
	Scheme      string `json:"scheme"`
	PublicKey   string `json:"public_key"`
	Period      int64  `json:"period" description:"seconds between rounds"`
	Genesis     int64  `json:"genesis" description:"time of round 1"`
	GenesisSeed string `json:"genesis_seed"`
	BeaconID    string `json:"beacon_id"`
	Status      string `json:"status" enum:"live,testnet,retired,dev" description:"only live chains decide; testnet and dev are for rehearsals, retired ones verify for ever"`
}

type byChain struct {
	Chain string `path:"chain" validate:"chain" description:"name or hash"`
}

func (a *API) chainRoutes() []route {
	return []route{
		define(operation{
			method: "GET", path: "/v1/chains", id: "listChains", tag: "beacons", summary: "List the chains this instance knows",
		}, a.listChains),
		define(operation{
			method: "GET", path: "/v1/chains/{chain}", id: "getChain", tag: "beacons", summary: "Get a chain",
		}, a.getChain),
	}
}

func (a *API) listChains(context.Context, asked[nothing]) (answer[list[Chain]], error) {
	return stretch(a.Service.ChainList(), -1, chainOf, nil), nil
}

func (a *API) getChain(_ context.Context, q asked[byChain]) (answer[Chain], error) {
	for _, c := range a.Service.ChainList() {
		if c.Name == q.in.Chain || c.Hash.String() == q.in.Chain {
			return ok(chainOf(c)), nil
		}
	}
	return answer[Chain]{}, service.Refuse(service.KindNotFound, "not_found", "no such chain").WithHint("GET /v1/chains lists the chains")
}

func chainOf(c *beacon.Chain) Chain {
	return Chain{
		Name: c.Name, Hash: c.Hash.String(), Scheme: string(c.Scheme), PublicKey: hex.EncodeToString(c.PublicKey), Period: c.Period,
		Genesis: c.Genesis, GenesisSeed: hex.EncodeToString(c.GenesisSeed[:]), BeaconID: c.ID, Status: string(c.Status),
	}
}
