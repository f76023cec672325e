package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"reflect"

	"github.com/gin-gonic/gin"

	"kleroterion/funding"
	"kleroterion/service"
)

// ProjectSheet says how a project's amount came about in one version of the result.
type ProjectSheet struct {
	Round     string        `json:"round" description:"id of the round"`
	Version   int64         `json:"version"`
	Project   string        `json:"project"`
	Amount    string        `json:"amount" description:"what the project gets in all, in minor units"`
	Matching  Matching      `json:"matching"`
	Jury      *JuryMatch    `json:"jury,omitempty" description:"where a jury has a part"`
	Effects   []DonorEffect `json:"effects" description:"of its donors, by pseudonym"`
	NoEffects string        `json:"no_effects,omitempty" description:"why effects are not there"`
}

// Matching is one project's row of docs/spec/matching.md, number by number.
type Matching struct {
	Project   string `json:"project"`
	Amount    string `json:"amount" description:"of the matching, in minor units"`
	Capped    bool   `json:"capped"`
	Donors    int64  `json:"donors" description:"who count"`
	Sum       string `json:"sum" description:"of all gifts"`
	Weighted  string `json:"weighted" description:"of what counts of them"`
	Roots     string `json:"roots" description:"sum of the square roots, in 2^-32"`
	Squares   string `json:"squares" description:"in 2^-64"`
	Raw       string `json:"raw" description:"match before the pool bounds it, in 1/unit of a minor unit"`
	Share     string `json:"share" description:"before left units go to the largest remainders"`
	Remainder string `json:"remainder"`
}

// JuryMatch is what the jury's votes give a project.
type JuryMatch struct {
	Votes  int64  `json:"votes" description:"below 0 they give nothing"`
	Amount string `json:"amount" description:"minor units"`
}

// DonorEffect is what one donor's gift does for a project.
type DonorEffect struct {
	Donor   string `json:"donor" description:"pseudonym of the round"`
	Counts  string `json:"counts" description:"of the gift, after minimum, maximum and weight"`
	Raw     string `json:"raw" description:"how much the raw match falls without it"`
	With    string `json:"with" description:"what the project gets of matching"`
	Without string `json:"without" description:"what it would get without the donor"`
}

type sheetOf struct {
	byVersion
	Project string `path:"project" validate:"slug"`
}

func (a *API) sheetRoutes() []route {
	one := raw(operation{
		method: "GET", path: "/v1/rounds/{round}/versions/{version}/projects/{project}", id: "getProjectSheet", tag: "rounds", also: "text/csv", early: true,
		summary: "Explain a project's amount",
		about:   "Number by number, with the effect of each donor: what the project would get without them. For who accepts CSV and not JSON: the effects as a table.",
	}, a.getProjectSheet)
	one.out = reflect.TypeFor[ProjectSheet]()
	return []route{
		one,
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/versions/{version}/sheet", id: "getRoundSheet", tag: "rounds", media: "text/csv", early: true,
			summary: "Download how every amount came about", about: "One row a project, number by number (docs/spec/matching.md).",
		}, a.getRoundSheet),
	}
}

func (a *API) getRoundSheet(ctx context.Context, q asked[byVersion], w *outflow) error {
	b, err := a.Service.SheetCSV(ctx, q.in.ID, q.in.Version)
	if err != nil {
		return a.untilResult(ctx, q.in.ID, err)
	}
	w.named("sheet-" + q.in.ID + ".csv")
	return w.whole(b, q.in.cache())
}

func (a *API) getProjectSheet(c *gin.Context, q asked[sheetOf]) error {
	ctx := c.Request.Context()
	sheet, err := a.Service.ProjectSheet(ctx, q.in.ID, q.in.Version, q.in.Project)
	if err != nil {
		return a.untilResult(ctx, q.in.ID, err)
	}
	op := operation{media: "text/csv"}
	body, err := effectsCSV(sheet)
	if accepts(c.Request.Header, "application/json") {
		op.media = ""
		body, err = encode(projectSheetOf(sheet))
	}
	if err != nil {
		return err
	}
	return send(c, op, envelope{body: body, cache: q.in.cache()})
}

// effectsCSV is the table of donors' effects; where there is none, the refusal says why.
func effectsCSV(s service.ProjectSheet) ([]byte, error) {
	if s.NoEffects != "" {
		return nil, service.Refuse(service.KindConflict, "no_effects", "%s", s.NoEffects)
	}
	rows := [][]string{{"donor", "counts", "raw", "with", "without"}}
	for _, e := range s.Effects {
		rows = append(rows, []string{e.Donor, e.Counts.String(), e.Raw.String(), e.With.String(), e.Without.String()})
	}
	var out bytes.Buffer
	err := csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}

func projectSheetOf(s service.ProjectSheet) ProjectSheet {
	out := ProjectSheet{
		Round: s.Round.ID, Version: s.Version, Project: s.Project.Project, Amount: s.Amount.String(), Matching: matchingOf(s.Project),
		Effects: make([]DonorEffect, len(s.Effects)), NoEffects: s.NoEffects,
	}
	if s.Jury != nil {
		out.Jury = &JuryMatch{s.Jury.Votes, s.Jury.Amount.String()}
	}
	for i, e := range s.Effects {
		out.Effects[i] = DonorEffect{e.Donor, e.Counts.String(), e.Raw.String(), e.With.String(), e.Without.String()}
	}
	return out
}

func matchingOf(p funding.Project) Matching {
	return Matching{
		Project: p.Project, Amount: p.Amount.String(), Capped: p.Capped, Donors: p.Donors, Sum: p.Sum.String(), Weighted: p.Weighted.String(),
		Roots: p.Roots.String(), Squares: p.Squares.String(), Raw: p.Raw.String(), Share: p.Share.String(), Remainder: p.Remainder.String(),
	}
}
