package api

import (
	"context"
	"encoding/hex"
	"strconv"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

// Beacon is one verified round, kept for ever.
type Beacon struct {
	Chain      string `json:"chain"`
	Round      int64  `json:"round"`
	Signature  string `json:"signature"`
	Previous   string `json:"previous,omitempty" description:"chained schemes only"`
	Randomness string `json:"randomness" description:"SHA-256 of the signature"`
	Source     string `json:"source" description:"the relay that gave it, or pasted"`
	FetchedAt  int64  `json:"fetched_at"`
}

// NewBeacon is a round that somebody brings by hand.
type NewBeacon struct {
	Chain     string `json:"chain" validate:"hash"`
	Round     int64  `json:"round" validate:"min=1,max=9007199254740991"`
	Signature string `json:"signature" validate:"hexdata,max=400"`
	Previous  string `json:"previous,omitempty" validate:"omitempty,hexdata,max=400" description:"chained schemes only"`
}

type newBeacon struct {
	Body NewBeacon
}

type byRound struct {
	Chain string `path:"chain" validate:"hash"`
	Round int64  `path:"round" validate:"min=1,max=9007199254740991"`
}

type beaconsOf struct {
	Chain string `query:"chain" validate:"hash" required:"true"`
	window
}

func (a *API) beaconRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/beacons", id: "pasteBeacon", tag: "beacons", status: 201, access: keyed,
			summary: "Paste a round", about: "For when no relay can be reached. A round proves itself: one that does not verify is refused.",
		}, a.pasteBeacon),
		define(operation{
			method: "GET", path: "/v1/beacons", id: "listBeacons", tag: "beacons", summary: "List kept rounds of a chain", about: "The newest first.",
		}, a.listBeacons),
		define(operation{
			method: "GET", path: "/v1/beacons/{chain}/{round}", id: "getBeacon", tag: "beacons", summary: "Get a kept round",
		}, a.getBeacon),
	}
}

func (a *API) pasteBeacon(ctx context.Context, q asked[newBeacon]) (answer[Beacon], error) {
	in := q.in.Body
	chain, err := beacon.ParseHash(in.Chain)
	if err != nil {
		return answer[Beacon]{}, err
	}
	b := beacon.Beacon{Round: uint64(in.Round)}
	if b.Signature, err = hex.DecodeString(in.Signature); err != nil {
		return answer[Beacon]{}, err
	}
	if in.Previous != "" {
		if b.Previous, err = hex.DecodeString(in.Previous); err != nil {
			return answer[Beacon]{}, err
		}
	}
	kept, err := a.Service.PasteBeacon(ctx, q.who, chain, b)
	return answer[Beacon]{body: beaconOf(kept), location: "/v1/beacons/" + in.Chain + "/" + strconv.FormatInt(in.Round, 10)}, err
}

func (a *API) listBeacons(ctx context.Context, q asked[beaconsOf]) (answer[list[Beacon]], error) {
	chain, err := beacon.ParseHash(q.in.Chain)
	if err != nil {
		return answer[list[Beacon]]{}, err
	}
	name := "beacons/" + q.in.Chain
	before, err := fromNumber(name, q.in.Cursor, 0)
	if err != nil {
		return answer[list[Beacon]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Beacons(ctx, chain, uint64(before), limit)
	return stretch(rows, limit, beaconOf, func(b service.StoredBeacon) string {
		return cursorTo(name, strconv.FormatUint(b.Round, 10))
	}), err
}

func (a *API) getBeacon(ctx context.Context, q asked[byRound]) (answer[Beacon], error) {
	chain, err := beacon.ParseHash(q.in.Chain)
	if err != nil {
		return answer[Beacon]{}, err
	}
	b, err := a.Service.Beacon(ctx, chain, uint64(q.in.Round))
	return answer[Beacon]{body: beaconOf(b), cache: cacheForever}, err
}

func beaconOf(b service.StoredBeacon) Beacon {
	randomness := beacon.Beacon{Signature: b.Signature}.Randomness()
	return Beacon{
		Chain: b.Chain.String(), Round: int64(b.Round), Signature: hex.EncodeToString(b.Signature), Previous: hex.EncodeToString(b.Previous),
		Randomness: hex.EncodeToString(randomness[:]), Source: b.Source, FetchedAt: b.FetchedAt,
	}
}
