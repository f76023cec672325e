package api

import (
	"context"

	"kleroterion/service"
)

// City is a host city.
type City struct {
	Slug      string `json:"slug" description:"its name in paths and log subjects, fixed for ever"`
	Name      string `json:"name"`
	CreatedAt int64  `json:"created_at" description:"Unix seconds, as every time here"`
	Approvals int64  `json:"approvals" description:"officials that a draw needs: 1 or 2"`
}

// Policy is what a city asks of its officials.
type Policy struct {
	Approvals int64 `json:"approvals" validate:"min=1,max=2" description:"officials that a draw needs; 2: one proposes, another approves. Only an operator lowers it"`
}

// NewCity asks for a city.
type NewCity struct {
	Slug string `json:"slug" validate:"slug" description:"its name in paths and log subjects, fixed for ever"`
	Name string `json:"name" validate:"required,max=200" description:"as people write it"`
}

type newCity struct {
	Body NewCity
}

type setPolicy struct {
	City string `path:"city" validate:"slug"`
	Body Policy
}

type byCity struct {
	City string `path:"city" validate:"slug"`
}

func (a *API) cityRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/cities", id: "addCity", tag: "cities", status: 201, access: keyed,
			summary: "Add a city", about: "For operators. The city becomes a record of the public log.",
		}, a.addCity),
		define(operation{
			method: "GET", path: "/v1/cities", id: "listCities", tag: "cities",
			summary: "List cities", about: "Ordered by slug.",
		}, a.listCities),
		define(operation{
			method: "GET", path: "/v1/cities/{city}", id: "getCity", tag: "cities", summary: "Get a city",
		}, a.getCity),
		define(operation{
			method: "PUT", path: "/v1/cities/{city}/policy", id: "setPolicy", tag: "cities", access: keyed,
			summary: "Set how many officials a draw needs", about: "The policy becomes a record of the public log. Answers with the city.",
		}, a.setPolicy),
		download(operation{
			method: "GET", path: "/v1/cities/{city}/export.zip", id: "exportCity", tag: "cities", media: "application/zip",
			summary: "Download a city's open data",
			about:   "Everything public about the city as CSV and JSON, in one zip.",
		}, a.exportCity),
	}
}

func (a *API) addCity(ctx context.Context, q asked[newCity]) (answer[City], error) {
	c, err := a.Service.AddCity(ctx, q.who, service.NewCity(q.in.Body))
	return answer[City]{body: cityOf(c), location: "/v1/cities/" + c.Slug}, err
}

func (a *API) listCities(ctx context.Context, q asked[window]) (answer[list[City]], error) {
	after, err := fromCursor("cities", q.in.Cursor)
	if err != nil {
		return answer[list[City]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Cities(ctx, service.Window{After: after, Limit: limit})
	return stretch(rows, limit, cityOf, func(c service.City) string { return cursorTo("cities", c.Slug) }), err
}

func (a *API) getCity(ctx context.Context, q asked[byCity]) (answer[City], error) {
	c, err := a.Service.City(ctx, q.in.City)
	return ok(cityOf(c)), err
}

func (a *API) setPolicy(ctx context.Context, q asked[setPolicy]) (answer[City], error) {
	c, err := a.Service.SetApprovals(ctx, q.who, q.in.City, q.in.Body.Approvals)
	return ok(cityOf(c)), err
}

func (a *API) exportCity(ctx context.Context, q asked[byCity], w *outflow) error {
	w.named(q.in.City + ".zip")
	return a.Service.Export(ctx, q.in.City, w)
}

func cityOf(c service.City) City {
	return City{Slug: c.Slug, Name: c.Name, CreatedAt: c.CreatedAt, Approvals: max(c.Approvals, 1)}
}
