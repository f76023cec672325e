package api

import (
	"context"

	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// Project is a project of a funding round as it stands.
type Project struct {
	Round      string       `json:"round" description:"id of the round"`
	ID         string       `json:"id"`
	Owner      string       `json:"owner" description:"member id"`
	Title      string       `json:"title"`
	Account    string       `json:"account,omitempty" description:"where a payout goes"`
	Text       TextFile     `json:"text" description:"the newest description"`
	State      string       `json:"state" enum:"applied,approved,rejected,appealed,withdrawn"`
	Seq        int64        `json:"seq" description:"moves that took effect; the owner signs the next one with one more, a reviewer names this number"`
	AppliedAt  int64        `json:"applied_at"`
	RejectedAt int64        `json:"rejected_at,omitempty"`
	Moves      []ProjectAct `json:"moves,omitempty" description:"oldest first; only where one project is asked for"`
}

// TextFile names a text by its digest.
type TextFile struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// ProjectAct is one move of a project.
type ProjectAct struct {
	N        int64     `json:"n" description:"number of its record in the round's subject"`
	Seq      int64     `json:"seq" description:"among the project's moves, from 1"`
	Act      string    `json:"act" enum:"apply,change,approve,reject,appeal,withdraw"`
	At       int64     `json:"at"`
	Title    string    `json:"title,omitempty"`
	Account  string    `json:"account,omitempty"`
	Reviewer string    `json:"reviewer,omitempty" description:"by which the steward names a person"`
	Ground   string    `json:"ground,omitempty"`
	Text     *TextFile `json:"text,omitempty" description:"description or reasons; the log publishes them by their digest"`
}

// Application is what an owner signs to apply.
type Application struct {
	Project   string    `json:"project" validate:"slug" description:"used once in its round"`
	Owner     string    `json:"owner" validate:"hash" description:"member id"`
	Title     string    `json:"title" validate:"required,max=200"`
	Text      string    `json:"text" validate:"required,max=65536" description:"description with links to evidence, Markdown; its digest is signed"`
	Account   string    `json:"account,omitempty" validate:"max=200" description:"where a payout goes"`
	Signature Signature `json:"signature" description:"by the owner's key on the roll, over the move as a project message (docs/spec/round.md)"`
}

// OwnerMove is what an owner signs about a project that has applied.
type OwnerMove struct {
	Act       string    `json:"act" validate:"oneof=change appeal withdraw"`
	Owner     string    `json:"owner,omitempty" validate:"omitempty,hash" description:"of change, and only there"`
	Title     string    `json:"title,omitempty" validate:"max=200" description:"of change, and only there"`
	Text      string    `json:"text,omitempty" validate:"max=65536" description:"of change: the description; of appeal: why"`
	Account   string    `json:"account,omitempty" validate:"max=200" description:"of change, and only there"`
	Signature Signature `json:"signature" description:"by the owner's key on the roll, over the move as a project message (docs/spec/round.md)"`
}

type newApplication struct {
	ID   string `path:"round" validate:"id"`
	Body Application
}

type ownerMove struct {
	ID      string `path:"round" validate:"id"`
	Project string `path:"project" validate:"slug"`
	Body    OwnerMove
}

type projectsOf struct {
	ID string `path:"round" validate:"id"`
	window
}

type byProject struct {
	ID      string `path:"round" validate:"id"`
	Project string `path:"project" validate:"slug"`
}

func (a *API) projectRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/projects", id: "applyProject", tag: "rounds", status: 201,
			summary: "Apply with a project",
			about:   "It bears the owner's signature, so there is no key. The same application again records nothing and gives the same answer.",
		}, a.applyProject),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/projects", id: "listProjects", tag: "rounds",
			summary: "List a round's projects", about: "Ordered by id, in all states.",
		}, a.listProjects),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/projects/{project}", id: "getProject", tag: "rounds",
			summary: "Get a project with its history",
		}, a.getProject),
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/projects/{project}/moves", id: "moveProject", tag: "rounds",
			summary: "Change, appeal or withdraw a project", about: "Signed by its owner, as an application is.",
		}, a.moveProject),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/projects/{project}/text", id: "getProjectText", tag: "rounds", media: "text/plain",
			summary: "Get a project's description", about: "The newest one: the source as its owner signed it, never HTML.",
		}, a.getProjectText),
	}
}

func (a *API) applyProject(ctx context.Context, q asked[newApplication]) (answer[Project], error) {
	in := q.in.Body
	mv := grants.Move{Act: grants.Apply, Project: in.Project, Owner: in.Owner, Title: in.Title, Account: in.Account}
	out, err := a.moved(ctx, q.in.ID, mv, signedText{in.Text, in.Signature})
	out.location = "/v1/rounds/" + q.in.ID + "/projects/" + in.Project
	return out, err
}

func (a *API) moveProject(ctx context.Context, q asked[ownerMove]) (answer[Project], error) {
	in := q.in.Body
	mv := grants.Move{Act: grants.Act(in.Act), Project: q.in.Project, Owner: in.Owner, Title: in.Title, Account: in.Account}
	return a.moved(ctx, q.in.ID, mv, signedText{in.Text, in.Signature})
}

// signedText is the part of a move that comes in another shape than it is recorded.
type signedText struct {
	text      string
	signature Signature
}

func (a *API) moved(ctx context.Context, round string, mv grants.Move, s signedText) (answer[Project], error) {
	var err error
	if mv.Signature, err = s.signature.signature(); err != nil {
		return answer[Project]{}, err
	}
	in := service.NewProjectMove{RoundID: round, Move: mv}
	if s.text != "" {
		in.Text = []byte(s.text)
		named := poll.FileOf(in.Text)
		in.Move.Text = &named
	}
	p, err := a.Service.MoveProject(ctx, in)
	return ok(projectOf(p)), err
}

func (a *API) listProjects(ctx context.Context, q asked[projectsOf]) (answer[list[Project]], error) {
	name := "projects/" + q.in.ID
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Project]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Projects(ctx, q.in.ID, service.Window{After: after, Limit: limit})
	return stretch(rows, limit, projectOf, func(p service.Project) string { return cursorTo(name, p.ID) }), err
}

func (a *API) getProject(ctx context.Context, q asked[byProject]) (answer[Project], error) {
	p, err := a.Service.Project(ctx, q.in.ID, q.in.Project)
	if err != nil {
		return answer[Project]{}, err
	}
	moves, err := a.Service.ProjectMoves(ctx, q.in.ID, q.in.Project)
	out := projectOf(p)
	for _, mv := range moves {
		out.Moves = append(out.Moves, projectActOf(mv))
	}
	return ok(out), err
}

func (a *API) getProjectText(ctx context.Context, q asked[byProject], w *outflow) error {
	p, err := a.Service.Project(ctx, q.in.ID, q.in.Project)
	if err != nil {
		return err
	}
	text, err := a.Service.Blob(ctx, p.Text.SHA256)
	if err != nil {
		return err
	}
	return w.whole(text, cacheRevalidate)
}

func projectOf(p service.Project) Project {
	return Project{
		Round: p.Round, ID: p.ID, Owner: p.Owner, Title: p.Title, Account: p.Account, Text: textFileOf(p.Text), State: string(p.State),
		Seq: p.Seq, AppliedAt: p.AppliedAt, RejectedAt: p.RejectedAt,
	}
}

func projectActOf(mv service.ProjectAct) ProjectAct {
	out := ProjectAct{
		N: mv.N, Seq: mv.Seq, Act: string(mv.Act), At: mv.At, Title: mv.Title, Account: mv.Account, Reviewer: mv.Reviewer, Ground: string(mv.Ground),
	}
	if mv.Text != nil {
		text := textFileOf(*mv.Text)
		out.Text = &text
	}
	return out
}

func textFileOf(f poll.File) TextFile { return TextFile{Bytes: f.Bytes, SHA256: f.SHA256.String()} }
