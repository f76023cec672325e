package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"kleroterion/api"
	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

// faulty is a real service some of whose methods fail in ways that a healthy one does not.
type faulty struct{ api.Service }

var errDisk = errors.New("disk: sector 7 of /dev/secret")

func (faulty) City(_ context.Context, slug string) (service.City, error) {
	switch slug {
	case "panic":
		return service.City{Slug: []string{}[len(slug)]}, nil
	case "value":
		panic("Resident Number1")
	case "slow":
		return service.City{}, context.DeadlineExceeded
	case "refused":
		return service.City{}, service.Refuse(service.KindUnavailable, "away", "the database is away")
	}
	return service.City{}, errDisk
}

func (faulty) Ready(context.Context) error { return errDisk }

// RegisterFile breaks off after its first bytes.
func (faulty) RegisterFile(_ context.Context, _ beacon.Hash, w io.Writer) (int64, error) {
	if _, err := w.Write([]byte(strings.Repeat("x", 100_000))); err != nil {
		return 0, err
	}
	return 0, errDisk
}

func newFaultyTown(t *testing.T) *town {
	return newTown(t, func(o *api.Options) { o.Service = faulty{o.Service} })
}

func TestDefectsSayNothingAboutTheInside(t *testing.T) {
	t.Parallel()
	w := newFaultyTown(t)
	for slug, want := range map[string]struct {
		status int
		code   string
	}{
		"disk": {500, "internal"}, "panic": {500, "internal"}, "value": {500, "internal"}, "slow": {503, "timeout"}, "refused": {503, "away"},
	} {
		got := w.ask("GET", "/v1/cities/"+slug, "", "")
		p := problemOf(t, got)
		if got.status != want.status || p.Code != want.code || strings.Contains(got.body, "secret") || strings.Contains(got.body, "map") || strings.Contains(got.body, ".go") {
			t.Errorf("%s: %d %s", slug, got.status, got.body)
		}
		if want.status == 503 && got.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", slug)
		}
		if page := w.ask("GET", "/cities/"+slug, "", "", "Accept: text/html"); page.status != want.status || strings.Contains(page.body, "secret") || strings.Contains(page.body, "Resident") {
			t.Errorf("page of %s: %d %s", slug, page.status, page.body)
		}
	}
	logged := w.log.String()
	if !strings.Contains(logged, errDisk.Error()) || !strings.Contains(logged, "index out of range") || !strings.Contains(logged, "server_test.go") {
		t.Error("the log lacks the cause of a failure or the stack of a panic")
	}
	if strings.Contains(logged, "Resident Number") {
		t.Error("the log has the value of a panic, which may be anything")
	}
	if got := w.ask("GET", "/livez", "", ""); got.status != 200 {
		t.Errorf("after the panics: %d", got.status)
	}
}

func TestReadinessTellsOfTheService(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		w              *town
		live, ready, n int
	}{{newTown(t), 200, 200, 0}, {newFaultyTown(t), 200, 503, 0}} {
		for path, want := range map[string]int{"/livez": tt.live, "/readyz": tt.ready, "/healthz": tt.ready} {
			if got := tt.w.ask("GET", path, "", ""); got.status != want || got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d with %q, want %d", path, got.status, got.header.Get("Cache-Control"), want)
			}
		}
	}
	w := newTown(t)
	w.api.Close()
	if got := w.ask("GET", "/readyz", "", ""); got.status != 503 || problemOf(t, got).Code != "closing" {
		t.Errorf("while closing: %d %s", got.status, got.body)
	}
}

func TestAnAnswerThatBreaksOffNeverLooksWhole(t *testing.T) {
	t.Parallel()
	w := newFaultyTown(t)
	res, err := http.Get(w.url + "/v1/registers/by-root/" + strings.Repeat("0", 64) + "/file")
	must(t, err)
	defer res.Body.Close()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil {
		t.Errorf("%d bytes of a broken file ended as if they were all", n)
	}
	if digest := res.Trailer.Get("Repr-Digest"); digest != "" {
		t.Errorf("and with a digest: %s", digest)
	}
	if _, err := w.as("").DownloadRegister(t.Context(), strings.Repeat("0", 64), io.Discard); err == nil {
		t.Error("the client took a part of a file for the whole")
	}
	if !strings.Contains(w.log.String(), `"code":"cut"`) {
		t.Error("the log does not tell of the cut")
	}
}

func TestSecurityHeadersAreOnEverything(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, path := range []string{"/", "/docs", "/v1/cities", "/v1/nothing", "/log/checkpoint", "/log/x", "/openapi.json", "/setup/x", "/favicon.ico", "/metrics", "/livez"} {
		got := w.ask("GET", path, "", "")
		policy := got.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"} {
			if got := got.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestOnlyPublicReadsAreSharedWithOtherOrigins(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for path, want := range map[string]string{"/v1/cities": "*", "/v1/log": "*", "/openapi.json": "*", "/v1/keys": "", "/v1/registers?city=example": "", "/": "", "/metrics": ""} {
		got := w.ask("GET", path, "", "", "Origin: https://elsewhere.example")
		if allow := got.header.Get("Access-Control-Allow-Origin"); allow != want || got.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: Access-Control-Allow-Origin %q, want %q", path, allow, want)
		}
	}
	preflight := w.ask("OPTIONS", "/v1/cities", "", "", "Origin: https://elsewhere.example", "Access-Control-Request-Method: POST")
	if methods := preflight.header.Get("Access-Control-Allow-Methods"); strings.Contains(methods, "POST") || preflight.header.Get("Access-Control-Allow-Headers") != "" {
		t.Errorf("another origin may post: %v", preflight.header)
	}
}

// TestHeadersThatNeverEnd holds the server to its promise about slow and large headers.
func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("x", 64<<10)+"\r\n\r\n")
	must(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	if res.StatusCode != 431 {
		t.Errorf("64 kB of headers: %d, want 431", res.StatusCode)
	}
	if w.server.ReadHeaderTimeout <= 0 || w.server.ReadHeaderTimeout.Seconds() > 5 || w.server.IdleTimeout <= 0 || w.server.WriteTimeout <= 0 {
		t.Errorf("timeouts: %+v", w.server)
	}
}

// late is a body that stops arriving.
type late struct{ err error }

func (l late) Read([]byte) (int, error) { return 0, l.err }

func TestBodiesThatDoNotArrive(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	register := w.emptyRegister()
	for name, tt := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"in time": {os.ErrDeadlineExceeded, 408, "slow"}, "whole": {io.ErrUnexpectedEOF, 400, "body_cut"},
	} {
		for _, route := range []string{"POST /v1/registers application/json", "PUT /v1/registers/" + register + "/rows text/csv"} {
			part := strings.Fields(route)
			req := httptest.NewRequest(part[0], part[1], late{tt.err})
			req.Header.Set("Content-Type", part[2])
			req.Header.Set("Authorization", "Bearer "+w.registrar)
			answer := httptest.NewRecorder()
			w.api.ServeHTTP(answer, req)
			if p := problemOf(t, reply{answer.Code, answer.Header(), answer.Body.String()}); p.Status != tt.status || p.Code != tt.code {
				t.Errorf("a body that does not arrive %s: %s: %d %s", name, route, p.Status, p.Code)
			}
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	good := w.api.Options
	for name, change := range map[string]func(*api.Options){
		"no service":      func(o *api.Options) { o.Service = nil },
		"no clock":        func(o *api.Options) { o.Now = nil },
		"no entropy":      func(o *api.Options) { o.Entropy = nil },
		"no logger":       func(o *api.Options) { o.Logger = nil },
		"no such folder":  func(o *api.Options) { o.PublicDir = "/nowhere/at/all" },
		"a proxy of none": func(o *api.Options) { o.TrustedProxies = []string{"everyone"} },
		"a tiny limit":    func(o *api.Options) { o.UploadLimit = 1 },
	} {
		o := good
		change(&o)
		if _, err := api.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
