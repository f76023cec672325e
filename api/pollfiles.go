package api

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
	"kleroterion/service/poll"
)

type rollOf struct {
	ID      string `path:"poll" validate:"id"`
	Chamber string `path:"chamber" validate:"oneof=members jury founders"`
}

func (a *API) pollFileRoutes() []route {
	return []route{
		download(operation{
			method: "GET", path: "/v1/polls/{poll}/manifest", id: "getPollManifest", tag: "polls",
			summary: "Get a poll's manifest", about: "The canonical bytes that its hash is made of (docs/spec/poll.md).",
		}, a.getPollManifest),
		download(operation{
			method: "GET", path: "/v1/polls/{poll}/rolls/{chamber}", id: "getRoll", tag: "polls", media: "application/jsonl",
			summary: "Download who may vote", about: "One canonical line an elector: who and with which key. Frozen when the poll opened; the manifest has its digest.",
		}, a.getRoll),
		download(operation{
			method: "GET", path: "/v1/polls/{poll}/ballots", id: "getBallots", tag: "polls", media: "application/jsonl",
			summary: "Download a poll's records",
			about:   "The records of its subject as they are in the log, one a line: ballots among them. Before their round sealed ballots show nothing. The trailer Repr-Digest has the SHA-256.",
		}, a.getBallots),
		download(operation{
			method: "GET", path: "/v1/polls/{poll}/transcript", id: "getTranscript", tag: "polls", early: true,
			summary: "Get the count", about: "The canonical bytes whose digest the log holds (docs/spec/poll.md). Before the count: 409 with Retry-After.",
		}, a.getTranscript),
		raw(operation{
			method: "GET", path: "/v1/polls/{poll}/bundle", id: "getPollBundle", tag: "polls", media: bundleMedia, early: true,
			summary: "Download everything an auditor needs",
			about:   "One deterministic file (docs/spec/poll.md); check it with klero-verify. Before a checkpoint covers the result: 409 with Retry-After.",
		}, a.getPollBundle),
	}
}

func (a *API) getPollManifest(ctx context.Context, q asked[byPoll], w *outflow) error {
	v, err := a.Service.Poll(ctx, q.in.ID)
	if err != nil {
		return err
	}
	return w.whole(v.Manifest, cacheForever)
}

func (a *API) getRoll(ctx context.Context, q asked[rollOf], w *outflow) error {
	v, err := a.Service.Poll(ctx, q.in.ID)
	if err != nil {
		return err
	}
	m, err := poll.ParseManifest(v.Manifest)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(m.Rolls, func(r poll.RollRef) bool { return r.Chamber == q.in.Chamber })
	if i < 0 {
		return service.Refuse(service.KindNotFound, "not_found", "the poll has no chamber %s", q.in.Chamber)
	}
	file, err := a.Service.Blob(ctx, m.Rolls[i].File.SHA256)
	if err != nil {
		return err
	}
	w.named("roll-" + q.in.Chamber + ".jsonl")
	return w.whole(file, cacheForever)
}

func (a *API) getBallots(ctx context.Context, q asked[byPoll], w *outflow) error {
	w.named("ballots-" + q.in.ID + ".jsonl")
	return w.lines(func(lines io.Writer) error { return a.Service.Ballots(ctx, q.in.ID, lines) })
}

func (a *API) getTranscript(ctx context.Context, q asked[byPoll], w *outflow) error {
	text, err := a.Service.Transcript(ctx, q.in.ID)
	if err != nil {
		return a.untilCounted(ctx, q.in.ID, err)
	}
	return w.whole(text, cacheForever)
}

// untilCounted says with a refusal that comes too early when it may not any more.
func (a *API) untilCounted(ctx context.Context, id string, early error) error {
	if service.KindOf(early) != service.KindTooEarly {
		return early
	}
	v, err := a.Service.Poll(ctx, id)
	if err != nil {
		return err
	}
	return later{early, max(v.DueAt-a.Now().Unix(), retryAfter[service.KindTooEarly])}
}

func (a *API) getPollBundle(c *gin.Context, q asked[byPoll]) error {
	ctx := c.Request.Context()
	v, err := a.Service.Poll(ctx, q.in.ID)
	if err != nil {
		return err
	}
	err = a.sendBundle(c, strings.ReplaceAll(v.Subject, "/", "_"), func(w io.Writer) error { return a.Service.PollBundle(ctx, v.ID, w) })
	return a.untilCounted(ctx, v.ID, err)
}
