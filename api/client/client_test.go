package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kleroterion/api/problem"
)

// These tests stand in for servers and proxies that misbehave; the tests of package api use the
// client against a real instance.

func against(t *testing.T, handler http.HandlerFunc) *Instance {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	i, err := New(server.URL, "klr_x_y")
	if err != nil {
		t.Fatal(err)
	}
	i.pause = time.Millisecond
	return i
}

func TestNewWantsAURL(t *testing.T) {
	for _, address := range []string{"", "draws.example", "ftp://draws.example", "http://", "http://%zz", "/v1"} {
		if _, err := New(address, ""); err == nil {
			t.Errorf("New(%q) succeeded", address)
		}
	}
}

func TestAnswersOfProxiesAreProblems(t *testing.T) {
	i := against(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<h1>Bad gateway</h1>", http.StatusBadGateway)
	})
	_, err := i.GetCityWithResponse(t.Context(), "x")
	var p *problem.Problem
	if !errors.As(err, &p) || p.Status != 502 || p.Code != "not_a_problem" {
		t.Errorf("got %v", err)
	}
}

func TestAnswersOfAnotherKindAreErrors(t *testing.T) {
	i := against(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	if _, err := i.Upload(t.Context(), Rows{Register: "x", File: strings.NewReader("a")}); err == nil {
		t.Error("an answer that is no job was taken for one")
	}
}

func TestUploadTellsHowFarItIs(t *testing.T) {
	file := strings.Repeat("1,x\n", 100_000)
	i := against(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil || r.ContentLength != n || r.Header.Get("Content-Type") != "text/csv" || r.Header.Get("Authorization") != "Bearer klr_x_y" || r.URL.Query().Get("dry_run") != "true" {
			t.Errorf("upload of %d announced as %d with %v to %s: %v", n, r.ContentLength, r.Header, r.URL, err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, `{"id":"j"}`)
	})
	var told []int64
	job, err := i.Upload(t.Context(), Rows{Register: "x", File: strings.NewReader(file), Bytes: int64(len(file)), DryRun: true, Progress: func(n int64) { told = append(told, n) }})
	if err != nil || job.ID != "j" || len(told) == 0 || told[len(told)-1] != int64(len(file)) {
		t.Errorf("got %+v %v, told %v", job, err, told)
	}
}

func TestDownloadsAreHeldAgainstTheirDigest(t *testing.T) {
	const right = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:" // of "hello"
	for name, tt := range map[string]struct {
		digest string
		good   bool
	}{
		"the right digest": {right, true}, "no digest": {"", false}, "another digest": {strings.Replace(right, "L", "M", 1), false},
	} {
		i := against(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Repr-Digest", tt.digest)
			io.WriteString(w, "hello")
		})
		var saved bytes.Buffer
		n, err := i.DownloadBundle(t.Context(), "x", &saved)
		if (err == nil) != tt.good || errors.Is(err, ErrDigest) == tt.good || n != 5 {
			t.Errorf("%s: %d %v", name, n, err)
		}
	}
}

func TestBundleIsAskedForUntilItIsPublished(t *testing.T) {
	asked := 0
	i := against(t, func(w http.ResponseWriter, _ *http.Request) {
		codes := []string{"not_published", "not_published", "not_drawn"}
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintf(w, `{"code":%q,"status":409,"detail":"x"}`, codes[asked])
		asked++
	})
	_, err := i.DownloadBundle(t.Context(), "x", io.Discard)
	var p *problem.Problem
	if !errors.As(err, &p) || p.Code != "not_drawn" || asked != 3 {
		t.Errorf("got %v after %d requests", err, asked)
	}
}

func TestDownloadsThatBreakOffFail(t *testing.T) {
	i := against(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "hello")
	})
	if _, err := i.DownloadRegister(t.Context(), "x", io.Discard); err == nil || errors.Is(err, ErrDigest) {
		t.Errorf("got %v", err)
	}
}

// story is a job whose stream breaks: each request gets the next part.
func story(t *testing.T, states ...string) (*Instance, *[]string) {
	var lasts []string
	part := 0
	return against(t, func(w http.ResponseWriter, r *http.Request) {
		state := states[min(part, len(states)-1)]
		if strings.HasSuffix(r.URL.Path, "/events") {
			lasts = append(lasts, r.Header.Get("Last-Event-ID"))
			fmt.Fprintf(w, "retry: 1\n\nid: e%d\nevent: %s\ndata: {\"id\":\"j\",\"state\":\"%s\",\"done\":%d}\n\n: alive\n\n", part, state, state, part)
			return
		}
		part++
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"j","kind":"draw","state":%q,"error":"import"}`, state)
	}), &lasts
}

func TestWaitJobTakesUpBrokenStreams(t *testing.T) {
	i, lasts := story(t, "pending", "pending", "done")
	var told []int64
	job, err := i.WaitJob(t.Context(), "j", func(j Job) { told = append(told, j.Done) })
	if err != nil || job.State != JobStateDone || fmt.Sprint(told) != "[0 1 2]" || fmt.Sprint(*lasts) != "[ e0 e1]" {
		t.Errorf("got %+v %v, told %v, asked after %v", job, err, told, *lasts)
	}
}

func TestWaitJobTellsOfFailure(t *testing.T) {
	i, _ := story(t, "failed")
	job, err := i.WaitJob(t.Context(), "j", nil)
	var failed *JobFailed
	if !errors.As(err, &failed) || job.State != JobStateFailed || !strings.Contains(err.Error(), "import") {
		t.Errorf("got %+v %v", job, err)
	}
}

func TestWaitJobGivesUpWhereItIsRefused(t *testing.T) {
	asked := 0
	i := against(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"code":"not_found","status":404,"detail":"no such job"}`)
	})
	_, err := i.WaitJob(t.Context(), "j", nil)
	var p *problem.Problem
	if !errors.As(err, &p) || p.Code != "not_found" || asked != 3 {
		t.Errorf("got %v after %d requests", err, asked)
	}
}

func TestWaitJobEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	i := against(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	if _, err := i.WaitJob(ctx, "j", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPollDownloads(t *testing.T) {
	const right = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:" // of "hello"
	asked := 0
	i := against(t, func(w http.ResponseWriter, r *http.Request) {
		switch asked++; {
		case r.URL.Path == "/v1/polls/x/bundle" && asked < 3:
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, `{"code":"not_published","status":409,"detail":"x"}`)
		case r.URL.Path == "/v1/polls/x/bundle":
			w.Header().Set("Repr-Digest", right)
			io.WriteString(w, "hello")
		default: // records: the digest comes after them, and is of other bytes
			w.Header().Set("Trailer", "Repr-Digest")
			io.WriteString(w, "hullo")
			w.Header().Set("Repr-Digest", right)
		}
	})
	var saved bytes.Buffer
	if n, err := i.DownloadPollBundle(t.Context(), "x", &saved); err != nil || n != 5 || asked != 3 {
		t.Errorf("bundle: %d bytes after %d requests: %v", n, asked, err)
	}
	if _, err := i.DownloadBallots(t.Context(), "x", io.Discard); !errors.Is(err, ErrDigest) {
		t.Errorf("records with another digest: %v", err)
	}
}
