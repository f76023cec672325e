package relay_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

func TestUnusableOptionsAreRefused(t *testing.T) {
	tests := map[string]struct {
		spoil func(*relay.Options)
		want  string
	}{
		"no relays":         {func(o *relay.Options) { o.Relays = nil }, "0 relays"},
		"too many relays":   {func(o *relay.Options) { o.Relays = make([]relay.Relay, 17) }, "17 relays"},
		"no clock":          {func(o *relay.Options) { o.Now = nil }, "no clock"},
		"no jitter":         {func(o *relay.Options) { o.Jitter = nil }, "no source of jitter"},
		"no URL":            {func(o *relay.Options) { o.Relays[0].URL = "" }, "http or https and a host"},
		"bare host":         {func(o *relay.Options) { o.Relays[0].URL = "api.drand.sh" }, "http or https and a host"},
		"other scheme":      {func(o *relay.Options) { o.Relays[0].URL = "ftp://host" }, "http or https and a host"},
		"no host":           {func(o *relay.Options) { o.Relays[0].URL = "https:///path" }, "http or https and a host"},
		"broken URL":        {func(o *relay.Options) { o.Relays[0].URL = "http://host:port" }, "does not parse"},
		"URL with password": {func(o *relay.Options) { o.Relays[0].URL = "https://me:secret@host" }, "has a user, query or fragment"},
		"URL with query":    {func(o *relay.Options) { o.Relays[0].URL = "https://host/?a=b" }, "has a user, query or fragment"},
		"URL with fragment": {func(o *relay.Options) { o.Relays[0].URL = "https://host/#a" }, "has a user, query or fragment"},
		"same relay twice": {func(o *relay.Options) {
			o.Relays = append(o.Relays, o.Relays[0])
			o.Relays[1].URL = "HTTPS://Relay.example/"
		}, "listed twice"},
		"no organisation":    {func(o *relay.Options) { o.Relays[0].Organisation = " " }, "names no organisation"},
		"unknown API":        {func(o *relay.Options) { o.Relays[0].API = 3 }, "API version 3"},
		"unknown status":     {func(o *relay.Options) { o.Relays[0].Serves = "prod" }, `status "prod"`},
		"retired status":     {func(o *relay.Options) { o.Relays[0].Serves = beacon.StatusRetired }, `status "retired"`},
		"negative timing":    {func(o *relay.Options) { o.Timing.Try = -1 }, "Try is negative"},
		"hedge upside down":  {func(o *relay.Options) { o.Timing.HedgeMin = time.Second }, "Min above its Max"},
		"backoff too short":  {func(o *relay.Options) { o.Timing.BackoffMax = time.Millisecond }, "Min above its Max"},
		"quarantine too big": {func(o *relay.Options) { o.Timing.QuarantineMin = 2 * time.Hour }, "Min above its Max"},
	}
	good := func() relay.Options {
		return relay.Options{
			Relays: []relay.Relay{{URL: "https://relay.example", Organisation: "one"}},
			Chains: beacon.Pinned(), Now: time.Now, Jitter: jitter(0),
		}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := good()
			tt.spoil(&o)
			_, err := relay.New(o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells a password: %v", err)
			}
		})
	}
	if _, err := relay.New(good()); err != nil {
		t.Errorf("the unspoilt options are refused: %v", err)
	}
}

func TestWhatCannotBeWaitedForIsRefusedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.None)
	w.relays[0].Serves = beacon.StatusDev
	c := w.client()
	named := func(name string) beacon.Hash {
		chain, ok := beacon.Pinned().ByName(name)
		if !ok {
			t.Fatalf("no chain %s", name)
		}
		return chain.Hash
	}
	for name, tt := range map[string]struct {
		chain beacon.Hash
		round uint64
		want  string
	}{
		"unknown chain":            {beacon.Hash{1}, 1, "not among the configured chains"},
		"retired chain":            {named("fastnet"), 1, "fastnet is retired"},
		"chain without a relay":    {named("quicknet"), 1, "no relay is configured for quicknet"},
		"round 0":                  {w.chain.Hash, 0, "round 0"},
		"round beyond 2^53-1":      {w.chain.Hash, beacon.MaxRound + 1, "want 1 to 2^53-1"},
		"the largest 64-bit round": {w.chain.Hash, 1<<64 - 1, "want 1 to 2^53-1"},
	} {
		t.Run(name, func(t *testing.T) {
			for call, get := range map[string]func() (relay.Fetched, error){
				"Get":     func() (relay.Fetched, error) { return c.Get(t.Context(), tt.chain, tt.round) },
				"GetOnce": func() (relay.Fetched, error) { return c.GetOnce(t.Context(), tt.chain, tt.round) },
			} {
				_, err := get()
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: got %v, want an error with %q", call, err, tt.want)
				}
			}
		})
	}
}

func TestRelaysOfAnotherChainAreAConfigurationFault(t *testing.T) {
	for name, api := range map[string]relay.Version{"v1": relay.V1, "v2": relay.V2} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, secret := range []letters{'b', 'c'} {
				w.serve(newNetwork(t, secret, w.clock.now, genesis).Handler())
			}
			w.relays[0].API, w.relays[1].API = api, api
			c := w.client()
			_, err := c.Get(t.Context(), w.chain.Hash, asked) // at once, although Get waits
			var wrong *relay.Misconfigured
			if !errors.As(err, &wrong) || len(wrong.Relays) != 2 || !strings.Contains(err.Error(), "it serves 1 chains, and not this one") {
				t.Fatalf("got %v", err)
			}
			for _, h := range c.Health() {
				if len(h.Foreign) != 1 || h.Foreign[0] != w.chain.Hash {
					t.Errorf("health %+v", h)
				}
			}
		})
	}
}

// One relay of the right chain is enough to wait for.
func TestRelayOfAnotherChainBesideALateOneIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.serve(newNetwork(t, 'b', w.clock.now, genesis).Handler())
	right := w.devchain(devchain.Error500)
	foreign := 0
	w.opts.Observe = func(e relay.Event) {
		w.observe(e)
		if e.Foreign {
			foreign++
		}
		if e.State == relay.StateLate {
			right.SetFault(devchain.None)
		}
	}
	w.check(w.client().Get(t.Context(), w.chain.Hash, asked))
	if foreign != 1 {
		t.Errorf("told %d times of the foreign relay, want once", foreign)
	}
}

// A quarantine ends, so the chain's only relay is worth waiting for.
func TestRelayOfAnotherChainBesideAQuarantinedOneIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.serve(newNetwork(t, 'b', w.clock.now, genesis).Handler())
	w.devchain(devchain.WrongSignature)
	c := w.client()
	for range 2 { // the second time only the foreign relay is asked
		_, err := c.GetOnce(t.Context(), w.chain.Hash, asked)
		var notYet *relay.NotYet
		if !errors.As(err, &notYet) {
			t.Errorf("got %v", err)
		}
	}
}

// A relay that passes on another chain's rounds under the asked path is no fault of configuration
// but a lie.
func TestRoundOfAnotherChainIsALie(t *testing.T) {
	w := newWorld(t)
	other := newNetwork(t, 'b', w.clock.now, genesis)
	w.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.URL.Path = strings.Replace(r.URL.Path, w.chain.Hash.String(), other.Chain().Hash.String(), 1)
		other.Handler().ServeHTTP(rw, r)
	}))
	_, err := w.client().GetOnce(t.Context(), w.chain.Hash, asked)
	var refusal *beacon.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != beacon.RulePairing {
		t.Errorf("got %v", err)
	}
}

func TestRelayIsAskedOnlyForChainsOfItsStatus(t *testing.T) {
	w := newWorld(t)
	w.serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a relay for live chains is asked for a dev chain") }))
	w.relays[0].Serves = beacon.StatusLive
	w.devchain(devchain.None)
	c := w.client()
	w.check(c.GetOnce(t.Context(), w.chain.Hash, asked))
	if _, err := c.ClockSkew(t.Context(), w.chain.Hash); err != nil {
		t.Error(err)
	}
}

func TestLiveChainsNeedTwoOrganisations(t *testing.T) {
	quicknet, _ := beacon.Pinned().ByName("quicknet")
	testnet, _ := beacon.Pinned().ByName("quicknet-t")
	defaults := relay.DefaultRelays()
	one := func(url, organisation string) relay.Relay { return relay.Relay{URL: url, Organisation: organisation} }
	tests := map[string]struct {
		relays []relay.Relay
		chain  *beacon.Chain
		ok     bool
	}{
		"three hosts of one organisation": {defaults[:3], quicknet, false},
		"two organisations":               {defaults[2:4], quicknet, true},
		"all defaults, live":              {defaults, quicknet, true},
		"all defaults, testnet":           {defaults, testnet, true},
		"live relays only, testnet":       {defaults[:5], testnet, false},
		"one relay, testnet":              {defaults[5:6], testnet, true},
		"one name written in two ways":    {[]relay.Relay{one("https://a.example", "Example"), one("https://b.example", " example ")}, quicknet, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := relay.Options{Relays: tt.relays, Chains: beacon.Pinned(), Now: time.Now, Jitter: jitter(0), Diverse: true}
			c, err := relay.New(o)
			if err != nil {
				t.Fatal(err)
			}
			var wrong *relay.Misconfigured
			if err := c.CheckDiversity(tt.chain.Hash); (err == nil) != tt.ok || err != nil && !errors.As(err, &wrong) {
				t.Errorf("CheckDiversity: %v, want ok %v", err, tt.ok)
			}
			if tt.ok {
				return // GetOnce would ask a public relay
			}
			if _, err := c.GetOnce(t.Context(), tt.chain.Hash, 1); !errors.As(err, &wrong) {
				t.Errorf("GetOnce: %v", err)
			}
		})
	}
}

func TestDiversityIsNotAskedOfADevChain(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.None)
	w.opts.Diverse = true
	c := w.client()
	if err := c.CheckDiversity(w.chain.Hash); err != nil {
		t.Error(err)
	}
	w.check(c.GetOnce(t.Context(), w.chain.Hash, asked))
	var wrong *relay.Misconfigured
	if err := c.CheckDiversity(beacon.Hash{}); !errors.As(err, &wrong) {
		t.Errorf("unknown chain: %v", err)
	}
}

func TestFailingJitterIsAnErrorAndNotAHotLoop(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.Error500)
	broken := errors.New("no entropy")
	w.opts.Jitter = failing{broken}
	if _, err := w.client().Get(t.Context(), w.chain.Hash, asked); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCallersHTTPClientIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.devchain(devchain.None)
	own := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	w.opts.HTTP = own
	w.check(w.client().GetOnce(t.Context(), w.chain.Hash, asked))
	if own.CheckRedirect != nil || own.Jar != nil || own.Timeout != time.Minute {
		t.Errorf("changed: %+v", own)
	}
}
