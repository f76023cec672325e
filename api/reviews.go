package api

import (
	"context"

	"kleroterion/service"
	"kleroterion/service/grants"
)

// Review is a reviewer's decision about a project.
type Review struct {
	Reviewer string `json:"reviewer" validate:"slug" description:"by which the steward names a person; it is public"`
	Act      string `json:"act" validate:"oneof=approve reject"`
	Seq      int64  `json:"seq" validate:"min=1,max=9007199254740991" description:"seq of the project as the reviewer saw it; when it moved since, 409"`
	Ground   string `json:"ground,omitempty" validate:"omitempty,oneof=scope evidence duplicate fraud incomplete" description:"of reject, and only there"`
	Text     string `json:"text,omitempty" validate:"max=65536" description:"of reject, and only there: the reasons; they are public"`
}

type newReview struct {
	ID      string `path:"round" validate:"id"`
	Project string `path:"project" validate:"slug"`
	Body    Review
}

func (a *API) reviewRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/projects/{project}/reviews", id: "reviewProject", tag: "rounds", access: keyed,
			summary: "Approve or reject a project",
			about:   "For stewards, who name the reviewer. Who decided before an appeal decides nothing about the project after it.",
		}, a.reviewProject),
	}
}

func (a *API) reviewProject(ctx context.Context, q asked[newReview]) (answer[Project], error) {
	in := q.in.Body
	p, err := a.Service.ReviewProject(ctx, q.who, service.NewReview{
		RoundID: q.in.ID, Project: q.in.Project, Reviewer: in.Reviewer, Approve: in.Act == string(grants.Approve), Seq: in.Seq,
		Ground: grants.Ground(in.Ground), Text: []byte(in.Text),
	})
	return ok(projectOf(p)), err
}
