package api

import (
	"context"
	"errors"
	"strings"

	"kleroterion/randomness/sortition/quota"
	"kleroterion/service"
)

// Quota bounds the seats of a panel for people with one value of a feature.
type Quota struct {
	Feature string `json:"feature" validate:"required,max=64" description:"a disclosed feature of the register"`
	Value   string `json:"value" validate:"required,max=128"`
	Min     int64  `json:"min" validate:"min=0,max=1000000000" description:"seats at least, people seated before included"`
	Max     int64  `json:"max" validate:"min=0,max=1000000000" description:"seats at most"`
	MinFlex *int64 `json:"min_flex,omitempty" format:"int64" validate:"omitempty,min=0,max=1000000000" description:"how far the minimum may be lowered where quotas contradict each other; left out: to 0"`
	MaxFlex *int64 `json:"max_flex,omitempty" format:"int64" validate:"omitempty,min=0,max=1000000000" description:"how far the maximum may be raised; left out: to the size"`
}

// QuotaCheck says whether a register has a panel that meets all quotas. It speaks of people by their
// values, never by their ids.
type QuotaCheck struct {
	Problems      []string      `json:"problems" description:"quotas that fail alone, whatever the others say"`
	Feasible      bool          `json:"feasible" description:"there is a panel that meets all quotas"`
	Conflict      string        `json:"conflict,omitempty" description:"which quotas contradict each other, in words"`
	Nearest       []QuotaChange `json:"nearest" description:"the least that must be changed; empty where nothing must, or nothing within the flexible bounds helps"`
	NearestProved bool          `json:"nearest_proved" description:"no other changes cost less"`
	Rigid         string        `json:"rigid,omitempty" description:"why nothing within the flexible bounds helps, in words"`
	Never         []NeverSeated `json:"never" description:"people in the pool whom no panel can seat"`
	Undecided     []string      `json:"undecided" description:"what was not decided in the time that a request has; a lottery has more"`
}

// QuotaChange moves the bounds of one quota.
type QuotaChange struct {
	Feature string `json:"feature"`
	Value   string `json:"value"`
	Lower   int64  `json:"lower" description:"seats by which the minimum goes down"`
	Raise   int64  `json:"raise" description:"seats by which the maximum goes up"`
}

// NeverSeated are people with the same values.
type NeverSeated struct {
	Values map[string]string `json:"values" description:"by feature"`
	People int64             `json:"people"`
	Why    string            `json:"why"`
}

// checkQuotas answers at once and stores nothing.
func (a *API) checkQuotas(ctx context.Context, q asked[newLottery]) (answer[QuotaCheck], error) {
	in, err := q.in.Body.asked(q.in.Register)
	if err != nil {
		return answer[QuotaCheck]{}, err
	}
	c, err := a.Service.CheckQuotas(ctx, q.who, in)
	return ok(quotaCheckOf(c)), err
}

func quotaCheckOf(c service.QuotaCheck) QuotaCheck {
	out := QuotaCheck{
		Problems: orEmpty(c.Problems), Feasible: c.Feasible, Conflict: c.Conflict, Nearest: make([]QuotaChange, len(c.Nearest)),
		NearestProved: c.NearestProved, Rigid: c.Rigid, Never: make([]NeverSeated, len(c.Never)), Undecided: orEmpty(c.Undecided),
	}
	for i, x := range c.Nearest {
		out.Nearest[i] = QuotaChange(x)
	}
	for i, n := range c.Never {
		out.Never[i] = NeverSeated(n)
	}
	return out
}

// quotas are those of a request, from either of the two ways to write them.
func (in NewLottery) quotas() ([]quota.Quota, error) {
	if (len(in.Quotas) == 0) == (in.Categories == "") {
		return nil, service.Refuse(service.KindInvalid, "quotas", "a lottery has quotas or categories: one of them").
			WithHint("send quotas as a list, or as categories the text of a CSV file with the columns feature, value, min, max")
	}
	if in.Categories != "" {
		rows, err := quota.ReadQuotas(strings.NewReader(in.Categories))
		return rows, badCategories(err)
	}
	rows := make([]quota.Quota, len(in.Quotas))
	for i, q := range in.Quotas {
		rows[i] = quota.Quota{Feature: q.Feature, Value: q.Value, Min: q.Min, Max: q.Max, MinFlex: q.MinFlex, MaxFlex: q.MaxFlex}
	}
	return rows, nil
}

// badCategories names everything that is wrong with the file, each with its line and column.
func badCategories(err error) error {
	var issues quota.Issues
	if !errors.As(err, &issues) {
		return err
	}
	refusal := service.Refuse(service.KindInvalid, "categories", "%v", issues).WithHint("mend the file: lines are counted from 1, the header is line 1")
	for _, i := range issues {
		refusal.Fields = append(refusal.Fields, service.FieldError{Pointer: "/categories", Rule: i.Rule, Detail: i.String()})
	}
	return refusal
}
