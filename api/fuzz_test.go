package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kleroterion/api/problem"
)

// FuzzRequests sends anything to the router with a key that may do much: whatever it is, it is
// answered, a refusal is a problem, and nothing is a defect of ours.
func FuzzRequests(f *testing.F) {
	w := newTown(f)
	for _, c := range slices.Concat(walkCalls(), polityCalls(), roundCalls(), lotteryCalls()) {
		f.Add(c.method, c.path, c.body, c.media)
	}
	for _, path := range []string{"/", "/cities/example", "/cities/%00", "/draws/%ff/line", "/setup/klr_\x7f", "/log/../x", "/v1/log/entries?subject=%00&from=-1", "/v1/cities?cursor=MSBjaXRpZXMgAA", "//", "/v1//", "*", "/v1/beacons/%2e%2e/1"} {
		f.Add("GET", path, "", "")
	}
	f.Fuzz(func(t *testing.T, method, path, body, media string) {
		u, err := url.Parse(path)
		if err != nil || !strings.HasPrefix(path, "/") || strings.HasSuffix(u.Path, "/events") {
			return
		}
		r := &http.Request{Method: method, URL: u, Header: http.Header{}, Host: "x", RemoteAddr: "127.0.0.1:1", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
		r.Body, r.ContentLength = http.NoBody, 0
		if body != "" {
			sent := httptest.NewRequest("POST", "/", strings.NewReader(body))
			r.Body, r.ContentLength = sent.Body, sent.ContentLength
			r.Header.Set("Content-Type", "application/json")
		}
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
		r.Header.Set("Authorization", "Bearer "+w.registrar)
		answer := httptest.NewRecorder()
		w.api.ServeHTTP(answer, r.WithContext(t.Context()))
		switch {
		case answer.Code >= 500:
			t.Fatalf("%s %q with %q: %d %s\n%s", method, path, body, answer.Code, answer.Body, w.log)
		case answer.Code >= 400 && strings.Contains(answer.Header().Get("Content-Type"), "json") && method != "HEAD":
			var p problem.Problem
			if err := json.Unmarshal(answer.Body.Bytes(), &p); err != nil || p.Code == "" || p.Status != answer.Code {
				t.Fatalf("%s %q: %d with %s", method, path, answer.Code, answer.Body)
			}
		}
	})
}
