package relay_test

import (
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

// No goroutine of a client outlives its call, whatever the test did.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a hand-set time that relays and client share.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// jitter gives the same 64 bits for ever.
type jitter uint64

func (j jitter) Read(b []byte) (int, error) {
	return copy(b, binary.BigEndian.AppendUint64(nil, uint64(j))), nil
}

// letters is an endless secret of one byte.
type letters byte

func (l letters) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(l)
	}
	return len(b), nil
}

const (
	genesis = 1_800_000_000
	period  = 3
	asked   = 100 // the round that most tests fetch
)

// newNetwork makes one relay of the chain with this secret.
func newNetwork(t testing.TB, secret letters, now func() time.Time, start int64) *devchain.Network {
	t.Helper()
	n, err := devchain.New(devchain.Options{
		Period: period * time.Second, Genesis: start, Secret: secret, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// world is a chain, some relays of it on loopback, and a client.
type world struct {
	*testing.T
	clock  *clock
	chain  *beacon.Chain
	relays []relay.Relay
	opts   relay.Options

	mu     sync.Mutex
	events []relay.Event
}

// newWorld sets the clock to one second after the asked round.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, clock: &clock{at: time.Unix(genesis+(asked-1)*period+1, 0)}}
	w.chain = newNetwork(t, 'a', w.clock.now, genesis).Chain()
	chains, err := beacon.Pinned().With(w.chain)
	if err != nil {
		t.Fatal(err)
	}
	w.opts = relay.Options{
		Chains: chains, Now: w.clock.now, Jitter: jitter(0), Observe: w.observe,
		Timing: relay.Timing{
			Try: 2 * time.Second, HedgeMin: 10 * time.Millisecond, HedgeMax: 20 * time.Millisecond,
			FirstMin: time.Millisecond, FirstMax: 2 * time.Millisecond,
			BackoffMin: time.Millisecond, BackoffMax: 5 * time.Millisecond,
		},
	}
	return w
}

func (w *world) observe(e relay.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// states lists the states that the asked round went through.
func (w *world) states() []relay.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []relay.State
	for _, e := range w.events {
		if e.State != "" && e.Round == asked {
			out = append(out, e.State)
		}
	}
	return out
}

// serve adds a relay with any behaviour and returns its URL.
func (w *world) serve(h http.Handler) string {
	w.Helper()
	server := httptest.NewServer(h)
	w.Cleanup(server.Close)
	w.relays = append(w.relays, relay.Relay{URL: server.URL, Organisation: "organisation of " + server.URL})
	return server.URL
}

// devchain adds a relay of the chain with this fault.
func (w *world) devchain(f devchain.Fault) *devchain.Network {
	w.Helper()
	n := newNetwork(w.T, 'a', w.clock.now, genesis)
	n.SetFault(f)
	w.serve(n.Handler())
	return n
}

// fixed answers every request with this status, type and body.
func fixed(status int, contentType, body string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		rw.WriteHeader(status)
		io.WriteString(rw, body) //nolint:errcheck // the client may have seen enough
	})
}

func (w *world) client() *relay.Client {
	w.Helper()
	w.opts.Relays = slices.Clone(w.relays)
	c, err := relay.New(w.opts)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// check fails unless f is the true beacon of the asked round.
func (w *world) check(f relay.Fetched, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	want, err := newNetwork(w.T, 'a', w.clock.now, genesis).Sign(asked)
	if err != nil {
		w.Fatal(err)
	}
	if f.Beacon.Round != asked || f.Beacon.Randomness() != want.Randomness() {
		w.Errorf("got round %d, randomness %x, want %d, %x", f.Beacon.Round, f.Beacon.Randomness(), asked, want.Randomness())
	}
	if !slices.ContainsFunc(w.relays, func(r relay.Relay) bool { return r.URL == f.Relay }) {
		w.Errorf("served by %q, which is no relay of the test", f.Relay)
	}
}
