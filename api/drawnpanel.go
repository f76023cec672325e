package api

import (
	"context"

	"kleroterion/service"
)

// DrawnPanel is what a draw of one panel of a lottery adds.
type DrawnPanel struct {
	Number  *int64   `json:"number,omitempty" format:"int64" description:"which panel, from 0; absent until drawn"`
	Count   int64    `json:"count" description:"panels in the lottery, each equally likely"`
	Seats   []string `json:"seats" description:"register ids in the order of the seats; empty until drawn, and in lists of draws"`
	Seated  []string `json:"seated" description:"register ids of people who held a seat before"`
	Lowest  int64    `json:"lowest" description:"the fewest panels that a person in the pool is on"`
	Highest int64    `json:"highest" description:"the most"`
	Proved  bool     `json:"proved" description:"no lottery is fairer, by its certificate"`
	Gap     string   `json:"gap" description:"what is left unproved, a fraction"`
}

// Alternates are people in an order.
type Alternates struct {
	IDs []string `json:"ids" description:"register ids"`
}

type alternatesOf struct {
	ID string `path:"draw" validate:"id"`
	N  int64  `query:"n" validate:"omitempty,min=1,max=1000" description:"at most so many; default 20"`
}

const defaultAlternates = 20

func (a *API) drawnPanelRoutes() []route {
	return []route{
		download(operation{
			method: "GET", path: "/v1/draws/{draw}/report.json", id: "getDrawReport", tag: "draws",
			summary: "Get the report of a draw's lottery", about: "Of draws with method panels; public from the moment the draw is opened.",
		}, a.drawReport("json")),
		download(operation{
			method: "GET", path: "/v1/draws/{draw}/report.csv", id: "getDrawReportTable", tag: "draws", media: "text/csv",
			summary: "Get the report of a draw's lottery as a table", about: "One figure a row.",
		}, a.drawReport("csv")),
		download(operation{
			method: "GET", path: "/v1/draws/{draw}/report.html", id: "getDrawReportPage", tag: "draws", media: "text/html",
			summary: "Get the report of a draw's lottery as a page", about: "It needs nothing else, and prints.",
		}, a.drawReport("html")),
		define(operation{
			method: "GET", path: "/v1/draws/{draw}/alternates", id: "listAlternates", tag: "draws", early: true,
			summary: "See who would be first to fill a seat of a drawn panel",
			about:   "Of draws with method panels (docs/spec/panels.md, Alternates). It decides nothing: who fills a seat depends on who has dropped out.",
		}, a.listAlternates),
	}
}

func (a *API) listAlternates(ctx context.Context, q asked[alternatesOf]) (answer[Alternates], error) {
	n := int(q.in.N)
	if n == 0 {
		n = defaultAlternates
	}
	ids, err := a.Service.PanelAlternates(ctx, q.in.ID, n)
	if service.KindOf(err) == service.KindTooEarly {
		if _, early := a.drawn(ctx, q.in.ID); early != nil { // it knows when to come back
			err = early
		}
	}
	return ok(Alternates{orEmpty(ids)}), err
}

func (a *API) drawReport(form string) func(context.Context, asked[byDraw], *outflow) error {
	return func(ctx context.Context, q asked[byDraw], w *outflow) error {
		r, err := a.Service.PanelReport(ctx, q.in.ID)
		if err != nil {
			return err
		}
		return w.report(r, form)
	}
}

func drawnPanelOf(p *service.DrawnPanel) *DrawnPanel {
	if p == nil {
		return nil
	}
	out := &DrawnPanel{
		Count: p.Count, Seats: orEmpty(p.Seats), Seated: orEmpty(p.Seated), Lowest: p.Lowest, Highest: p.Highest, Proved: p.Proved, Gap: p.Gap,
	}
	if p.Number >= 0 {
		out.Number = &p.Number
	}
	return out
}
