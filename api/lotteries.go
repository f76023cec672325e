package api

import (
	"context"
	"encoding/json"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/service"
)

// lotteryLimit holds the ids of a hundred thousand people who have no part and more.
const lotteryLimit = 16 << 20

// Lottery is a list of equally likely panels that all meet the quotas, in the making or made.
type Lottery struct {
	ID              string  `json:"id"`
	City            string  `json:"city"`
	Register        string  `json:"register"`
	State           string  `json:"state" enum:"computing,ready,failed,cancelled"`
	Size            int64   `json:"size" description:"seats of the whole panel"`
	Quotas          []Quota `json:"quotas"`
	OnePerHousehold bool    `json:"one_per_household"`
	Seated          int64   `json:"seated" description:"people who hold a seat already; the file has their ids"`
	Excluded        int64   `json:"excluded" description:"people who have no part; the file has their ids"`
	Method          string  `json:"method" enum:"leximin,maximin,nash,goldilocks"`
	Panels          int64   `json:"panels" description:"equally likely"`
	Job             string  `json:"job" description:"id of the job that computes it; where it failed, its report says why, as a check of the quotas does"`
	File            string  `json:"file,omitempty" description:"SHA-256 of the panel file"`
	Bytes           int64   `json:"bytes,omitempty" description:"of the panel file"`
	Root            string  `json:"root,omitempty" description:"tree hash over the panels"`
	Proved          bool    `json:"proved" description:"no lottery is fairer, by its certificate"`
	Gap             string  `json:"gap,omitempty" description:"what is left unproved, a fraction"`
	Lowest          int64   `json:"lowest,omitempty" description:"the fewest panels that a person in the pool is on"`
	Highest         int64   `json:"highest,omitempty" description:"the most"`
	Draw            string  `json:"draw,omitempty" description:"id of the newest draw that names it"`
	CreatedAt       int64   `json:"created_at"`
	ClosedAt        int64   `json:"closed_at,omitempty"`
}

// NewLottery asks for a lottery over panels. Whoever of the register is not named has a part in it.
type NewLottery struct {
	Size            int64    `json:"size" validate:"min=1,max=1000000000" description:"seats of the whole panel, people seated included"`
	Quotas          []Quota  `json:"quotas,omitempty" validate:"max=1000,dive" description:"in the order in which the report shows them; either these or categories"`
	Categories      string   `json:"categories,omitempty" validate:"max=1000000" description:"text of a CSV file with the columns feature, value, min, max and perhaps min_flex, max_flex, as other tools write it"`
	OnePerHousehold bool     `json:"one_per_household,omitempty" description:"one person of a household at most"`
	Seated          []string `json:"seated,omitempty" validate:"max=10000,dive,hash" description:"register ids of people who hold a seat already, in any order"`
	Excluded        []string `json:"excluded,omitempty" validate:"max=200000,dive,hash" description:"register ids of people who have no part; public once a draw names the lottery"`
	Method          string   `json:"method,omitempty" validate:"omitempty,oneof=leximin maximin nash goldilocks" description:"left out: leximin, which raises the lowest chance, then the next"`
	Panels          int64    `json:"panels,omitempty" validate:"omitempty,min=1,max=1000000" description:"how many equally likely panels; left out: 1000"`
}

type newLottery struct {
	Register string `path:"register" validate:"id"`
	Body     NewLottery
}

type byLottery struct {
	ID string `path:"lottery" validate:"id"`
}

type lotteriesOf struct {
	City string `path:"city" validate:"slug"`
	window
}

func (a *API) lotteryRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/registers/{register}/quotas", id: "checkQuotas", tag: "lotteries", access: keyed, anew: true, limit: lotteryLimit,
			summary: "Check quotas against a register",
			about:   "Whether there is a panel that meets all of them, and where there is none which contradict each other and what to change. Nothing is stored.",
		}, a.checkQuotas),
		define(operation{
			method: "POST", path: "/v1/registers/{register}/lotteries", id: "startLottery", tag: "lotteries", status: 202, access: keyed, limit: lotteryLimit,
			summary: "Compute a lottery over panels",
			about:   "A job computes the fairest list of equally likely panels that all meet the quotas, and its certificate. Only its city sees it until a draw names it; a draw with method panels draws one panel of it.",
		}, a.startLottery),
		define(operation{
			method: "GET", path: "/v1/cities/{city}/lotteries", id: "listLotteries", tag: "lotteries", access: keyed,
			summary: "List a city's lotteries", about: "For keys of the city: the newest first. Those that a draw names are in the draw for everyone.",
		}, a.listLotteries),
		define(operation{
			method: "GET", path: "/v1/lotteries/{lottery}", id: "getLottery", tag: "lotteries", access: either,
			summary: "Get a lottery", about: "One that a draw names is everyone's to see, others their city's.",
		}, a.getLottery),
		define(operation{
			method: "DELETE", path: "/v1/lotteries/{lottery}", id: "cancelLottery", tag: "lotteries", access: keyed,
			summary: "Cancel a lottery", about: "While it is computed: its job ends within about a second. Answers with the lottery.",
		}, a.cancelLottery),
	}
}

func (a *API) startLottery(ctx context.Context, q asked[newLottery]) (answer[Lottery], error) {
	in, err := q.in.Body.asked(q.in.Register)
	if err != nil {
		return answer[Lottery]{}, err
	}
	l, err := a.Service.StartLottery(ctx, q.who, in)
	if err != nil {
		return answer[Lottery]{}, err
	}
	body, err := lotteryOf(l)
	return answer[Lottery]{body: body, location: "/v1/lotteries/" + l.ID}, err
}

// asked is the request as the service takes it.
func (in NewLottery) asked(register string) (service.NewLottery, error) {
	quotas, err := in.quotas()
	return service.NewLottery{
		RegisterID: register, Size: in.Size, Quotas: quotas, OnePerHousehold: in.OnePerHousehold, Seated: in.Seated, Excluded: in.Excluded,
		Method: panels.Method(in.Method), Panels: in.Panels,
	}, err
}

func (a *API) listLotteries(ctx context.Context, q asked[lotteriesOf]) (answer[list[Lottery]], error) {
	name := "lotteries/" + q.in.City
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Lottery]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Lotteries(ctx, q.who, q.in.City, service.Window{After: after, Limit: limit})
	if err != nil {
		return answer[list[Lottery]]{}, err
	}
	shown := make([]Lottery, len(rows))
	for i, l := range rows {
		if shown[i], err = lotteryOf(l); err != nil {
			return answer[list[Lottery]]{}, err
		}
	}
	same := func(l Lottery) Lottery { return l }
	return stretch(shown, limit, same, func(l Lottery) string { return cursorTo(name, l.ID) }), nil
}

func (a *API) getLottery(ctx context.Context, q asked[byLottery]) (answer[Lottery], error) {
	return lotteryAnswer(a.Service.Lottery(ctx, q.who, q.in.ID))
}

func (a *API) cancelLottery(ctx context.Context, q asked[byLottery]) (answer[Lottery], error) {
	return lotteryAnswer(a.Service.CancelLottery(ctx, q.who, q.in.ID))
}

func lotteryAnswer(l service.Lottery, err error) (answer[Lottery], error) {
	if err != nil {
		return answer[Lottery]{}, err
	}
	out, err := lotteryOf(l)
	return ok(out), err
}

func lotteryOf(l service.Lottery) (Lottery, error) {
	var terms struct {
		Size            int64    `json:"size"`
		Quotas          []Quota  `json:"quotas"`
		OnePerHousehold bool     `json:"one_per_household"`
		Seated          []string `json:"seated"`
		Excluded        []string `json:"excluded"`
	}
	if err := json.Unmarshal(l.Terms, &terms); err != nil {
		return Lottery{}, fmt.Errorf("terms of lottery %s: %w", l.ID, err)
	}
	out := Lottery{
		ID: l.ID, City: l.City, Register: l.RegisterID, State: string(l.State), Size: terms.Size, Quotas: orEmpty(terms.Quotas),
		OnePerHousehold: terms.OnePerHousehold, Seated: int64(len(terms.Seated)), Excluded: int64(len(terms.Excluded)),
		Method: string(l.Method), Panels: l.Panels, Job: l.Job, Draw: l.DrawID, CreatedAt: l.CreatedAt, ClosedAt: l.ClosedAt,
	}
	if l.File != (beacon.Hash{}) {
		out.File, out.Bytes, out.Root = l.File.String(), l.Bytes, l.Root.String()
		out.Proved, out.Gap, out.Lowest, out.Highest = l.Proved, l.Gap, l.Lowest, l.Highest
	}
	return out, nil
}
