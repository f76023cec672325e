package api

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"kleroterion/service"
)

// Resident is one person's private row. Only registrars of the city see it.
type Resident struct {
	Register string          `json:"register"`
	Row      int64           `json:"row" description:"row of the imported file; the header is row 1"`
	ID       string          `json:"id"`
	Record   json.RawMessage `json:"record" description:"the private record"`
	Salt     string          `json:"salt" description:"goes into the letter with the id"`
	Entry    json.RawMessage `json:"entry" description:"the public entry"`
}

type residentOf struct {
	Register string `path:"register" validate:"id"`
	Resident string `path:"resident" validate:"hash"`
}

func (a *API) residentRoutes() []route {
	return []route{
		define(operation{
			method: "GET", path: "/v1/registers/{register}/residents/{resident}", id: "getResident", tag: "residents", access: keyed,
			summary: "Get one person's private row", about: "For registrars of the city. An erased row is 404 with the code erased.",
		}, a.getResident),
		define(operation{
			method: "DELETE", path: "/v1/registers/{register}/residents/{resident}", id: "eraseResident", tag: "residents", status: 204, access: keyed,
			summary: "Erase one person's private row",
			about:   "Record and salt are deleted for ever. The public entry, every proof and every draw stay valid, and nothing links them to the person any more.",
		}, a.eraseResident),
	}
}

func (a *API) getResident(ctx context.Context, q asked[residentOf]) (answer[Resident], error) {
	id, err := parseID(q.in.Resident)
	if err != nil {
		return answer[Resident]{}, err
	}
	r, err := a.Service.Resident(ctx, q.who, q.in.Register, id)
	return ok(residentRow(r)), err
}

func (a *API) eraseResident(ctx context.Context, q asked[residentOf]) (answer[none], error) {
	id, err := parseID(q.in.Resident)
	if err != nil {
		return answer[none]{}, err
	}
	return answer[none]{}, a.Service.EraseResident(ctx, q.who, q.in.Register, id)
}

func residentRow(r service.Resident) Resident {
	return Resident{
		Register: r.RegisterID, Row: r.Row, ID: hex.EncodeToString(r.ID[:]), Record: r.Record,
		Salt: hex.EncodeToString(r.Salt), Entry: r.Line,
	}
}
