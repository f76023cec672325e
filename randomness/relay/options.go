package relay

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kleroterion/randomness/beacon"
)

const (
	maxRelays     = 16
	maxRedirects  = 3
	maxHeaderSize = 16 << 10
)

// Version is the version of drand's HTTP API that a relay is asked by.
type Version int

// Every relay has the paths of V1; some have those of V2 as well.
const (
	V1 Version = iota
	V2
)

// Relay is a server that passes rounds on.
type Relay struct {
	URL          string        // http or https, without query; a path before drand's own is kept
	Organisation string        // who runs it: two relays of one organisation fail together
	Serves       beacon.Status // only chains of this status are asked for; "" is every chain
	API          Version
}

// Timing holds the durations of the client. A zero field is the default.
type Timing struct {
	Try           time.Duration // one request, body included: 5 s
	HedgeMin      time.Duration // a second relay is asked this long after the first: 300 ms
	HedgeMax      time.Duration // ... at most: 500 ms
	FirstMin      time.Duration // the first request follows the round's time by this: 500 ms
	FirstMax      time.Duration // ... at most: 1500 ms
	BackoffMin    time.Duration // longest first pause between attempts, doubled each time: 500 ms
	BackoffMax    time.Duration // longest pause: 30 s
	QuarantineMin time.Duration // first quarantine of a lying relay, doubled each time: 1 min
	QuarantineMax time.Duration // longest quarantine: 1 h
}

// Options configure a client.
type Options struct {
	Relays  []Relay          // 1 to 16
	Chains  beacon.Chains    // the chains that may be asked for
	HTTP    *http.Client     // nil is one that keeps no connection open; redirect rule and cookies are replaced
	Now     func() time.Time // the local clock
	Jitter  io.Reader        // randomness for pauses and the order of relays; crypto/rand.Reader
	Observe func(Event)      // nil, or told of every change of state, one at a time; must not call the client
	Timing  Timing
	Diverse bool // refuse to fetch from a live chain through fewer than two organisations
}

func (o *Options) check() error {
	switch {
	case len(o.Relays) == 0 || len(o.Relays) > maxRelays:
		return fmt.Errorf("%d relays, want 1 to %d", len(o.Relays), maxRelays)
	case o.Now == nil:
		return errors.New("no clock")
	case o.Jitter == nil:
		return errors.New("no source of jitter")
	}
	seen := map[string]bool{}
	for i := range o.Relays {
		r := &o.Relays[i]
		if err := r.check(); err != nil {
			return fmt.Errorf("relay %d: %w", i+1, err)
		}
		if seen[r.URL] {
			return fmt.Errorf("relay %d: %s is listed twice", i+1, r.URL)
		}
		seen[r.URL] = true
	}
	return o.Timing.fill()
}

// check also brings the URL into the form that paths are appended to.
func (r *Relay) check() error {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil:
		return fmt.Errorf("its URL does not parse: %w", errors.Unwrap(err))
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("URL %q, want http or https and a host", u.Redacted())
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("URL of host %s has a user, query or fragment, want none", u.Host)
	case r.organisation() == "":
		return fmt.Errorf("%s names no organisation", r.URL)
	case r.API != V1 && r.API != V2:
		return fmt.Errorf("%s has API version %d, want V1 or V2", r.URL, r.API)
	case r.Serves != "" && r.Serves != beacon.StatusLive && r.Serves != beacon.StatusTestnet && r.Serves != beacon.StatusDev:
		return fmt.Errorf("%s serves chains of status %q, want live, testnet, dev or none", r.URL, r.Serves)
	}
	u.Host = strings.ToLower(u.Host)
	r.URL = strings.TrimRight(u.String(), "/")
	return nil
}

// organisation is the name by which relays are told to have one operator.
func (r *Relay) organisation() string { return strings.ToLower(strings.TrimSpace(r.Organisation)) }

func (t *Timing) fill() error {
	for _, f := range []struct {
		name     string
		value    *time.Duration
		standard time.Duration
	}{
		{"Try", &t.Try, 5 * time.Second},
		{"HedgeMin", &t.HedgeMin, 300 * time.Millisecond}, {"HedgeMax", &t.HedgeMax, 500 * time.Millisecond},
		{"FirstMin", &t.FirstMin, 500 * time.Millisecond}, {"FirstMax", &t.FirstMax, 1500 * time.Millisecond},
		{"BackoffMin", &t.BackoffMin, 500 * time.Millisecond}, {"BackoffMax", &t.BackoffMax, 30 * time.Second},
		{"QuarantineMin", &t.QuarantineMin, time.Minute}, {"QuarantineMax", &t.QuarantineMax, time.Hour},
	} {
		if *f.value < 0 {
			return fmt.Errorf("timing %s is negative: %s", f.name, *f.value)
		}
		if *f.value == 0 {
			*f.value = f.standard
		}
	}
	if t.HedgeMin > t.HedgeMax || t.FirstMin > t.FirstMax || t.BackoffMin > t.BackoffMax || t.QuarantineMin > t.QuarantineMax {
		return fmt.Errorf("timing has a Min above its Max (0 is the default): %+v", *t)
	}
	return nil
}

// httpClient returns a client of our own, so that the caller's one keeps its redirect rule.
func (o *Options) httpClient() *http.Client {
	own := http.Client{}
	if o.HTTP != nil {
		own = *o.HTTP
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.MaxResponseHeaderBytes = maxHeaderSize
		t.DisableKeepAlives = true
		own.Transport = t
	}
	own.Jar = nil
	own.CheckRedirect = sameHost
	return &own
}

var errRedirect = errors.New("redirect refused")

func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		return fmt.Errorf("%w: from %s to %s", errRedirect, first.Host, next.URL.Host)
	}
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d in a row", errRedirect, maxRedirects)
	}
	return nil
}
