package relay_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

// bubble is a chain and its relays without sockets: requests go straight to the relays' handlers, so
// that hours of waiting pass at once. It is used within synctest.Test, whose end proves as well that
// no goroutine is left.
type bubble struct {
	*testing.T
	chain  *beacon.Chain
	start  time.Time
	relays map[string]http.Handler // by host
	opts   relay.Options

	mu       sync.Mutex
	requests []time.Duration // since start
	hosts    []string
	events   []relay.Event
}

func newBubble(t *testing.T, relays map[string]*devchain.Network) *bubble {
	t.Helper()
	b := &bubble{T: t, start: time.Now(), relays: map[string]http.Handler{}}
	b.opts = relay.Options{Now: time.Now, Jitter: &stream{}, HTTP: &http.Client{Transport: b}, Observe: b.observe}
	for host, n := range relays {
		b.relays[host] = n.Handler()
		b.chain = n.Chain()
	}
	for _, host := range []string{"a", "b", "c"} { // in a fixed order, for the jitter's sake
		if b.relays[host] != nil {
			b.opts.Relays = append(b.opts.Relays, relay.Relay{URL: "http://" + host, Organisation: host})
		}
	}
	chains, err := beacon.Pinned().With(b.chain)
	if err != nil {
		t.Fatal(err)
	}
	b.opts.Chains = chains
	return b
}

// bubbleNetwork makes a relay of the chain that began an hour before the bubble.
func bubbleNetwork(t *testing.T, f devchain.Fault) *devchain.Network {
	t.Helper()
	n := newNetwork(t, 'a', time.Now, time.Now().Unix()-3600)
	n.SetFault(f)
	return n
}

// stream is jitter that differs from call to call and is the same in every run.
type stream struct{ n uint64 }

func (s *stream) Read(b []byte) (int, error) {
	s.n++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, s.n))
	return copy(b, sum[:]), nil
}

func (b *bubble) observe(e relay.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

// RoundTrip runs the handler of the asked host.
func (b *bubble) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	b.requests = append(b.requests, time.Since(b.start))
	b.hosts = append(b.hosts, r.URL.Host)
	b.mu.Unlock()
	w := httptest.NewRecorder()
	b.relays[r.URL.Host].ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (b *bubble) client() *relay.Client {
	b.Helper()
	c, err := relay.New(b.opts)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// roundIn is the first round due at or after this time from the bubble's start.
func (b *bubble) roundIn(d time.Duration) uint64 {
	b.Helper()
	round, err := b.chain.FirstRoundAtOrAfter(b.start.Add(d).Unix())
	if err != nil {
		b.Fatal(err)
	}
	return round
}

// told lists the events as "seconds since start: what".
func (b *bubble) told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, e := range b.events {
		what := string(e.State)
		if e.State == "" {
			what = "relay " + strings.TrimPrefix(e.Relay, "http://") + " " + string(e.RelayState)
		}
		out = append(out, fmt.Sprintf("%d: %s", int64(e.At.Sub(b.start).Seconds()), what))
	}
	return out
}

// stripped drops the times.
func stripped(told []string) []string {
	out := make([]string, len(told))
	for i, s := range told {
		_, out[i], _ = strings.Cut(s, ": ")
	}
	return out
}
