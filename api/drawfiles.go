package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

const bundleMedia = "application/vnd.kleroterion.bundle.v1+zip"

func (a *API) drawFileRoutes() []route {
	return []route{
		download(operation{
			method: "GET", path: "/v1/draws/{draw}/manifest", id: "getManifest", tag: "draws",
			summary: "Get a draw's manifest", about: "The canonical bytes that the commitment is made of (docs/spec/draw.md).",
		}, a.getManifest),
		download(operation{
			method: "GET", path: "/v1/draws/{draw}/result", id: "getResult", tag: "draws", early: true,
			summary: "Get a draw's result", about: "The canonical bytes whose digest the log holds (docs/spec/draw.md). Before the draw: 409 with Retry-After.",
		}, a.getResult),
		download(operation{
			method: "GET", path: "/v1/draws/{draw}/seats.csv", id: "getSeats", tag: "draws", media: "text/csv", access: keyed, early: true,
			summary: "Download who was drawn", about: "Names, addresses and contacts of the people drawn, for registrars of the city.",
		}, a.getSeats),
		raw(operation{
			method: "GET", path: "/v1/draws/{draw}/bundle", id: "getBundle", tag: "draws", media: bundleMedia, early: true,
			summary: "Download everything an auditor needs",
			about:   "One deterministic file (docs/spec/bundle.md); check it with klero-verify. Before a checkpoint covers the result: 409 with Retry-After.",
		}, a.getBundle),
	}
}

func (a *API) getManifest(ctx context.Context, q asked[byDraw], w *outflow) error {
	v, err := a.Service.Draw(ctx, q.in.ID)
	if err != nil {
		return err
	}
	return w.whole(v.Manifest, cacheForever)
}

func (a *API) getResult(ctx context.Context, q asked[byDraw], w *outflow) error {
	v, err := a.drawn(ctx, q.in.ID)
	if err != nil {
		return err
	}
	return w.whole(v.Result, cacheForever)
}

// drawn returns a draw that has a result, or says whether and when it may have one.
func (a *API) drawn(ctx context.Context, id string) (service.DrawView, error) {
	v, err := a.Service.Draw(ctx, id)
	switch {
	case err != nil:
		return v, err
	case v.State == service.DrawVoid:
		return v, service.Refuse(service.KindConflict, "draw_state", "the draw is void: it has no result")
	case v.State != service.DrawDrawn:
		early := service.Refuse(service.KindTooEarly, "not_drawn", "the draw has no result yet")
		return v, later{early, max(v.DueAt-a.Now().Unix(), retryAfter[service.KindTooEarly])}
	}
	return v, nil
}

// whole answers with bytes that are at hand.
func (w *outflow) whole(b []byte, cache string) error {
	sum := sha256.Sum256(b)
	w.cached(cache)
	w.c.Header("Repr-Digest", reprDigest(sum[:]))
	if w.tagged(`"` + hex.EncodeToString(sum[:]) + `"`) {
		return nil
	}
	for part := range slices.Chunk(b, 1<<20) { // each in time, however long the whole takes
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func (a *API) getSeats(ctx context.Context, q asked[byDraw], w *outflow) error {
	w.named("seats-" + q.in.ID + ".csv")
	return a.Service.Seats(ctx, q.who, q.in.ID, w)
}

func (a *API) getBundle(c *gin.Context, q asked[byDraw]) error {
	ctx := c.Request.Context()
	v, err := a.drawn(ctx, q.in.ID)
	if err != nil {
		return err
	}
	return a.sendBundle(c, strings.ReplaceAll(v.Subject, "/", "_"), func(w io.Writer) error { return a.Service.Bundle(ctx, v.ID, w) })
}

// sendBundle builds a bundle in a temporary file first: its digest belongs into the headers, a caller
// may ask for a range of it, and a slow one then holds nothing in the database.
func (a *API) sendBundle(c *gin.Context, name string, build func(io.Writer) error) error {
	select {
	case a.spools <- struct{}{}:
	default:
		return service.Refuse(service.KindUnavailable, "busy", "%d bundles are being built already", maxSpools)
	}
	file, sum, err := a.spool(build)
	<-a.spools
	if err != nil {
		return err
	}
	defer file.Close()
	c.Header("Content-Disposition", `attachment; filename="`+name+`.klero"`)
	c.Header("Content-Type", bundleMedia)
	c.Header("ETag", `"`+hex.EncodeToString(sum)+`"`)
	c.Header("Repr-Digest", reprDigest(sum))
	c.Header("Cache-Control", cacheOf(c, cacheRevalidate))
	http.ServeContent(paced{c.Writer, c}, c.Request, "", time.Time{}, file)
	return nil
}

// spool writes a bundle into a file that has no name any more, so that nothing is left
// behind whatever happens.
func (a *API) spool(build func(io.Writer) error) (file *os.File, sum []byte, err error) {
	if file, err = os.CreateTemp(a.TempDir, "bundle-"); err != nil {
		return nil, nil, err
	}
	digest := sha256.New()
	err = errors.Join(os.Remove(file.Name()), build(io.MultiWriter(file, digest)))
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, digest.Sum(nil), nil
}

// paced moves the write deadline forward as a long answer gets on.
type paced struct {
	http.ResponseWriter
	c *gin.Context
}

func (p paced) Write(b []byte) (int, error) {
	if err := setWriteDeadline(p.c, time.Now().Add(stall)); err != nil {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}
