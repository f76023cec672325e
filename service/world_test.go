package service_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/store"
	"kleroterion/store/publish"
)

// genesis is when the test chain began; tests start an hour later.
const genesis = 1_800_000_000

// world is a real service on a real database with a real relay, and a clock that the test moves.
type world struct {
	*service.Service
	t       testing.TB
	clock   *atomic.Int64
	skew    *atomic.Int64 // by how much the chain is ahead of the service's clock
	network *devchain.Network
	db      *store.DB
	public  string
	vkey    string
	log     *bytes.Buffer

	operator, registrar, auditor, stranger service.Actor
}

// fetcher gives the service one attempt of the relay client.
type fetcher struct{ *relay.Client }

func (f fetcher) Fetch(ctx context.Context, chain beacon.Hash, round uint64) (beacon.Beacon, string, error) {
	got, err := f.GetOnce(ctx, chain, round)
	return got.Beacon, got.Relay, err
}

func (f fetcher) State(chain beacon.Hash, round uint64) string {
	return string(f.Client.State(chain, round))
}

func (f fetcher) CheckClock(ctx context.Context, chain beacon.Hash) error {
	_, err := f.ClockSkew(ctx, chain)
	var behind *relay.ClockBehind
	if errors.As(err, &behind) {
		return behind
	}
	return nil
}

func (f fetcher) Relays() []service.RelayStatus { return nil }

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOn(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
}

// newWorldOn has the database at url.
func newWorldOn(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, clock: new(atomic.Int64), skew: new(atomic.Int64), log: new(bytes.Buffer), public: filepath.Join(t.TempDir(), "public")}
	w.clock.Store(genesis + 3600)
	now := func() time.Time { return time.Unix(w.clock.Load(), 0) }
	chainTime := func() time.Time { return time.Unix(w.clock.Load()+w.skew.Load(), 0) }
	var err error
	w.network, err = devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: genesis, Secret: strings.NewReader(strings.Repeat("s", 32)), Now: chainTime})
	must(t, err)
	server := httptest.NewServer(w.network.Handler())
	t.Cleanup(server.Close)
	chains, err := beacon.Pinned().With(w.network.Chain())
	must(t, err)
	client, err := relay.New(relay.Options{Relays: []relay.Relay{{URL: server.URL, Organisation: "test"}}, Chains: chains, Now: now, Jitter: rand.Reader})
	must(t, err)
	w.db, err = store.Open(t.Context(), store.Options{URL: url, Migrate: true})
	must(t, err)
	t.Cleanup(func() { must(t, w.db.Close()) })
	publisher, policy, signer := w.publisher(t)
	w.Service, err = service.New(service.Options{Store: w.db, Chains: chains, DefaultChain: w.network.Chain().Hash, Rounds: fetcher{client},
		Publisher: publisher, Policy: policy, Now: now, Entropy: rand.Reader, Logger: slog.New(slog.NewJSONHandler(w.log, nil)), Version: "test",
		Receipts: signer, Origin: "test/log"})
	must(t, err)
	w.actors(t)
	return w
}

// publisher is the real one, in files of the test's own.
func (w *world) publisher(t testing.TB) (service.Publisher, []byte, note.Signer) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "test/log")
	must(t, err)
	signer, err := note.NewSigner(skey)
	must(t, err)
	w.vkey = vkey
	must(t, w.db.KeepInstance(t.Context(), store.Instance{Origin: "test/log", VKey: vkey, CreatedAt: genesis}))
	p, err := publish.New(publish.Options{DB: w.db, Signer: signer, VKey: vkey, Dir: w.public, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() { stop(); must(t, <-ended) })
	policy, err := checkpoint.LogPolicy(vkey)
	must(t, err)
	return p, []byte(policy.Text()), signer
}

func (w *world) actors(t testing.TB) {
	t.Helper()
	w.operator = service.Actor{KeyID: "op", Role: service.RoleOperator}
	w.registrar = service.Actor{KeyID: "reg", Role: service.RoleRegistrar, City: "example"}
	w.auditor = service.Actor{KeyID: "aud", Role: service.RoleAuditor, City: "example"}
	w.stranger = service.Actor{KeyID: "str", Role: service.RoleRegistrar, City: "elsewhere"}
	_, err := w.AddCity(t.Context(), w.operator, service.NewCity{Slug: "example", Name: "Example"})
	must(t, err)
}

// work performs due jobs until none is left.
func (w *world) work() {
	w.t.Helper()
	for {
		n, err := w.Step(w.t.Context())
		must(w.t, err)
		if n == 0 {
			return
		}
	}
}

// residents is a small town: 40 people, 2 districts, some sharing an address.
func residents() string {
	var b strings.Builder
	b.WriteString("id,name,address,district\n")
	for i := range 40 {
		b.WriteString(strings.Join([]string{"P" + string(rune('A'+i/10)) + string(rune('0'+i%10)), "Name " + string(rune('A'+i%26)),
			string(rune('1'+i/3%9)) + " Long Road", []string{"north", "south"}[i%2]}, ",") + "\n")
	}
	return b.String()
}

// frozen imports and freezes the small town.
func (w *world) frozen(name string) service.Register {
	w.t.Helper()
	reg := w.imported(name, residents())
	_, err := w.FreezeRegister(w.t.Context(), w.registrar, reg.ID, service.Freeze{})
	must(w.t, err)
	w.work()
	reg, err = w.Register(w.t.Context(), w.registrar, reg.ID)
	must(w.t, err)
	if reg.State != service.RegisterFrozen {
		w.t.Fatalf("register is %s, want frozen", reg.State)
	}
	return reg
}

func (w *world) imported(name, csv string) service.Register {
	w.t.Helper()
	reg, err := w.AddRegister(w.t.Context(), w.registrar, service.NewRegister{City: "example", Name: name})
	must(w.t, err)
	job, err := w.Upload(w.t.Context(), w.registrar, reg.ID, false, strings.NewReader(csv))
	must(w.t, err)
	w.work()
	job, err = w.Job(w.t.Context(), w.registrar, job.ID)
	must(w.t, err)
	if job.State != service.JobDone {
		w.t.Fatalf("import is %s: %s %s", job.State, job.Error, job.Report)
	}
	reg, err = w.Register(w.t.Context(), w.registrar, reg.ID)
	must(w.t, err)
	return reg
}

func (w *world) newDraw(reg service.Register, decision string) service.NewDraw {
	return service.NewDraw{City: "example", Decision: decision, RegisterID: reg.ID, Method: sortition.Strata, StrataBy: []string{"district"},
		Strata:          []sortition.Stratum{{Stratum: "north", Seats: 3, Alternates: 2}, {Stratum: "south", Seats: 3, Alternates: 2}},
		OnePerHousehold: true, DrawTime: w.clock.Load() + 30, Rehearsal: true}
}

func (w *world) opened(decision string) service.Draw {
	w.t.Helper()
	d, err := w.OpenDraw(w.t.Context(), w.registrar, w.newDraw(w.frozen("list-"+decision), decision))
	must(w.t, err)
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantRefusal checks kind and code.
func wantRefusal(t *testing.T, err error, kind service.Kind, code string) {
	t.Helper()
	var e *service.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Code != code {
		t.Errorf("got %v (%+v), want %s %s", err, e, kind, code)
	}
}
