package api

import (
	"context"
	"encoding/json"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
)

// Draw is one manifest on a subject and what became of it.
type Draw struct {
	ID         string          `json:"id"`
	City       string          `json:"city"`
	Subject    string          `json:"subject" description:"named after the decision"`
	Seq        int64           `json:"seq" description:"which draw of this decision, from 1"`
	Status     string          `json:"status" enum:"scheduled,due,late,halted,verified,drawn,void" description:"scheduled: its time has not come. due, late, halted: waiting for the round. verified: the round is there. drawn and void are final"`
	Register   string          `json:"register"`
	Manifest   json.RawMessage `json:"manifest" description:"docs/spec/draw.md"`
	Commit     string          `json:"commit" description:"commitment to the manifest"`
	Chain      string          `json:"chain"`
	Round      int64           `json:"round"`
	DrawTime   int64           `json:"draw_time"`
	DueAt      int64           `json:"due_at" description:"when the round is made"`
	Rehearsal  bool            `json:"rehearsal" description:"true: the beacon is a test network and the draw decides nothing"`
	Result     json.RawMessage `json:"result,omitempty" description:"docs/spec/draw.md; absent until drawn"`
	Lottery    string          `json:"lottery,omitempty" description:"of method panels: id of the lottery that the manifest names"`
	Panel      *DrawnPanel     `json:"panel,omitempty" description:"of method panels"`
	VoidReason string          `json:"void_reason,omitempty"`
	LateVoid   bool            `json:"late_void,omitempty" description:"voided when the outcome could be known"`
	Earlier    int64           `json:"earlier" description:"draws this decision had before"`
	OpenedAt   int64           `json:"opened_at"`
	ClosedAt   int64           `json:"closed_at,omitempty"`
}

// NewDraw asks for a draw. Subject, sequence, round and commitment follow by rule.
type NewDraw struct {
	City            string    `json:"city" validate:"slug"`
	Decision        string    `json:"decision" validate:"max=100,subject" description:"what the jury decides; with the city it names the subject"`
	Register        string    `json:"register" validate:"id" description:"a frozen register of the city"`
	Method          string    `json:"method" validate:"oneof=simple strata panels"`
	StrataBy        []string  `json:"strata_by,omitempty" validate:"excluded_with=Lottery,max=32,dive,required,max=64" description:"for strata: the features whose values name the stratum"`
	Strata          []Stratum `json:"strata,omitempty" validate:"required_without=Lottery,excluded_with=Lottery,omitempty,min=1,max=10000,dive" description:"simple has the one stratum with an empty name; panels has none"`
	OnePerHousehold bool      `json:"one_per_household,omitempty" validate:"excluded_with=Lottery" description:"at most one person of a household is drawn; for panels the lottery says it"`
	Lottery         string    `json:"lottery,omitempty" validate:"omitempty,id" description:"for panels, and only there: a ready lottery of the same register. Its file becomes public with the draw"`
	DrawTime        int64     `json:"draw_time" validate:"min=1,max=9007199254740991" description:"Unix seconds; the first round at or after it decides"`
	Chain           string    `json:"chain,omitempty" validate:"omitempty,chain" description:"name or hash; left out: the default"`
	Rehearsal       bool      `json:"rehearsal,omitempty" description:"must be true on a test network, and must not on a live one"`
}

// Stratum says how many are drawn in one stratum.
type Stratum struct {
	Stratum    string `json:"stratum" validate:"max=4200" description:"values of strata_by joined by /"`
	Seats      int64  `json:"seats" validate:"min=0,max=1000000"`
	Alternates int64  `json:"alternates,omitempty" validate:"min=0,max=1000000"`
}

// Void ends a draw without a result.
type Void struct {
	Reason string `json:"reason" validate:"required,max=200" description:"goes into the public log; no word about a person"`
}

type newDraw struct {
	Body NewDraw
}

type byDraw struct {
	ID string `path:"draw" validate:"id"`
}

type byCommit struct {
	Commit string `path:"commit" validate:"hash"`
}

type drawsOf struct {
	City string `query:"city" validate:"omitempty,slug" description:"left out: all cities"`
	window
}

type voidDraw struct {
	ID      string `path:"draw" validate:"id"`
	IfMatch string `header:"If-Match" description:"ETag of the draw as it was read; another one is refused with 412"`
	Body    Void
}

func (a *API) drawRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/draws", id: "openDraw", tag: "draws", status: 201, access: keyed,
			summary: "Open a draw",
			about:   "Commits to everything before the randomness exists. When this answers, the commitment is in the public log; from then on the outcome depends on the round alone.",
		}, a.openDraw),
		define(operation{
			method: "GET", path: "/v1/draws", id: "listDraws", tag: "draws", summary: "List draws", about: "The newest first.",
		}, a.listDraws),
		define(operation{
			method: "GET", path: "/v1/draws/{draw}", id: "getDraw", tag: "draws", summary: "Get a draw",
		}, a.getDraw),
		define(operation{
			method: "GET", path: "/v1/draws/by-commit/{commit}", id: "getDrawByCommit", tag: "draws", summary: "Find a draw by its commitment",
		}, a.getDrawByCommit),
		define(operation{
			method: "POST", path: "/v1/draws/{draw}/void", id: "voidDraw", tag: "draws", access: keyed,
			summary: "Void a draw", about: "It stays in the log with its reason. After its round was due it is shown as late: the outcome could be known.",
		}, a.voidDraw),
	}
}

func (a *API) openDraw(ctx context.Context, q asked[newDraw]) (answer[Draw], error) {
	d, err := a.Service.OpenDraw(ctx, q.who, q.in.Body.asked())
	// As it was opened, not as it stands now: a replay gives the same answer.
	v := service.DrawView{Draw: d, Status: "scheduled", Earlier: int(d.Seq - 1)}
	return answer[Draw]{body: drawOf(v), location: "/v1/draws/" + d.ID}, err
}

// asked is the request as the service takes it.
func (in NewDraw) asked() service.NewDraw {
	var strata []sortition.Stratum // nil where there are none: a draw of panels has no list of them
	for _, s := range in.Strata {
		strata = append(strata, sortition.Stratum{Stratum: s.Stratum, Seats: s.Seats, Alternates: s.Alternates})
	}
	return service.NewDraw{
		City: in.City, Decision: in.Decision, RegisterID: in.Register, Method: sortition.Method(in.Method), StrataBy: in.StrataBy,
		Strata: strata, OnePerHousehold: in.OnePerHousehold, DrawTime: in.DrawTime, Chain: in.Chain, Rehearsal: in.Rehearsal,
		Lottery: in.Lottery,
	}
}

// newDrawOf is a request as it was sent.
func newDrawOf(in service.NewDraw) *NewDraw {
	strata := make([]Stratum, len(in.Strata))
	for i, s := range in.Strata {
		strata[i] = Stratum{Stratum: s.Stratum, Seats: s.Seats, Alternates: s.Alternates}
	}
	return &NewDraw{
		City: in.City, Decision: in.Decision, Register: in.RegisterID, Method: string(in.Method), StrataBy: in.StrataBy,
		Strata: strata, OnePerHousehold: in.OnePerHousehold, DrawTime: in.DrawTime, Chain: in.Chain, Rehearsal: in.Rehearsal,
		Lottery: in.Lottery,
	}
}

func (a *API) listDraws(ctx context.Context, q asked[drawsOf]) (answer[list[Draw]], error) {
	name := "draws/" + q.in.City
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Draw]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Draws(ctx, q.in.City, service.Window{After: after, Limit: limit})
	return stretch(rows, limit, drawOf, func(v service.DrawView) string { return cursorTo(name, v.ID) }), err
}

func (a *API) getDraw(ctx context.Context, q asked[byDraw]) (answer[Draw], error) {
	v, err := a.Service.Draw(ctx, q.in.ID)
	return ok(drawOf(v)), err
}

func (a *API) getDrawByCommit(ctx context.Context, q asked[byCommit]) (answer[Draw], error) {
	commit, err := beacon.ParseHash(q.in.Commit)
	if err != nil {
		return answer[Draw]{}, err
	}
	v, err := a.Service.DrawByCommit(ctx, commit)
	return ok(drawOf(v)), err
}

func (a *API) voidDraw(ctx context.Context, q asked[voidDraw]) (answer[Draw], error) {
	if q.in.IfMatch != "" {
		v, err := a.Service.Draw(ctx, q.in.ID)
		if err == nil {
			err = unchanged(q.in.IfMatch, drawOf(v))
		}
		if err != nil {
			return answer[Draw]{}, err
		}
	}
	v, err := a.Service.VoidDraw(ctx, q.who, q.in.ID, q.in.Body.Reason)
	return ok(drawOf(v)), err
}

func drawOf(v service.DrawView) Draw {
	return Draw{
		ID: v.ID, City: v.City, Subject: v.Subject, Seq: v.Seq, Status: v.Status, Register: v.RegisterID, Manifest: v.Manifest,
		Commit: v.Commit.String(), Chain: v.Chain.String(), Round: int64(v.Round), DrawTime: v.DrawTime, DueAt: v.DueAt,
		Rehearsal: v.Rehearsal, Result: v.Result, VoidReason: v.VoidReason, LateVoid: v.Late, Earlier: int64(v.Earlier),
		Lottery: v.LotteryID, Panel: drawnPanelOf(v.Panel), OpenedAt: v.OpenedAt, ClosedAt: v.ClosedAt,
	}
}
