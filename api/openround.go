package api

import (
	"context"
	"fmt"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// NewRound asks for a funding round. Times are Unix seconds: opens ≤ applications_end ≤ gifts_start < gifts_end.
type NewRound struct {
	Slug            string      `json:"slug" validate:"slug" description:"last segment of its subject in the log; used once"`
	Name            string      `json:"name" validate:"required,max=200"`
	Params          RoundParams `json:"params"`
	Opens           int64       `json:"opens,omitempty" validate:"min=0,max=9007199254740991" description:"left out: now"`
	ApplicationsEnd int64       `json:"applications_end" validate:"min=1,max=9007199254740991" description:"first second at which an application is too late"`
	GiftsStart      int64       `json:"gifts_start" validate:"min=1,max=9007199254740991"`
	GiftsEnd        int64       `json:"gifts_end" validate:"min=1,max=9007199254740991" description:"first second at which a gift is too late"`
	Appeal          int64       `json:"appeal,omitempty" validate:"min=0,max=9007199254740991" description:"seconds after a rejection in which it may be appealed; left out: never"`
	Mode            string      `json:"mode" validate:"oneof=open sealed" description:"sealed: amounts and projects of gifts that donors sign open with a round of the chain after the end"`
	Size            int64       `json:"size,omitempty" validate:"omitempty,oneof=512 1024" description:"of sealed, and only there: bytes of a gift's plaintext"`
	Self            string      `json:"self" validate:"oneof=refused allowed" description:"gifts of a project's owner to it"`
	Connectors      []Connector `json:"connectors,omitempty" validate:"max=100,dive" description:"payment connectors whose records count, by id ascending"`
	Weights         bool        `json:"weights,omitempty" description:"personal weights are wanted; a donor without one counts by default_weight"`
	Jury            *RoundJury  `json:"jury,omitempty" description:"gives a part of the pool to the jury's votes in a quadratic poll"`
}

// RoundParams say how the pool is shared (docs/spec/matching.md). Amounts are whole minor units, as text.
type RoundParams struct {
	Asset          Asset  `json:"asset"`
	Pool           string `json:"pool" validate:"amount" description:"what is there at the opening"`
	Rule           string `json:"rule" validate:"oneof=qf pairwise cocm"`
	M              string `json:"m,omitempty" validate:"omitempty,amount" description:"of pairwise, and only there: its bound"`
	Min            string `json:"min,omitempty" validate:"omitempty,amount" description:"what counts at least of one donor for one project"`
	Max            string `json:"max,omitempty" validate:"omitempty,amount" description:"what counts at most of one donor for one project; left out: all"`
	Cap            string `json:"cap,omitempty" validate:"omitempty,amount" description:"most that one project is matched; left out: no bound"`
	MatchBelowPool bool   `json:"match_below_pool,omitempty" description:"projects never get more than their raw match, and the rest stays"`
	Solidarity     string `json:"solidarity,omitempty" validate:"omitempty,ratio" description:"part of the pool that is shared equally first, as a fraction in lowest terms"`
	DefaultWeight  *int64 `json:"default_weight,omitempty" format:"int64" validate:"omitempty,min=0,max=999999" description:"parts per million that count of a donor without a weight; left out: all"`
}

// Asset is what amounts are counted in.
type Asset struct {
	Code     string `json:"code" validate:"asset" description:"EUR"`
	Decimals int64  `json:"decimals" validate:"min=0,max=18" description:"of the minor unit: 2 for cents"`
}

// Connector is a payment connector whose signed records count as gifts.
type Connector struct {
	ID  string    `json:"id" validate:"slug"`
	Key PublicKey `json:"key"`
}

// RoundJury names the poll whose jury decides a part of the pool.
type RoundJury struct {
	Poll  string `json:"poll" validate:"max=200,subject" description:"subject of a quadratic poll of this community with a jury; its options are projects of the round"`
	Share string `json:"share" validate:"ratio" description:"of the pool without its solidarity part, as a fraction"`
}

type newRound struct {
	Community string `path:"community" validate:"slug"`
	Body      NewRound
}

func (a *API) openRound(ctx context.Context, q asked[newRound]) (answer[Round], error) {
	in, err := q.in.Body.asked()
	if err != nil {
		return answer[Round]{}, err
	}
	out, err := actedRound(a.Service.OpenRound(ctx, q.who, service.NewRound{Community: q.in.Community, Asked: in}))
	out.location = "/v1/rounds/" + out.body.ID
	return out, err
}

// asked is the request as the service takes it.
func (in NewRound) asked() (grants.Asked, error) {
	out := grants.Asked{
		Slug: in.Slug, Name: in.Name, Opens: in.Opens, ApplicationsEnd: in.ApplicationsEnd, GiftsStart: in.GiftsStart, GiftsEnd: in.GiftsEnd,
		Appeal: in.Appeal, Mode: poll.Mode(in.Mode), Size: in.Size, Self: grants.Self(in.Self), Weights: in.Weights,
	}
	var err error
	if out.Params, err = in.Params.params(); err != nil {
		return out, err
	}
	for _, c := range in.Connectors {
		key, err := c.Key.key()
		if err != nil {
			return out, err
		}
		out.Connectors = append(out.Connectors, grants.Connector{ID: c.ID, Key: *key})
	}
	if in.Jury == nil {
		return out, nil
	}
	share, err := ratio.Parse(in.Jury.Share)
	if err != nil {
		return out, fieldRefusal("/jury/share", "ratio", "%v", err)
	}
	out.Jury = &grants.Jury{Poll: in.Jury.Poll, Share: share}
	return out, nil
}

func (in RoundParams) params() (funding.Params, error) {
	out := funding.Params{
		Spec: funding.Spec, Rule: funding.Rule(in.Rule), Asset: &funding.Asset{Code: in.Asset.Code, Decimals: in.Asset.Decimals},
		MatchBelowPool: in.MatchBelowPool, Solidarity: funding.Share(in.Solidarity), DefaultWeight: in.DefaultWeight,
	}
	for _, f := range []struct {
		text string
		to   *funding.Amount
	}{{in.Pool, &out.Pool}, {in.M, &out.M}, {in.Min, &out.Min}, {in.Max, &out.Max}, {in.Cap, &out.Cap}} {
		var err error
		if *f.to, err = units(f.text); err != nil {
			return out, err
		}
	}
	return out, nil
}

// units reads an amount that validation let pass; a text that was left out is 0.
func units(text string) (funding.Amount, error) {
	if text == "" {
		return funding.Amount{}, nil
	}
	amount, err := funding.ParseAmount(text)
	if err != nil {
		return amount, fmt.Errorf("amount of %d characters passed validation: %w", len(text), err)
	}
	return amount, nil
}

// fieldRefusal refuses one member of a request by a rule that its form alone does not tell.
func fieldRefusal(pointer, rule, format string, args ...any) error {
	e := service.Refuse(service.KindInvalid, rule, format, args...)
	e.Fields = []service.FieldError{{Pointer: pointer, Rule: rule, Detail: e.Message}}
	return e
}
