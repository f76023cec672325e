package api_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"kleroterion/api/client"
)

// stream opens a job's events and returns the body with a function that reads to a line that begins
// with prefix.
func (w *town) stream(ctx context.Context, job, token, last string) (res *http.Response, upTo func(prefix string) string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", w.url+"/v1/jobs/"+job+"/events", nil)
	must(w.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err = http.DefaultClient.Do(req)
	must(w.t, err)
	w.t.Cleanup(func() { res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return res, func(prefix string) string {
		w.t.Helper()
		for lines.Scan() {
			if rest, found := strings.CutPrefix(lines.Text(), prefix); found {
				return rest
			}
		}
		w.t.Fatalf("the stream ended without %q: %v", prefix, lines.Err())
		return ""
	}
}

func TestEventsTellAJobToItsEnd(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.opened("park")
	res, upTo := w.stream(t.Context(), "draw-"+d.ID, w.auditor, "")
	if media := res.Header.Get("Content-Type"); media != "text/event-stream" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Content-Type %q, Cache-Control %q", media, res.Header.Get("Cache-Control"))
	}
	if first := upTo("event: "); first != "pending" {
		t.Errorf("first event %q, want pending", first)
	}
	w.clock.Store(d.DueAt + 5)
	upTo("event: done")
	if data := upTo("data: "); !strings.Contains(data, `"state":"done"`) {
		t.Errorf("last event: %s", data)
	}
	if rest, err := io.ReadAll(res.Body); err != nil || strings.TrimSpace(string(rest)) != "" {
		t.Errorf("after the last event: %q %v", rest, err)
	}
}

func TestEventsGoOnWhereTheCallerWas(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.opened("park")
	ctx, leave := context.WithCancel(t.Context())
	_, upTo := w.stream(ctx, "draw-"+d.ID, w.registrar, "")
	seen := upTo("id: ")
	leave()
	_, upTo = w.stream(t.Context(), "draw-"+d.ID, w.registrar, seen)
	w.clock.Store(d.DueAt + 5)
	for event := upTo("event: "); event != "done"; event = upTo("event: ") {
		if id := upTo("id: "); id == seen {
			t.Error("what was seen is told again")
		}
	}
	final := w.ask("GET", "/v1/jobs/draw-"+d.ID, w.registrar, "")
	_, upTo = w.stream(t.Context(), "draw-"+d.ID, w.registrar, final.header.Get("ETag")[1:17])
	if event := upTo("event: "); event != "end" {
		t.Errorf("event for one who saw the end: %q", event)
	}
}

func TestEventsNeedTheJob(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for token, status := range map[string]int{"": 401, w.registrar: 404} {
		if got := w.ask("GET", "/v1/jobs/"+aRegister+"/events", token, ""); got.status != status {
			t.Errorf("events of no job: %d, want %d", got.status, status)
		}
	}
}

func TestShutdownEndsStreamsAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.opened("park")
	res, upTo := w.stream(t.Context(), "draw-"+d.ID, w.registrar, "")
	upTo("event: pending")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	must(t, w.server.Shutdown(ctx))
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Errorf("the stream was torn, not ended: %v", err)
	}
}

func TestClientFollowsAJobOverABrokenStream(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.opened("park")
	var told []client.Job
	ended := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		_, err := w.as(w.registrar).WaitJob(t.Context(), "draw-"+d.ID, func(j client.Job) {
			if told = append(told, j); len(told) == 1 {
				close(started)
			}
		})
		ended <- err
	}()
	<-started
	w.clock.Store(d.DueAt + 5)
	must(t, <-ended)
	if last := told[len(told)-1]; last.State != client.JobStateDone {
		t.Errorf("last told: %+v", last)
	}
}
