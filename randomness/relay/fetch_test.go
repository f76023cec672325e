package relay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

func TestHonestRelayGivesTheVerifiedRound(t *testing.T) {
	for name, api := range map[string]relay.Version{"v1": relay.V1, "v2": relay.V2} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.devchain(devchain.None)
			w.relays[0].API = api
			c := w.client()
			w.check(c.Get(t.Context(), w.chain.Hash, asked))
			w.check(c.GetOnce(t.Context(), w.chain.Hash, asked))
			if d := cmp.Diff([]relay.State{relay.StateDue, relay.StateFetched, relay.StateVerified}, w.states()); d != "" {
				t.Errorf("states (-want +got):\n%s", d)
			}
			if got := c.State(w.chain.Hash, asked); got != relay.StateVerified {
				t.Errorf("state %q", got)
			}
		})
	}
}

func TestEverySchemeIsFetched(t *testing.T) {
	for _, scheme := range []beacon.Scheme{beacon.SchemeG1RFC9380, beacon.SchemeChained, beacon.SchemeBN254} {
		w := newWorld(t)
		n, err := devchain.New(devchain.Options{Period: time.Second, Genesis: genesis, Scheme: scheme, ID: "other", Secret: letters('s'), Now: w.clock.now})
		if err != nil {
			t.Fatal(err)
		}
		if w.opts.Chains, err = w.opts.Chains.With(n.Chain()); err != nil {
			t.Fatal(err)
		}
		w.serve(n.Handler())
		for _, round := range []uint64{1, 2, 60} {
			f, err := w.client().GetOnce(t.Context(), n.Chain().Hash, round)
			if err != nil {
				t.Fatalf("%s round %d: %v", scheme, round, err)
			}
			want, err := n.Sign(round)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, f.Beacon); d != "" {
				t.Errorf("%s round %d (-want +got):\n%s", scheme, round, d)
			}
		}
	}
}

func TestFaultyRelayAloneGivesNothing(t *testing.T) {
	for name, tt := range faults() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if strings.Contains(tt.says, "300ms") {
				w.opts.Timing.Try = 300 * time.Millisecond
			}
			w.serve(tt.handler(w))
			c := w.client()
			_, err := c.GetOnce(t.Context(), w.chain.Hash, asked)
			var notYet *relay.NotYet
			if errors.As(err, &notYet) != (tt.state != "") || notYet != nil && notYet.State != tt.state {
				t.Fatalf("got %v (%T), want state %q", err, err, tt.state)
			}
			var f *relay.Fault
			if !errors.As(err, &f) || f.Kind != tt.kind || !strings.Contains(f.Error(), tt.says) {
				t.Errorf("got fault %v, want %s with %q", f, tt.kind, tt.says)
			}
			h := c.Health()[0]
			want := map[relay.Kind]relay.RelayState{
				relay.Absent: relay.RelayOK, relay.Foreign: relay.RelayOK, relay.Lying: relay.RelayQuarantined,
			}[tt.kind]
			if want == "" {
				want = relay.RelayFailing
			}
			if h.State != want || (h.VerifyFailures == 1) != (tt.kind == relay.Lying) || h.LastAnswer.IsZero() != (tt.kind == relay.Down) {
				t.Errorf("health %+v, want state %s", h, want)
			}
		})
	}
}

// Both orders of asking: the faulty relay first, and second.
func TestHonestRelayMakesUpForAnyFaultyOne(t *testing.T) {
	for name, tt := range faults() {
		for order := range 2 {
			t.Run(fmt.Sprint(name, ", order ", order), func(t *testing.T) {
				w := newWorld(t)
				w.opts.Jitter = jitter(order)
				w.serve(tt.handler(w))
				w.devchain(devchain.None)
				w.check(w.client().GetOnce(t.Context(), w.chain.Hash, asked))
			})
		}
	}
}

func TestHonestRelayAmongFourFaultyOnes(t *testing.T) {
	all := faults()
	w := newWorld(t)
	for _, name := range []string{"malleated signature", "error 500", "redirect to another host", "another round"} {
		w.serve(all[name].handler(w))
	}
	w.devchain(devchain.None)
	for order := range 40 {
		w.opts.Jitter = jitter(order)
		w.check(w.client().GetOnce(t.Context(), w.chain.Hash, asked))
	}
}

func TestRedirectIsNeverFollowedToAnotherHost(t *testing.T) {
	var visits atomic.Int64
	w := newWorld(t)
	honest := newNetwork(t, 'a', w.clock.now, genesis).Handler()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		honest.ServeHTTP(rw, r)
	}))
	defer elsewhere.Close()
	w.serve(redirectTo(elsewhere.URL)(w))
	if _, err := w.client().GetOnce(t.Context(), w.chain.Hash, asked); err == nil || visits.Load() != 0 {
		t.Errorf("error %v, %d visits to the other host", err, visits.Load())
	}
}

func TestRedirectWithinTheHostIsFollowed(t *testing.T) {
	w := newWorld(t)
	honest := newNetwork(t, 'a', w.clock.now, genesis).Handler()
	w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if path, ok := strings.CutPrefix(r.URL.Path, "/moved"); ok {
			r.URL.Path = path
			honest.ServeHTTP(rw, r)
			return
		}
		http.Redirect(rw, r, "/moved"+r.URL.Path, http.StatusPermanentRedirect)
	}))
	w.check(w.client().GetOnce(t.Context(), w.chain.Hash, asked))
}

func TestPathOfTheRelayIsKept(t *testing.T) {
	w := newWorld(t)
	w.serve(http.StripPrefix("/drand", newNetwork(t, 'a', w.clock.now, genesis).Handler()))
	w.relays[0].URL += "/drand/"
	c := w.client()
	if _, err := c.GetOnce(t.Context(), w.chain.Hash, asked); err != nil {
		t.Error(err)
	}
}

// The signature is the round; the randomness beside it is never used, but tells who lies.
func TestWrongRandomnessDoesNotSpoilTheRoundAndFlagsTheRelay(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.WrongRandomness)
	c := w.client()
	w.check(c.GetOnce(t.Context(), w.chain.Hash, asked))
	h := c.Health()[0]
	if h.State != relay.RelayQuarantined || h.VerifyFailures != 1 || !strings.Contains(h.LastError, "is not the hash") {
		t.Errorf("health %+v", h)
	}
}

func TestLyingInfoHarmsNobody(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.LyingInfo)
	w.check(w.client().GetOnce(t.Context(), w.chain.Hash, asked))
}

func TestUnknownMembersAreIgnored(t *testing.T) {
	w := newWorld(t)
	w.serve(edited(func(s string) string { return strings.Replace(s, "{", `{"new":{"a":[1,true]},"ROUND":7,`, 1) })(w))
	w.check(w.client().GetOnce(t.Context(), w.chain.Hash, asked))
}

func TestOnlyTheExplicitRoundIsAskedFor(t *testing.T) {
	w := newWorld(t)
	honest := newNetwork(t, 'a', w.clock.now, genesis).Handler()
	var paths []string
	w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.RequestURI())
		honest.ServeHTTP(rw, r)
	}))
	w.check(w.client().GetOnce(t.Context(), w.chain.Hash, asked))
	if d := cmp.Diff([]string{fmt.Sprintf("GET /%s/public/%d", w.chain.Hash, asked)}, paths); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestNobodyIsAskedBeforeTheRoundsTime(t *testing.T) {
	w := newWorld(t)
	var visits atomic.Int64
	w.serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	c := w.client()
	_, err := c.GetOnce(t.Context(), w.chain.Hash, asked+1)
	var notYet *relay.NotYet
	if !errors.As(err, &notYet) || notYet.State != relay.StateScheduled || notYet.Due.Unix() != genesis+asked*period {
		t.Errorf("got %v", err)
	}
	if visits.Load() != 0 || c.State(w.chain.Hash, asked+1) != relay.StateScheduled {
		t.Errorf("%d visits, state %q", visits.Load(), c.State(w.chain.Hash, asked+1))
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.WrongSignature)
	w.devchain(devchain.None)
	w.devchain(devchain.Slow(5 * time.Millisecond))
	c := w.client()
	var wg sync.WaitGroup
	for round := uint64(asked - 20); round <= asked; round++ {
		wg.Go(func() {
			f, err := c.Get(t.Context(), w.chain.Hash, round)
			if err != nil || f.Beacon.Round != round {
				t.Errorf("round %d: got %d, %v", round, f.Beacon.Round, err)
			}
		})
	}
	wg.Wait()
}

func TestAllRelaysDownThenUp(t *testing.T) {
	w := newWorld(t)
	a, b := w.devchain(devchain.Error500), w.devchain(devchain.Error500)
	w.opts.Observe = func(e relay.Event) {
		w.observe(e)
		if e.State == relay.StateLate {
			a.SetFault(devchain.None)
			b.SetFault(devchain.None)
		}
	}
	w.check(w.client().Get(t.Context(), w.chain.Hash, asked))
	if d := cmp.Diff([]relay.State{relay.StateDue, relay.StateLate, relay.StateFetched, relay.StateVerified}, w.states()); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
}

func TestContextEndsWaitingAndIsTheCause(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.Error500)
	stop := errors.New("the service shuts down")
	ctx, cancel := context.WithCancelCause(t.Context())
	w.opts.Observe = func(e relay.Event) {
		if e.State == relay.StateLate {
			cancel(stop)
		}
	}
	_, err := w.client().Get(ctx, w.chain.Hash, asked)
	var notYet *relay.NotYet
	if !errors.As(err, &notYet) || notYet.State != relay.StateLate || !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}
