package api

import (
	"context"
	"io"

	"kleroterion/service"
)

// Freeze commits to a register as it is.
type Freeze struct {
	PublishSmallCells bool `json:"publish_small_cells,omitempty" description:"go ahead although some combinations of features have fewer than k people; the log says so"`
}

type uploadRows struct {
	ID      string `path:"register" validate:"id"`
	DryRun  bool   `query:"dry_run" description:"read and report, store nothing"`
	IfMatch string `header:"If-Match" description:"ETag of the register as it was read; another one is refused with 412"`
}

type freezeRegister struct {
	ID      string `path:"register" validate:"id"`
	IfMatch string `header:"If-Match" description:"ETag of the register as it was read; another one is refused with 412"`
	Body    Freeze
}

func (a *API) uploadRoutes() []route {
	return []route{
		upload(operation{
			method: "PUT", path: "/v1/registers/{register}/rows", id: "uploadRows", tag: "registers", status: 202, access: keyed, reads: "text/csv",
			summary: "Upload a register's rows",
			about:   "A CSV file in UTF-8 with a header. A job reads every row and reports all errors in one pass; where there is one, nothing is stored. The rows replace earlier ones.",
		}, a.uploadRows),
		define(operation{
			method: "POST", path: "/v1/registers/{register}/freeze", id: "freezeRegister", tag: "registers", status: 202, access: keyed,
			summary: "Freeze a register", about: "A job sorts the entries, computes the root and commits to it in the public log. The register never changes again.",
		}, a.freezeRegister),
	}
}

func (a *API) uploadRows(ctx context.Context, q asked[uploadRows], body io.Reader) (answer[Job], error) {
	if err := a.unchangedRegister(ctx, q.who, q.in.ID, q.in.IfMatch); err != nil {
		return answer[Job]{}, err
	}
	job, err := a.Service.Upload(ctx, q.who, q.in.ID, q.in.DryRun, body)
	return started(job), err
}

func (a *API) freezeRegister(ctx context.Context, q asked[freezeRegister]) (answer[Job], error) {
	if err := a.unchangedRegister(ctx, q.who, q.in.ID, q.in.IfMatch); err != nil {
		return answer[Job]{}, err
	}
	job, err := a.Service.FreezeRegister(ctx, q.who, q.in.ID, service.Freeze(q.in.Body))
	return started(job), err
}

// started points to the job that goes on after the answer.
func started(job service.Job) answer[Job] {
	return answer[Job]{body: jobOf(job), location: "/v1/jobs/" + job.ID}
}

// unchangedRegister spares the caller work on a register that is not the one they read. The state
// machine of the service decides races; this check only refuses earlier.
func (a *API) unchangedRegister(ctx context.Context, who service.Actor, id, ifMatch string) error {
	if ifMatch == "" {
		return nil
	}
	r, err := a.Service.Register(ctx, who, id)
	if err != nil {
		return err
	}
	return unchanged(ifMatch, registerOf(r))
}
