package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"kleroterion/api/problem"
)

// TestWatchRoundTakesUpBrokenStreams gives each request the next part of a round's story; the last part is
// one that the caller saw, so only the end is told.
func TestWatchRoundTakesUpBrokenStreams(t *testing.T) {
	part := 0
	var lasts []string
	i := against(t, func(w http.ResponseWriter, r *http.Request) {
		lasts = append(lasts, r.Header.Get("Last-Event-ID"))
		switch part++; part {
		case 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 4:
			io.WriteString(w, "id: e2\nevent: end\ndata: {}\n\n")
		default:
			fmt.Fprintf(w, "retry: 1\n\nid: e%d\nevent: gifts\ndata: {\"round\":{\"id\":\"r\",\"status\":\"gifts\",\"gifts\":%d},\"estimate\":{\"pool\":\"5\"}}\n\n: alive\n\n", part, part)
		}
	})
	var told []int64
	err := i.WatchRound(t.Context(), "r", func(e RoundEvent) {
		if e.Estimate.Pool == "5" {
			told = append(told, e.Round.Gifts)
		}
	})
	if err != nil || fmt.Sprint(told) != "[1 2]" || fmt.Sprint(lasts) != "[ e1 e2 e2]" {
		t.Errorf("told %v, asked after %v: %v", told, lasts, err)
	}
}

func TestWatchRoundEndsWithTheRound(t *testing.T) {
	for _, status := range []RoundStatus{RoundStatusFinal, RoundStatusVoid} {
		asked := 0
		i := against(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			fmt.Fprintf(w, "id: e\nevent: x\ndata: {\"round\":{\"id\":\"r\",\"status\":%q}}\n\n", status)
		})
		var last RoundEvent
		if err := i.WatchRound(t.Context(), "r", func(e RoundEvent) { last = e }); err != nil || asked != 1 || last.Estimate != nil {
			t.Errorf("%s: %v after %d requests, last %+v", status, err, asked, last)
		}
	}
}

func TestWatchRoundGivesUpWhereItIsRefused(t *testing.T) {
	i := against(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"code":"not_found","status":404,"detail":"no such round"}`)
	})
	var p *problem.Problem
	if err := i.WatchRound(t.Context(), "x", func(RoundEvent) {}); !errors.As(err, &p) || p.Code != "not_found" {
		t.Errorf("got %v", err)
	}
}

func TestWaitCorrectionTellsHowItEnded(t *testing.T) {
	for _, end := range []string{"done", "failed"} {
		states := []string{"pending", "pending", end}
		i := against(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"id":"correction-1","kind":"correction","state":%q,"error":"changes"}`, states[0])
			states = states[min(1, len(states)-1):]
		})
		job, err := i.WaitCorrection(t.Context(), "r", "correction-1")
		var failed *JobFailed
		if string(job.State) != end || len(states) != 1 || errors.As(err, &failed) != (end == "failed") {
			t.Errorf("%s: got %+v %v", end, job, err)
		}
	}
}

func TestRoundDownloads(t *testing.T) {
	const right = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:" // of "hello"
	asked := 0
	i := against(t, func(w http.ResponseWriter, r *http.Request) {
		switch asked++; {
		case r.URL.Path == "/v1/rounds/x/bundle" && asked < 3:
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, `{"code":"not_published","status":409,"detail":"x"}`)
		case r.URL.Path == "/v1/rounds/x/bundle":
			w.Header().Set("Repr-Digest", right)
			io.WriteString(w, "hello")
		default: // records: the digest comes after them, and is of other bytes
			w.Header().Set("Trailer", "Repr-Digest")
			io.WriteString(w, "hullo")
			w.Header().Set("Repr-Digest", right)
		}
	})
	var saved bytes.Buffer
	if n, err := i.DownloadRoundBundle(t.Context(), "x", &saved); err != nil || n != 5 || asked != 3 {
		t.Errorf("bundle: %d bytes after %d requests: %v", n, asked, err)
	}
	if _, err := i.DownloadRoundRecords(t.Context(), "x", io.Discard); !errors.Is(err, ErrDigest) {
		t.Errorf("records with another digest: %v", err)
	}
}
