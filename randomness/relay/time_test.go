package relay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

func TestGetWaitsForTheRoundAndAsksShortlyAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{"a": bubbleNetwork(t, devchain.None)})
		c := b.client()
		for i := range 20 {
			in := time.Duration(i+1) * 10 * time.Minute
			round := b.roundIn(in)
			f, err := c.Get(t.Context(), b.chain.Hash, round)
			if err != nil || f.Beacon.Round != round {
				t.Fatalf("got round %d, %v", f.Beacon.Round, err)
			}
			if len(b.requests) != i+1 {
				t.Fatalf("%d requests, want %d", len(b.requests), i+1)
			}
			if after := b.requests[i] - in; after < 500*time.Millisecond || after > 1500*time.Millisecond {
				t.Errorf("asked %s after the round's time, want 0.5 to 1.5 s", after)
			}
		}
		want := []string{"0: scheduled", "601: due", "601: fetched", "601: verified"}
		if d := cmp.Diff(want, b.told()[:4]); d != "" {
			t.Errorf("events (-want +got):\n%s", d)
		}
	})
}

func TestPastRoundIsFetchedWithoutAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{"a": bubbleNetwork(t, devchain.None)})
		if _, err := b.client().Get(t.Context(), b.chain.Hash, 1); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(b.start); took != 0 {
			t.Errorf("took %s", took)
		}
	})
}

func TestSecondRelayIsAskedWhenTheFirstDawdles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := map[string]int{}
		for i := range 20 {
			b := newBubble(t, map[string]*devchain.Network{
				"a": bubbleNetwork(t, devchain.Slow(time.Hour)), "b": bubbleNetwork(t, devchain.Slow(100*time.Millisecond)),
			})
			b.opts.Jitter = &stream{n: uint64(i) * 100}
			c := b.client()
			if _, err := c.GetOnce(t.Context(), b.chain.Hash, 1); err != nil {
				t.Fatal(err)
			}
			took := time.Since(b.start)
			first[b.hosts[0]]++
			for _, h := range c.Health() {
				if h.State != relay.RelayOK || h.Failures != 0 {
					t.Errorf("being overtaken counts as a failure: %+v", h)
				}
			}
			if b.hosts[0] == "b" {
				if took != 100*time.Millisecond || len(b.hosts) != 1 {
					t.Errorf("took %s, asked %v, want no hedge", took, b.hosts)
				}
			} else if took < 400*time.Millisecond || took > 600*time.Millisecond {
				t.Errorf("took %s, want the hedge of 300 to 500 ms and 100 ms", took)
			}
		}
		if first["a"] < 3 || first["b"] < 3 {
			t.Errorf("asked first: %v, want each of the two now and then", first)
		}
	})
}

// A transport may take its time to notice that a request was called off; the call waits for it.
func TestCallReturnsAfterAllItsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{
			"a": bubbleNetwork(t, devchain.Slow(time.Hour)), "b": bubbleNetwork(t, devchain.Slow(time.Second)),
		})
		slow := &sluggish{next: b}
		b.opts.HTTP = &http.Client{Transport: slow}
		c := b.client()
		for range 10 {
			if _, err := c.GetOnce(t.Context(), b.chain.Hash, 1); err != nil {
				t.Fatal(err)
			}
			if n := slow.running.Load(); n != 0 {
				t.Fatalf("%d requests are still running", n)
			}
		}
		if len(b.hosts) <= 10 {
			t.Errorf("%d requests: nothing was overtaken", len(b.hosts))
		}
	})
}

// sluggish holds on to requests that were called off.
type sluggish struct {
	next    http.RoundTripper
	running atomic.Int64
}

func (s *sluggish) RoundTrip(r *http.Request) (*http.Response, error) {
	s.running.Add(1)
	defer s.running.Add(-1)
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		time.Sleep(time.Second) // of the bubble's time
	}
	return resp, err
}

func TestTryEndsAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{
			"a": bubbleNetwork(t, devchain.Slow(5*time.Second+time.Millisecond)), "b": bubbleNetwork(t, devchain.Slow(time.Hour)),
		})
		c := b.client()
		_, err := c.GetOnce(t.Context(), b.chain.Hash, 1)
		var notYet *relay.NotYet
		if !errors.As(err, &notYet) || len(notYet.Relays) != 2 || !strings.Contains(err.Error(), "no whole answer within 5s") {
			t.Errorf("got %v", err)
		}
		// Both tries, the second begun at the hedge; then the newest round of both, because round 1
		// is long overdue.
		if took := time.Since(b.start); took < 10*time.Second+300*time.Millisecond || took > 10*time.Second+500*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

func TestLateRoundIsAskedForUntilItComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{
			"a": bubbleNetwork(t, devchain.Late(8*time.Second)), "b": bubbleNetwork(t, devchain.Late(8*time.Second)),
		})
		round := b.roundIn(time.Minute)
		f, err := b.client().Get(t.Context(), b.chain.Hash, round)
		if err != nil || f.Beacon.Round != round {
			t.Fatalf("got round %d, %v", f.Beacon.Round, err)
		}
		told := b.told()
		if d := cmp.Diff([]string{"scheduled", "due", "late", "fetched", "verified"}, stripped(told)); d != "" {
			t.Errorf("%v (-want +got):\n%s", told, d)
		}
		if took := time.Since(b.start) - time.Minute; took < 8*time.Second || took > 25*time.Second {
			t.Errorf("came %s after its time, want 8 s and at most the pause of 16 s", took)
		}
	})
}

// A halt of half an hour: few requests, five events, and at its end the very round that was asked for.
func TestLongHalt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nets := map[string]*devchain.Network{"a": bubbleNetwork(t, devchain.None), "b": bubbleNetwork(t, devchain.None)}
		b := newBubble(t, nets)
		round := b.roundIn(time.Minute)
		for _, n := range nets {
			n.SetFault(devchain.Halted)
			time.AfterFunc(30*time.Minute, func() { n.SetFault(devchain.None) })
		}
		f, err := b.client().Get(t.Context(), b.chain.Hash, round)
		if err != nil || f.Beacon.Round != round {
			t.Fatalf("got round %d, %v", f.Beacon.Round, err)
		}
		if took := time.Since(b.start); took < 30*time.Minute || took > 30*time.Minute+31*time.Second {
			t.Errorf("took %s", took)
		}
		if d := cmp.Diff([]string{"scheduled", "due", "late", "halted", "fetched", "verified"}, stripped(b.told())); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		// On average a pause of 15 s, and then the round and the newest round of two relays.
		if n := len(b.requests); n < 300 || n > 700 {
			t.Errorf("%d requests in half an hour, want about 480", n)
		}
	})
}

func TestDeadlineTellsWhatWasWaitedFor(t *testing.T) {
	for name, tt := range map[string]struct {
		fault   devchain.Fault
		timeout time.Duration
		check   func(error) bool
	}{
		"scheduled": {devchain.None, 30 * time.Second, func(err error) bool {
			var e *relay.NotYet
			return errors.As(err, &e) && e.State == relay.StateScheduled && len(e.Relays) == 0
		}},
		"late": {devchain.Halted, 70 * time.Second, func(err error) bool {
			var e *relay.NotYet
			return errors.As(err, &e) && e.State == relay.StateLate && len(e.Relays) == 2
		}},
		"halted": {devchain.Halted, 10 * time.Minute, func(err error) bool {
			var e *relay.Halted
			return errors.As(err, &e) && e.Newest > 0 && len(e.Relays) == 2
		}},
		"unreachable": {devchain.Slow(time.Hour), 63 * time.Second, func(err error) bool {
			var e *relay.NotYet
			return errors.As(err, &e) && e.State == relay.StateDue
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, map[string]*devchain.Network{"a": bubbleNetwork(t, tt.fault), "b": bubbleNetwork(t, tt.fault)})
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				_, err := b.client().Get(ctx, b.chain.Hash, b.roundIn(time.Minute))
				if !tt.check(err) || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %T %v", err, err)
				}
				if took := time.Since(b.start); took != tt.timeout {
					t.Errorf("took %s, want %s", took, tt.timeout)
				}
			})
		})
	}
}

// A quarantine that ends while Get waits lets the only relay, by then honest, finish the job.
func TestOnlyRelayIsAskedAgainAfterItsQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := bubbleNetwork(t, devchain.WrongSignature)
		b := newBubble(t, map[string]*devchain.Network{"a": n})
		time.AfterFunc(90*time.Second, func() { n.SetFault(devchain.None) })
		if _, err := b.client().Get(t.Context(), b.chain.Hash, 1); err != nil {
			t.Fatal(err)
		}
		var lies int
		for _, s := range stripped(b.told()) {
			if s == "relay a quarantined" {
				lies++
			}
		}
		// At 0 s for a minute, soon after it for two; then it tells the truth.
		if took := time.Since(b.start); lies != 2 || took < 3*time.Minute || took > 4*time.Minute+time.Second {
			t.Errorf("%d lies, took %s: %v", lies, took, b.told())
		}
	})
}

// The clock is set forward by an hour while Get waits: it notices within one nap.
func TestClockThatIsSetWhileWaitingIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{"a": bubbleNetwork(t, devchain.None)})
		var mu sync.Mutex
		var set time.Duration
		b.opts.Now = func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(set)
		}
		time.AfterFunc(10*time.Minute, func() {
			mu.Lock()
			defer mu.Unlock()
			set = 50 * time.Minute
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute+35*time.Second)
		defer cancel()
		_, err := b.client().Get(ctx, b.chain.Hash, b.roundIn(time.Hour))
		if len(b.requests) == 0 || err == nil { // the relay's own clock was not set: it has no such round yet
			t.Errorf("%d requests, error %v", len(b.requests), err)
		}
	})
}

func TestOutageIsOneEventForEachRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{"a": bubbleNetwork(t, devchain.None), "b": bubbleNetwork(t, devchain.None)})
		up := b.start.Add(6 * time.Hour)
		for host, honest := range b.relays {
			b.relays[host] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if time.Now().Before(up) {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				honest.ServeHTTP(w, r)
			})
		}
		if _, err := b.client().Get(t.Context(), b.chain.Hash, 1); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, s := range stripped(b.told()) {
			count[s]++
		}
		want := map[string]int{"due": 1, "relay a failing": 1, "relay b failing": 1, "late": 1, "fetched": 1, "verified": 1}
		for _, host := range []string{"a", "b"} {
			if ok := "relay " + host + " ok"; count[ok] == 1 {
				want[ok] = 1 // the other relay may not have been asked again
			}
		}
		if d := cmp.Diff(want, count); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestPausesGrowToTheirLimitAndDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{"a": bubbleNetwork(t, devchain.TooEarly425)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		b.relays["a"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
		if _, err := b.client().Get(ctx, b.chain.Hash, b.roundIn(-time.Second)); err == nil {
			t.Fatal("got a round")
		}
		seen := map[time.Duration]bool{}
		limit, long := 500*time.Millisecond, 0
		for i := range len(b.requests) - 1 {
			pause := b.requests[i+1] - b.requests[i]
			if pause == 0 {
				continue // the look at the newest round follows at once
			}
			if pause > limit {
				t.Errorf("pause %d is %s, want at most %s", i+1, pause, limit)
			}
			if pause > 20*time.Second {
				long++
			}
			seen[pause] = true
			limit = min(2*limit, 30*time.Second)
		}
		if len(seen) < 100 || long < 20 {
			t.Errorf("%d different pauses in an hour, %d above 20 s", len(seen), long)
		}
	})
}

func TestBodyThatDripsEndsWithTheTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, map[string]*devchain.Network{"a": bubbleNetwork(t, devchain.None)})
		b.opts.HTTP = &http.Client{Transport: drip{}}
		_, err := b.client().GetOnce(t.Context(), b.chain.Hash, b.roundIn(-time.Second))
		if err == nil || !strings.Contains(err.Error(), "no whole answer within 5s") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(b.start); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// drip answers with one space a second, for ever.
type drip struct{}

func (drip) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: 200, Header: h, Body: io.NopCloser(dripping{r.Context()}), Request: r}, nil
}

type dripping struct{ ctx context.Context }

func (d dripping) Read(b []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return copy(b, " "), nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}
