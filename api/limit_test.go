package api_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"kleroterion/api"
)

func TestRateOfAnAddress(t *testing.T) {
	t.Parallel()
	w := newTown(t, func(o *api.Options) { o.PerAddress = api.Rate{PerSecond: 0.5, Burst: 3} })
	for i := range 3 {
		got := w.ask("GET", "/livez", "", "")
		if left := got.header.Get("RateLimit"); got.status != 200 || !strings.Contains(left, "r="+strconv.Itoa(2-i)) {
			t.Errorf("request %d: %d with RateLimit %q", i+1, got.status, left)
		}
	}
	got := w.ask("GET", "/livez", "", "")
	if got.status != 429 || got.header.Get("Retry-After") != "2" || problemOf(t, got).Code != "rate" {
		t.Fatalf("request 4: %d, Retry-After %q", got.status, got.header.Get("Retry-After"))
	}
	if policy := got.header.Get("RateLimit-Policy"); policy != `"default";q=3;w=6` {
		t.Errorf("RateLimit-Policy %q", policy)
	}
	w.clock.Add(2)
	if got := w.ask("GET", "/livez", "", ""); got.status != 200 {
		t.Errorf("after Retry-After: %d", got.status)
	}
	if got := w.ask("GET", "/livez", "", "", "X-Forwarded-For: 192.0.2.1"); got.status != 429 {
		t.Errorf("an address that the caller made up: %d", got.status)
	}
}

func TestRateBehindATrustedProxy(t *testing.T) {
	t.Parallel()
	w := newTown(t, func(o *api.Options) {
		o.PerAddress, o.TrustedProxies = api.Rate{PerSecond: 0.001, Burst: 1}, []string{"127.0.0.1"}
	})
	for _, tt := range []struct {
		from   string
		status int
	}{
		{"192.0.2.1", 200}, {"192.0.2.1", 429}, {"192.0.2.2", 200},
		{"2001:db8::1", 200}, {"2001:db8::2", 429}, {"2001:db8:0:1::1", 200},
		{"198.51.100.1, 192.0.2.1", 429},
	} {
		if got := w.ask("GET", "/livez", "", "", "X-Forwarded-For: "+tt.from); got.status != tt.status {
			t.Errorf("from %s: %d, want %d", tt.from, got.status, tt.status)
		}
	}
}

func TestRateOfAKey(t *testing.T) {
	t.Parallel()
	w := newTown(t, func(o *api.Options) { o.PerKey = api.Rate{PerSecond: 0.001, Burst: 2} })
	for i, want := range []int{200, 200, 429} {
		if got := w.ask("GET", "/v1/cities", w.registrar, ""); got.status != want {
			t.Errorf("request %d of a key: %d, want %d", i+1, got.status, want)
		}
	}
	if got := w.ask("GET", "/v1/cities", w.auditor, ""); got.status != 200 {
		t.Errorf("another key: %d", got.status)
	}
	if got := w.ask("GET", "/v1/cities", "", ""); got.status != 200 {
		t.Errorf("nobody: %d", got.status)
	}
}

func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	l := api.NewLimiter(api.Rate{PerSecond: 1, Burst: 1})
	now := time.Unix(0, 0)
	for i := range 3 * api.MaxBuckets {
		if !l.Allows(strconv.Itoa(i), now) {
			t.Fatalf("caller %d was refused at once", i)
		}
	}
	if n := l.Len(); n != api.MaxBuckets {
		t.Errorf("%d buckets are kept, want %d", n, api.MaxBuckets)
	}
	if l.Allows(strconv.Itoa(3*api.MaxBuckets-1), now) {
		t.Error("the newest caller was forgotten")
	}
}
