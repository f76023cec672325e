package relay_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

// relayStates lists the states that relays went through.
func (w *world) relayStates() []relay.RelayState {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []relay.RelayState
	for _, e := range w.events {
		if e.State == "" {
			out = append(out, e.RelayState)
		}
	}
	return out
}

func TestQuarantineGrowsWithEveryLieAndIsForgivenAfterADay(t *testing.T) {
	w := newWorld(t)
	n := w.devchain(devchain.WrongSignature)
	c := w.client()
	quarantine := func() time.Duration {
		t.Helper()
		if _, err := c.GetOnce(t.Context(), w.chain.Hash, asked); err == nil {
			t.Fatal("a lie is accepted")
		}
		return c.Health()[0].QuarantinedUntil.Sub(w.clock.now())
	}
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		if got := quarantine(); got != want*time.Minute {
			t.Errorf("lie %d: quarantined for %s, want %d min", i+1, got, want)
		}
		w.clock.advance(want * time.Minute)
		if got := c.Health()[0].State; got != relay.RelayFailing {
			t.Errorf("after quarantine %d: state %s", i+1, got)
		}
	}
	w.clock.advance(25 * time.Hour)
	if got := quarantine(); got != time.Minute {
		t.Errorf("a day later: quarantined for %s, want 1 min", got)
	}
	n.SetFault(devchain.None)
	w.clock.advance(time.Minute)
	w.check(c.GetOnce(t.Context(), w.chain.Hash, asked))
	h := c.Health()[0]
	if h.State != relay.RelayOK || h.VerifyFailures != 9 || h.LastError != "" || h.Failures != 0 {
		t.Errorf("health %+v", h)
	}
	states := w.relayStates()
	if len(states) != 10 || states[8] != relay.RelayQuarantined || states[9] != relay.RelayOK {
		t.Errorf("relay states %v, want 9 quarantines and ok", states)
	}
}

func TestQuarantinedRelayIsNotAsked(t *testing.T) {
	w := newWorld(t)
	liar := newNetwork(t, 'a', w.clock.now, genesis)
	liar.SetFault(devchain.WrongSignature)
	var visits atomic.Int64
	w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		liar.Handler().ServeHTTP(rw, r)
	}))
	c := w.client()
	for range 3 {
		_, err := c.GetOnce(t.Context(), w.chain.Hash, asked)
		var notYet *relay.NotYet
		if !errors.As(err, &notYet) {
			t.Fatalf("got %v", err)
		}
	}
	if _, err := c.ClockSkew(t.Context(), w.chain.Hash); err == nil {
		t.Error("a clock check without relays succeeds")
	}
	if got := visits.Load(); got != 1 {
		t.Errorf("%d visits, want 1", got)
	}
	if _, err := c.GetOnce(t.Context(), w.chain.Hash, asked); !strings.Contains(err.Error(), "all relays of the chain are quarantined") {
		t.Errorf("got %v", err)
	}
}

// However often a round is asked for in vain, the observer hears of each state once.
func TestEachChangeOfStateIsToldOnce(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.Error500)
	down := httptest.NewServer(http.NotFoundHandler())
	w.relays = append(w.relays, relay.Relay{URL: down.URL, Organisation: "down"})
	down.Close()
	c := w.client()
	for range 50 {
		if _, err := c.GetOnce(t.Context(), w.chain.Hash, asked); err == nil {
			t.Fatal("got a round from nobody")
		}
	}
	if d := cmp.Diff([]relay.State{relay.StateDue, relay.StateLate}, w.states()); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]relay.RelayState{relay.RelayFailing}, w.relayStates()); d != "" {
		t.Errorf("relay states (-want +got):\n%s", d)
	}
	if h := c.Health()[1]; h.Failures != 50 || h.LastError == "" || !h.LastAnswer.IsZero() {
		t.Errorf("health %+v", h)
	}
}

func TestFailingRelayIsAskedLast(t *testing.T) {
	w := newWorld(t)
	var visits atomic.Int64
	bad := fixed(503, "application/json", "{}")
	w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		bad.ServeHTTP(rw, r)
	}))
	w.devchain(devchain.None)
	w.opts.Timing.HedgeMin, w.opts.Timing.HedgeMax = time.Minute, time.Minute
	for order := range 2 {
		w.opts.Jitter = jitter(order)
		c := w.client()
		visits.Store(0)
		for round := uint64(asked - 10); round < asked; round++ {
			if _, err := c.GetOnce(t.Context(), w.chain.Hash, round); err != nil {
				t.Fatal(err)
			}
		}
		if got := visits.Load(); got > 1 {
			t.Errorf("order %d: the failing relay was asked %d times, want at most once", order, got)
		}
	}
}

func TestHaltIsProvedByTheRelaysNewestRounds(t *testing.T) {
	tests := map[string]struct {
		fault   devchain.Fault
		elapsed time.Duration // since the asked round's time
		want    relay.State
	}{
		"five periods overdue":           {devchain.Late(2 * time.Minute), 15 * time.Second, relay.StateLate},
		"more than five periods overdue": {devchain.Late(2 * time.Minute), 16 * time.Second, relay.StateHalted},
		"no round has come since":        {devchain.Late(time.Hour), time.Hour - 16*time.Second, relay.StateHalted},
		"newest round is the one before": {devchain.Late(18 * time.Second), 17 * time.Second, relay.StateHalted},
		"no relay proves anything":       {devchain.Error500, time.Minute, relay.StateLate},
		"the relays lie":                 {devchain.WrongSignature, time.Minute, relay.StateLate},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.advance(tt.elapsed - time.Second)
			w.devchain(tt.fault)
			w.devchain(tt.fault)
			c := w.client()
			_, err := c.GetOnce(t.Context(), w.chain.Hash, asked)
			if got := c.State(w.chain.Hash, asked); got != tt.want {
				t.Errorf("state %s, want %s", got, tt.want)
			}
			var halted *relay.Halted
			if errors.As(err, &halted) != (tt.want == relay.StateHalted) {
				t.Fatalf("got %v", err)
			}
			if halted != nil && (halted.Newest == 0 || halted.Newest >= asked || !strings.Contains(err.Error(), "halted at round")) {
				t.Errorf("newest %d: %v", halted.Newest, err)
			}
		})
	}
}

// A relay that holds one round back, while its newest shows that the chain went on, is late and proves
// no halt, and neither does one that lags beside it.
func TestOneRelayThatWentOnEndsTheSuspicionOfAHalt(t *testing.T) {
	for name, late := range map[string]time.Duration{"up to now": 0, "past the asked round": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.advance(time.Minute) // round 120 is due
			withholding := newNetwork(t, 'a', w.clock.now, genesis)
			withholding.SetFault(devchain.Late(late))
			w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/100") {
					http.Error(rw, "Failed to get beacon", http.StatusInternalServerError)
					return
				}
				withholding.Handler().ServeHTTP(rw, r)
			}))
			w.devchain(devchain.Late(2 * time.Minute))
			c := w.client()
			if _, err := c.GetOnce(t.Context(), w.chain.Hash, asked); err == nil {
				t.Fatal("got a round that nobody serves")
			}
			if got := c.State(w.chain.Hash, asked); got != relay.StateLate {
				t.Errorf("state %s, want late", got)
			}
			lags := []uint64{c.Health()[0].Lags[0].Rounds, c.Health()[1].Lags[0].Rounds}
			if d := cmp.Diff([]uint64{uint64(late.Seconds()) / period, 40}, lags); d != "" {
				t.Errorf("lags in rounds (-want +got):\n%s", d)
			}
		})
	}
}

// Nothing is learned from relays that are down: what was late stays late.
func TestLateRoundStaysLateWhenRelaysGoDown(t *testing.T) {
	w := newWorld(t)
	n := newNetwork(t, 'a', w.clock.now, genesis)
	n.SetFault(devchain.Error500)
	var down atomic.Bool
	w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if down.Load() {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		n.Handler().ServeHTTP(rw, r)
	}))
	c := w.client()
	for _, isDown := range []bool{false, true} {
		down.Store(isDown)
		_, err := c.GetOnce(t.Context(), w.chain.Hash, asked)
		var notYet *relay.NotYet
		if !errors.As(err, &notYet) || notYet.State != relay.StateLate || c.State(w.chain.Hash, asked) != relay.StateLate {
			t.Errorf("relay down %v: got %v, state %s", isDown, err, c.State(w.chain.Hash, asked))
		}
	}
}

func TestHaltEndsWithTheSameRound(t *testing.T) {
	w := newWorld(t)
	w.clock.advance(time.Minute)
	a, b := w.devchain(devchain.Late(2*time.Minute)), w.devchain(devchain.Late(2*time.Minute))
	w.opts.Observe = func(e relay.Event) {
		w.observe(e)
		if e.State == relay.StateHalted {
			a.SetFault(devchain.None)
			b.SetFault(devchain.None)
		}
	}
	w.check(w.client().Get(t.Context(), w.chain.Hash, asked))
	if d := cmp.Diff([]relay.State{relay.StateDue, relay.StateHalted, relay.StateFetched, relay.StateVerified}, w.states()); d != "" {
		t.Errorf("states (-want +got):\n%s", d)
	}
}

func TestClockSkew(t *testing.T) {
	tests := map[string]struct {
		local   time.Duration // the local clock against the relays' one
		behind  time.Duration
		claimed time.Duration
		refused bool
	}{
		"equal":              {0, 0, 0, false},
		"two seconds behind": {-2 * time.Second, time.Second, 2 * time.Second, false},
		// The newest round is one second old, so three seconds behind are two proved ones.
		"just tolerable":            {-3 * time.Second, 2 * time.Second, 3 * time.Second, false},
		"just intolerable":          {-3*time.Second - time.Millisecond, 2*time.Second + time.Millisecond, 3 * time.Second, true},
		"a minute behind":           {-time.Minute, 59 * time.Second, time.Minute, true},
		"a minute ahead, no proof":  {time.Minute, 0, -time.Minute, false},
		"a second ahead, no proof":  {time.Second, 0, -time.Second, false},
		"a day behind, long before": {-24 * time.Hour, 24*time.Hour - time.Second, 24 * time.Hour, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.devchain(devchain.None)
			w.devchain(devchain.None)
			w.opts.Now = func() time.Time { return w.clock.now().Add(tt.local) }
			c := w.client()
			got, err := c.ClockSkew(t.Context(), w.chain.Hash)
			want := relay.Skew{Behind: tt.behind, Claimed: tt.claimed, Newest: asked, Relays: 2}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			var behind *relay.ClockBehind
			if errors.As(err, &behind) != tt.refused || err != nil && !tt.refused {
				t.Errorf("got error %v, want refused %v", err, tt.refused)
			}
			if tt.refused && behind.Behind != tt.behind {
				t.Errorf("error says %s", behind.Behind)
			}
		})
	}
}

// A Date header and an unproved round are claims; only a signature proves that a time has come.
func TestLiesDoNotMoveTheClock(t *testing.T) {
	w := newWorld(t)
	future := newNetwork(t, 'a', func() time.Time { return w.clock.now().Add(time.Hour) }, genesis)
	future.SetFault(devchain.WrongSignature)
	w.serve(future.Handler())
	w.devchain(devchain.None)
	c := w.client()
	got, err := c.ClockSkew(t.Context(), w.chain.Hash)
	if d := cmp.Diff(relay.Skew{Newest: asked, Relays: 1}, got); d != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, d)
	}
	if h := c.Health(); h[0].State != relay.RelayQuarantined || h[1].State != relay.RelayOK {
		t.Errorf("health %+v", h)
	}
}

func TestClockSkewWithoutAnyProofIsAnError(t *testing.T) {
	tests := map[string]struct {
		handler func(*world) http.Handler
		kind    relay.Kind
	}{
		"error 500":             {fault(devchain.Error500), relay.Absent},
		"slow":                  {fault(devchain.Slow(time.Hour)), relay.Down},
		"wrong signature":       {fault(devchain.WrongSignature), relay.Lying},
		"malleated signature":   {fault(devchain.Malleated), relay.Lying},
		"HTML":                  {answer(200, "text/html", "<html>"), relay.Malformed},
		"a list":                {answer(200, "application/json", "[]"), relay.Malformed},
		"round 0":               {answer(200, "application/json", `{"round":0,"signature":"00"}`), relay.Lying},
		"redirect to elsewhere": {redirectTo("http://localhost:1"), relay.Malformed},
		"status 400":            {answer(400, "text/plain", ""), relay.Foreign},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tt.kind == relay.Down {
				w.opts.Timing.Try = 300 * time.Millisecond
			}
			w.serve(tt.handler(w))
			_, err := w.client().ClockSkew(t.Context(), w.chain.Hash)
			var unjudged *relay.Unjudged
			var f *relay.Fault
			if !errors.As(err, &unjudged) || !errors.As(err, &f) || f.Relay != w.relays[0].URL || f.Kind != tt.kind {
				t.Errorf("got %v, want kind %s", err, tt.kind)
			}
		})
	}
	w := newWorld(t)
	w.devchain(devchain.None)
	var wrong *relay.Misconfigured
	if _, err := w.client().ClockSkew(t.Context(), beacon.Hash{}); !errors.As(err, &wrong) {
		t.Errorf("unknown chain: %v", err)
	}
}
