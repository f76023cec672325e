package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kleroterion/api"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
	"kleroterion/service"
	"kleroterion/store"
)

const genesis = 1_800_000_000

// town is a whole instance behind a listening server: real database, service, workers, relay client,
// publisher and HTTP, with a development chain beside it and a clock that the test moves.
type town struct {
	t       testing.TB
	url     string
	api     *api.API
	svc     *service.Service
	server  *http.Server
	clock   *atomic.Int64
	network *devchain.Network
	public  string
	vkey    string
	log     *lockedBuffer
	spec    *contract

	owner                                  string // token of the owner link
	operator, registrar, auditor, stranger string // tokens
}

// lockedBuffer is a log that many goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// rounds gives the service one attempt of the relay client.
type rounds struct{ *relay.Client }

func (r rounds) Fetch(ctx context.Context, chain beacon.Hash, round uint64) (beacon.Beacon, string, error) {
	got, err := r.GetOnce(ctx, chain, round)
	return got.Beacon, got.Relay, err
}

func (r rounds) State(chain beacon.Hash, round uint64) string {
	return string(r.Client.State(chain, round))
}

func (r rounds) CheckClock(ctx context.Context, chain beacon.Hash) error {
	_, err := r.ClockSkew(ctx, chain)
	var behind *relay.ClockBehind
	if errors.As(err, &behind) {
		return behind
	}
	return nil
}

func (r rounds) Relays() []service.RelayStatus {
	var list []service.RelayStatus
	for _, h := range r.Health() {
		list = append(list, service.RelayStatus{URL: h.URL, Organisation: h.Organisation, State: string(h.State), Failures: int64(h.VerifyFailures)})
	}
	return list
}

// newTown starts an instance; options change those of its API.
func newTown(t testing.TB, options ...func(*api.Options)) *town {
	t.Helper()
	w := &town{t: t, clock: new(atomic.Int64), log: new(lockedBuffer), public: filepath.Join(t.TempDir(), "public")}
	w.clock.Store(genesis + 3600)
	logger := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	chains, client := w.chain()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "town.db")})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	publisher, policy, signer := w.publisher(db)
	w.svc, err = service.New(service.Options{Store: db, Chains: chains, DefaultChain: w.network.Chain().Hash, Rounds: rounds{client},
		Publisher: publisher, Policy: policy, Now: w.now, Entropy: rand.Reader, Logger: logger, Version: "test", Receipts: signer, Origin: signer.Name()})
	must(t, err)
	w.owner, err = w.svc.OwnerLink(t.Context())
	must(t, err)
	o := api.Options{Service: w.svc, Now: w.now, Entropy: rand.Reader, Logger: logger, PublicDir: w.public, TempDir: t.TempDir(),
		Version: "test", Poll: 20 * time.Millisecond, PerAddress: api.Rate{PerSecond: 1e6, Burst: 1e6}, PerKey: api.Rate{PerSecond: 1e6, Burst: 1e6},
		Ballots: api.Rate{PerSecond: 1e6, Burst: 1e6}, Codes: api.Rate{PerSecond: 1e6, Burst: 1e6}}
	for _, change := range options {
		change(&o)
	}
	w.api, err = api.New(o)
	must(t, err)
	w.spec = newContract(t, w.api.Spec())
	w.serve()
	w.staff()
	return w
}

func (w *town) now() time.Time { return time.Unix(w.clock.Load(), 0) }

func (w *town) chain() (beacon.Chains, *relay.Client) {
	var err error
	w.network, err = devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: genesis, Secret: strings.NewReader(strings.Repeat("s", 32)), Now: w.now})
	must(w.t, err)
	server := httptest.NewServer(w.network.Handler())
	w.t.Cleanup(server.Close)
	chains, err := beacon.Pinned().With(w.network.Chain())
	must(w.t, err)
	client, err := relay.New(relay.Options{Relays: []relay.Relay{{URL: server.URL, Organisation: "test"}}, Chains: chains, Now: w.now, Jitter: rand.Reader})
	must(w.t, err)
	return chains, client
}

// run runs a part until the test ends.
func (w *town) run(part func(context.Context) error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- part(ctx) }()
	w.t.Cleanup(func() { stop(); must(w.t, <-ended) })
}

// serve starts the workers and the server that the program starts.
func (w *town) serve() {
	w.run(w.svc.Run)
	w.server = api.NewServer("127.0.0.1:0", w.api)
	l := listen(w.t)
	w.url = "http://" + l.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- w.server.Serve(l) }()
	w.t.Cleanup(func() { // before the parts behind it stop
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(w.t, w.server.Shutdown(ctx))
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			w.t.Error(err)
		}
	})
}

// staff makes the city "example", keys for it and a registrar of another city.
func (w *town) staff() {
	ctx := w.t.Context()
	_, token, err := w.svc.AddOperator(ctx, "test")
	must(w.t, err)
	w.operator = token
	who, err := w.svc.Authenticate(ctx, token)
	must(w.t, err)
	for _, slug := range []string{"example", "elsewhere"} {
		_, err = w.svc.AddCity(ctx, who, service.NewCity{Slug: slug, Name: strings.ToUpper(slug[:1]) + slug[1:]})
		must(w.t, err)
	}
	for _, k := range []struct {
		city  string
		role  service.Role
		token *string
	}{{"example", service.RoleRegistrar, &w.registrar}, {"example", service.RoleAuditor, &w.auditor}, {"elsewhere", service.RoleRegistrar, &w.stranger}} {
		_, *k.token, err = w.svc.AddKey(ctx, who, service.NewKey{City: k.city, Role: k.role, Label: "test"})
		must(w.t, err)
	}
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends one request. Headers come as "Name: value" lines.
func (w *town) ask(method, path, token, body string, headers ...string) reply {
	w.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, r)
	must(w.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return w.send(req)
}

func (w *town) send(req *http.Request) reply {
	w.t.Helper()
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	must(w.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(w.t, err)
	got := reply{res.StatusCode, res.Header, string(b)}
	w.spec.check(w.t, req, got)
	return got
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
