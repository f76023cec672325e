package api

import (
	"context"
	"encoding/json"

	"kleroterion/service"
)

// Job is work that goes on after the request that asked for it.
type Job struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind" description:"register.check, register.import, register.freeze, draw, lottery, seats, poll, round, correction, mail, hook or heartbeat"`
	City       string          `json:"city,omitempty"`
	Target     string          `json:"target,omitempty" description:"id of the register, draw, lottery, poll or round"`
	State      string          `json:"state" enum:"pending,done,failed"`
	Step       string          `json:"step" description:"what it is doing, for people"`
	Done       int64           `json:"done" description:"of total; rows or bytes by step"`
	Total      int64           `json:"total"`
	Attempt    int64           `json:"attempt"`
	Error      string          `json:"error,omitempty" description:"code of the refusal"`
	Report     json.RawMessage `json:"report,omitempty"`
	CreatedAt  int64           `json:"created_at"`
	RunAt      int64           `json:"run_at" description:"when it is due"`
	FinishedAt int64           `json:"finished_at,omitempty"`
}

type byJob struct {
	ID string `path:"job" validate:"job"`
}

func (a *API) jobRoutes() []route {
	return []route{
		define(operation{
			method: "GET", path: "/v1/jobs/{job}", id: "getJob", tag: "jobs", access: keyed,
			summary: "Get a job", about: "For keys of its city and operators.",
		}, a.getJob),
		raw(operation{
			method: "GET", path: "/v1/jobs/{job}/events", id: "followJob", tag: "jobs", media: "text/event-stream", access: keyed,
			summary: "Follow a job",
			about:   "Server-sent events: the job as JSON whenever it changed, the last one when it is over. Last-Event-ID leaves out what was seen.",
		}, a.followJob),
	}
}

func (a *API) getJob(ctx context.Context, q asked[byJob]) (answer[Job], error) {
	j, err := a.Service.Job(ctx, q.who, q.in.ID)
	return ok(jobOf(j)), err
}

func jobOf(j service.Job) Job {
	return Job{
		ID: j.ID, Kind: string(j.Kind), City: j.City, Target: j.Target, State: string(j.State), Step: j.Step, Done: j.Done, Total: j.Total,
		Attempt: j.Attempt, Error: j.Error, Report: j.Report, CreatedAt: j.CreatedAt, RunAt: j.RunAt, FinishedAt: j.FinishedAt,
	}
}
