package devchain_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
)

// answer is what a test looks at in a response; an absent header is "".
type answer struct {
	Status             int
	Cache, Type, Sniff string
	Body               string
}

func ask(t testing.TB, n *devchain.Network, path string) answer {
	t.Helper()
	w := httptest.NewRecorder()
	n.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return read(t, w.Result())
}

func read(t testing.TB, r *http.Response) answer {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("Access-Control-Allow-Origin is %q, want *", got)
	}
	if got := r.Header.Get("Content-Length"); got != strconv.Itoa(len(body)) {
		t.Errorf("Content-Length is %s for %d bytes", got, len(body))
	}
	return answer{r.StatusCode, r.Header.Get("Cache-Control"), r.Header.Get("Content-Type"),
		r.Header.Get("X-Content-Type-Options"), string(body)}
}

// v1 and v2 write a round as drand's relay does, member by member.
func v1(b beacon.Beacon) string {
	r := b.Randomness()
	s := fmt.Sprintf(`{"round":%d,"randomness":"%x","signature":"%x"`, b.Round, r, b.Signature)
	if b.Previous != nil {
		s += fmt.Sprintf(`,"previous_signature":"%x"`, b.Previous)
	}
	return s + "}"
}

func v2(b beacon.Beacon) string {
	s := fmt.Sprintf(`{"round":%d,"signature":"%x"`, b.Round, b.Signature)
	if b.Previous != nil {
		s += fmt.Sprintf(`,"previous_signature":"%x"`, b.Previous)
	}
	return s + "}"
}

func sign(t testing.TB, n *devchain.Network, round uint64) beacon.Beacon {
	t.Helper()
	b, err := n.Sign(round)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	textType = "text/plain; charset=utf-8"
	forEver  = "public, max-age=604800, immutable"
	never    = "must-revalidate, no-cache, max-age=0"
)

// The expectations are recorded answers of a real relay (HTTP relay 2.0.1), with this chain's values.
func TestAnswersAreThoseOfADrandRelay(t *testing.T) {
	for _, scheme := range []beacon.Scheme{beacon.SchemeG1RFC9380, beacon.SchemeChained} {
		n := network(t, scheme, at(genesis+28)) // round 10, 1 s old
		c := n.Chain()
		hash := c.Hash.String()
		other := strings.Repeat("0", 64)
		json := func(cache, body string) answer { return answer{200, cache, "application/json", "", body} }
		text := func(status int, cache, body string) answer {
			return answer{status, cache, textType, "nosniff", body + "\n"}
		}
		seven, newest := sign(t, n, 7), sign(t, n, 10)
		tests := map[string]answer{
			"/chains":                               json("", `["`+hash+`"]`),
			"/v2/chains":                            json("", `["`+hash+`"]`),
			"/v2/beacons":                           json("", `["kleroterion-dev"]`),
			"/info":                                 json("", string(c.InfoV1())),
			"/" + hash + "/info":                    json("", string(c.InfoV1())),
			"/" + strings.ToUpper(hash) + "/info":   json("", string(c.InfoV1())),
			"/v2/chains/" + hash + "/info":          json("", string(c.InfoV2())),
			"/v2/beacons/kleroterion-dev/info":      json("", string(c.InfoV2())),
			"/health":                               json("no-cache", `{"current":10,"expected":10}`),
			"/" + hash + "/health":                  json("no-cache", `{"current":10,"expected":10}`),
			"/v2/chains/" + hash + "/health":        json("no-cache", `{"current":10,"expected":10}`),
			"/v2/beacons/kleroterion-dev/health":    json("no-cache", `{"current":10,"expected":10}`),
			"/public/7":                             json(forEver, v1(seven)),
			"/" + hash + "/public/7":                json(forEver, v1(seven)),
			"/v2/chains/" + hash + "/rounds/7":      json(forEver, v2(seven)),
			"/v2/beacons/kleroterion-dev/rounds/7":  json(forEver, v2(seven)),
			"/" + hash + "/public/1":                json(forEver, v1(sign(t, n, 1))),
			"/" + hash + "/public/007":              json(forEver, v1(seven)),
			"/public/latest":                        json("", v1(newest)),
			"/v2/chains/" + hash + "/rounds/latest": json("", v2(newest)),
			"/public/0":                             json("public, must-revalidate, max-age=2", v1(newest)),
			"/v2/chains/" + hash + "/rounds/0":      json("public, must-revalidate, max-age=2", v2(newest)),
			"/public/11":                            text(425, never, "Requested future beacon"),
			"/" + hash + "/public/99999999":         text(425, never, "Requested future beacon"),
			"/public/18446744073709551614":          text(425, never, "Requested future beacon"),
			"/v2/beacons/nope/info":                 text(500, "", "Failed to get ChainInfo"),
			"/" + other + "/info":                   text(500, "", "Failed to get ChainInfo"),
			"/" + other + "/public/1":               text(500, never, "Failed to get beacon"),
			"/v2/chains/" + other + "/rounds/1":     text(500, never, "Failed to get beacon"),
			"/" + other + "/health":                 text(500, "no-cache", "Failed to get health"),
			"/" + hash + "/public/18446744073709551616": text(400, forEver,
				`Failed to parse round. Err: strconv.ParseUint: parsing "18446744073709551616": value out of range`),
			"/ping": {200, "", "text/plain", "", "."},
		}
		for path, want := range tests {
			if d := cmp.Diff(want, ask(t, n, path)); d != "" {
				t.Errorf("%s GET %s (-want +got):\n%s", scheme, path, d)
			}
		}
	}
}

func TestUnknownPathsListTheRoutes(t *testing.T) {
	n := network(t, "", at(genesis+60))
	hash := n.Chain().Hash.String()
	for _, path := range []string{
		"/", "/foo", "/v2", "/v2/", "/v2/foo", "/v2/chains/", "/v2/chains/" + hash, "/v2/chains/" + hash[1:] + "/info",
		"/" + hash, "/" + hash + "/", "/" + hash + "/rounds/1", "/v2/chains/" + hash + "/public/1", "/" + hash[1:] + "/info",
		"/public", "/public/", "/public/x", "/public/-1", "/public/+1", "/public/1.0", "/public/1/", "/public/next", "//info",
		"/v2/beacons//info", "/info/", "/chains/", "/ping/x",
	} {
		got := ask(t, n, path)
		lines := strings.Count(got.Body, "\n")
		if got.Status != 404 || got.Cache != forEver || got.Type != textType || lines != 20 || len(got.Body) != 748 {
			t.Errorf("GET %s: status %d, %s, %s, %d lines, %d bytes", path, got.Status, got.Cache, got.Type, lines, len(got.Body))
		}
	}
}

func TestLargestRoundIsAnsweredWithHTML(t *testing.T) {
	got := ask(t, network(t, "", at(genesis+60)), "/public/18446744073709551615")
	if got.Status != 200 || got.Type != "text/html; charset=utf-8" || !strings.HasPrefix(got.Body, "<html>") {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyGetIsAnswered(t *testing.T) {
	n := network(t, "", at(genesis+60))
	for _, method := range []string{"POST", "PUT", "DELETE", "HEAD", "OPTIONS"} {
		w := httptest.NewRecorder()
		n.Handler().ServeHTTP(w, httptest.NewRequest(method, "/info", nil))
		if w.Code != 405 || w.Body.Len() != 0 {
			t.Errorf("%s: status %d, body %q", method, w.Code, w.Body)
		}
	}
}

func TestNoRoundExistsBeforeItsTime(t *testing.T) {
	n := network(t, "", at(genesis))
	c := n.Chain()
	rapid.Check(t, func(rt *rapid.T) {
		round := rapid.Uint64Range(1, 2000).Draw(rt, "round")
		now := rapid.Int64Range(-10, 6010).Draw(rt, "seconds after genesis")
		due, err := c.TimeOf(round)
		if err != nil {
			rt.Fatal(err)
		}
		want := 425
		if due <= genesis+now {
			want = 200
		}
		if got := ask(t, network(t, "", at(genesis+now)), fmt.Sprint("/public/", round)); got.Status != want {
			rt.Errorf("round %d at genesis%+d s: status %d, want %d", round, now, got.Status, want)
		}
	})
}

func TestRoundAppearsInItsVerySecond(t *testing.T) {
	c := at(genesis)
	n := network(t, "", c)
	c.advance(3*time.Second - time.Nanosecond)
	if got := ask(t, n, "/public/2").Status; got != 425 {
		t.Errorf("one nanosecond early: status %d, want 425", got)
	}
	c.advance(time.Nanosecond)
	if got := ask(t, n, "/public/2").Status; got != 200 {
		t.Errorf("on time: status %d, want 200", got)
	}
}

func TestBeforeGenesisThereIsNothing(t *testing.T) {
	n := network(t, "", at(genesis-1))
	for path, want := range map[string]int{"/public/1": 425, "/public/latest": 500, "/public/0": 500, "/health": 503, "/info": 200} {
		if got := ask(t, n, path).Status; got != want {
			t.Errorf("GET %s: status %d, want %d", path, got, want)
		}
	}
}

func TestRoundZeroIsTheNewestAndLastsUntilTheNext(t *testing.T) {
	for seconds, want := range map[int64]int{27: 3, 28: 2, 29: 1, 30: 3} {
		got := ask(t, network(t, "", at(genesis+seconds)), "/public/0").Cache
		if got != fmt.Sprintf("public, must-revalidate, max-age=%d", want) {
			t.Errorf("%d s after genesis: %s, want max-age %d", seconds, got, want)
		}
	}
}

func TestDateHeaderIsTheGivenClock(t *testing.T) {
	w := httptest.NewRecorder()
	network(t, "", at(genesis)).Handler().ServeHTTP(w, httptest.NewRequest("GET", "/info", nil))
	if got := w.Header().Get("Date"); got != "Fri, 15 Jan 2027 08:00:00 GMT" {
		t.Errorf("Date: %s", got)
	}
}

func TestNextHoldsTheRequestUntilTheRoundIsThere(t *testing.T) {
	c := at(genesis + 28)
	n := network(t, "", c)
	server := httptest.NewServer(n.Handler())
	defer server.Close()
	got := make(chan answer)
	go func() {
		r, err := server.Client().Get(server.URL + "/v2/beacons/kleroterion-dev/rounds/next")
		if err != nil {
			t.Error(err)
			close(got)
			return
		}
		defer r.Body.Close()
		got <- read(t, r)
	}()
	for {
		select { // the clock moves until the answer is there: it can only be a round after the 10th
		case a := <-got:
			if !strings.HasPrefix(a.Body, `{"round":`) || strings.HasPrefix(a.Body, `{"round":10,`) || !strings.Contains(a.Body, `,"randomness":"`) {
				t.Errorf("got %+v", a)
			}
			return
		case <-time.After(time.Millisecond):
			c.advance(time.Second)
		}
	}
}

func TestNextEndsWithTheAsker(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(ctx, "GET", "/v2/beacons/kleroterion-dev/rounds/next", nil)
	network(t, "", at(genesis)).Handler().ServeHTTP(w, r)
	if w.Code != 500 {
		t.Errorf("status %d, want 500", w.Code)
	}
}

// Whatever the path, the relay answers with a status of its own and an honest length, and a round in
// the answer is one that exists.
func FuzzPath(f *testing.F) {
	n := network(f, "", at(genesis+28))
	hash := n.Chain().Hash.String()
	for _, seed := range []string{"info", hash + "/public/7", "v2/chains/" + hash + "/rounds/latest", "public/99999999999999999999", "v2//x", "public/0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if strings.HasSuffix(path, "next") {
			return // held open by design
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = "/" + path
		w := httptest.NewRecorder()
		n.Handler().ServeHTTP(w, r)
		got := read(t, w.Result())
		var round uint64
		if _, err := fmt.Sscanf(got.Body, `{"round":%d,`, &round); err == nil && (round < 1 || round > 10) {
			t.Errorf("GET %q gives round %d, which does not exist", path, round)
		}
		if !strings.Contains(" 200 400 404 425 500 ", fmt.Sprintf(" %d ", got.Status)) {
			t.Errorf("GET %q: status %d", path, got.Status)
		}
	})
}

func hexOf(b [32]byte) string { return hex.EncodeToString(b[:]) }
