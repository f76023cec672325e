package api

import (
	"bufio"
	"context"
	"crypto/sha256"
	"io"
	"strings"

	"github.com/gin-gonic/gin"
)

func (a *API) roundFileRoutes() []route {
	return []route{
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/manifest", id: "getRoundManifest", tag: "rounds",
			summary: "Get a round's manifest", about: "The canonical bytes that its hash is made of (docs/spec/round.md).",
		}, a.getRoundManifest),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/roll", id: "getRoundRoll", tag: "rounds", media: "application/jsonl",
			summary: "Download who may give", about: "One canonical line a member: who and with which key. Frozen when the round opened; the manifest has its digest.",
		}, a.getRoundRoll),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/records", id: "getRoundRecords", tag: "rounds", media: "application/jsonl",
			summary: "Download a round's records",
			about:   "The records of its subject as they are in the log, one a line: gifts among them. Before their beacon sealed gifts show nothing. The trailer Repr-Digest has the SHA-256.",
		}, a.getRoundRecords),
		raw(operation{
			method: "GET", path: "/v1/rounds/{round}/bundle", id: "getRoundBundle", tag: "rounds", media: bundleMedia, early: true,
			summary: "Download everything an auditor needs",
			about:   "One deterministic file (docs/spec/bundle.md); check it with klero-verify. Before a checkpoint covers the result: 409 with Retry-After.",
		}, a.getRoundBundle),
	}
}

func (a *API) getRoundManifest(ctx context.Context, q asked[inRound], w *outflow) error {
	v, err := a.Service.Round(ctx, q.in.ID)
	if err != nil {
		return err
	}
	return w.whole(v.Manifest, cacheForever)
}

func (a *API) getRoundRoll(ctx context.Context, q asked[inRound], w *outflow) error {
	v, err := a.Service.Round(ctx, q.in.ID)
	if err != nil {
		return err
	}
	roll, err := a.Service.Blob(ctx, v.Terms.Roll.File.SHA256)
	if err != nil {
		return err
	}
	w.named("roll-" + q.in.ID + ".jsonl")
	return w.whole(roll, cacheForever)
}

func (a *API) getRoundRecords(ctx context.Context, q asked[inRound], w *outflow) error {
	w.named("records-" + q.in.ID + ".jsonl")
	return w.lines(func(lines io.Writer) error { return a.Service.RoundRecords(ctx, q.in.ID, lines) })
}

// lines gathers short lines before they are sent, and tells their digest at the end.
func (w *outflow) lines(write func(io.Writer) error) error {
	sum := sha256.New()
	w.c.Header("Trailer", "Repr-Digest")
	w.trailer = func() (string, string) { return "Repr-Digest", reprDigest(sum.Sum(nil)) }
	lines := bufio.NewWriterSize(tee{w, sum}, 64<<10)
	if err := write(lines); err != nil {
		return err
	}
	return lines.Flush()
}

func (a *API) getRoundBundle(c *gin.Context, q asked[inRound]) error {
	ctx := c.Request.Context()
	v, err := a.Service.Round(ctx, q.in.ID)
	if err != nil {
		return err
	}
	err = a.sendBundle(c, strings.ReplaceAll(v.Subject, "/", "_"), func(w io.Writer) error { return a.Service.RoundBundle(ctx, v.ID, w) })
	return a.untilResult(ctx, v.ID, err)
}
