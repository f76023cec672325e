package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"kleroterion/api"
)

// TestBallotsAndCodesHaveRatesOfTheirOwn holds that one neither uses up nor borrows the other's bucket.
func TestBallotsAndCodesHaveRatesOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newTown(t, func(o *api.Options) {
		o.PerAddress = api.Rate{PerSecond: 0.001, Burst: 1}
		o.Ballots = api.Rate{PerSecond: 0.001, Burst: 3}
		o.Codes = api.Rate{PerSecond: 0.001, Burst: 2}
	})
	ballots, look, answer := "/v1/polls/"+aRegister+"/ballots", "/v1/invitations/look", "/v1/invitations/answer"
	gifts := "/v1/rounds/" + aRegister + "/gifts" // out of the same bucket
	for i, tt := range []struct {
		method, path string
		status       int
		policy       string
	}{
		{"POST", ballots, 400, `"ballots";q=3`}, {"POST", look, 400, `"codes";q=2`}, {"POST", answer, 400, `"codes";q=2`},
		{"POST", look, 429, `"codes";q=2`}, {"POST", gifts, 400, `"ballots";q=3`}, {"GET", "/livez", 200, `"default";q=1`},
		{"GET", ballots, 429, `"default";q=1`}, {"POST", ballots, 400, `"ballots";q=3`}, {"POST", ballots, 429, `"ballots";q=3`}, {"POST", gifts, 429, `"ballots";q=3`},
		{"POST", "/invitation", 429, `"codes";q=2`},
	} {
		body := ""
		if tt.method == "POST" {
			body = "x"
		}
		got := w.ask(tt.method, tt.path, "", body)
		if got.status != tt.status || !strings.HasPrefix(got.header.Get("RateLimit-Policy"), tt.policy+";") {
			t.Errorf("request %d, %s %s: %d under %q, want %d under %s", i+1, tt.method, tt.path, got.status, got.header.Get("RateLimit-Policy"), tt.status, tt.policy)
		}
	}
}

func TestMethodsOfSeatsAndPolls(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, tt := range []struct{ method, path, allow string }{
		{"GET", "/v1/cities/example/policy", "PUT"},
		{"DELETE", "/v1/proposals/" + aRegister, "GET, HEAD"},
		{"GET", "/v1/proposals/" + aRegister + "/approve", "POST"},
		{"DELETE", "/v1/draws/" + aRegister + "/seats", "GET, HEAD, POST"},
		{"GET", "/v1/draws/" + aRegister + "/letters", "POST"},
		{"GET", "/v1/invitations/look", "POST"},
		{"GET", "/v1/communities/grove/charter", "POST"},
		{"PUT", "/v1/communities/grove/members", "GET, HEAD, POST"},
		{"PUT", "/v1/polls/" + aRegister + "/ballots", "GET, HEAD, POST"},
		{"DELETE", "/v1/polls/" + aRegister + "/ballots/1", "GET, HEAD"},
		{"POST", "/v1/polls", "GET, HEAD"},
		{"GET", "/v1/communities/grove/rounds", "POST"},
		{"POST", "/v1/rounds", "GET, HEAD"},
		{"POST", "/v1/rounds/" + aRegister + "/weights", "GET, HEAD, PUT"},
		{"GET", "/v1/rounds/" + aRegister + "/projects/mill/reviews", "POST"},
		{"PUT", "/v1/rounds/" + aRegister + "/gifts", "GET, HEAD, POST"},
		{"PUT", "/v1/rounds/" + aRegister + "/gifts/import", "GET, HEAD, POST"},
		{"DELETE", "/v1/rounds/" + aRegister + "/gifts/1", "GET, HEAD"},
		{"POST", "/v1/rounds/" + aRegister + "/versions/1", "GET, HEAD"},
	} {
		got := w.ask(tt.method, tt.path, "", "")
		if allow := sorted(got.header.Get("Allow")); got.status != 405 || allow != tt.allow || problemOf(t, got).Code != "method" {
			t.Errorf("%s %s: %d with Allow %q, want 405 with %q", tt.method, tt.path, got.status, allow, tt.allow)
		}
	}
}

// TestBallotsAreBoundedBeforeTheyAreRead sends ballots that are too long with and without saying so.
func TestBallotsAreBoundedBeforeTheyAreRead(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	long := `{"ballot":{"x":"` + strings.Repeat("x", 25<<10) + `"},"signature":{"signature":"00"}}`
	for name, body := range map[string]io.Reader{"with its length": strings.NewReader(long), "without": io.MultiReader(strings.NewReader(long))} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/v1/polls/"+aRegister+"/ballots", body)
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		if got := w.send(req); got.status != 413 || problemOf(t, got).Code != "too_large" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

// TestSameBallotGivesAReceiptAgain holds natural idempotency: the key of a caller who has none changes
// nothing.
func TestSameBallotGivesAReceiptAgain(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 1)
	p.acceptAll()
	of := p.openedPoll("once")
	ballot, err := json.Marshal(p.ballot(of, "members/"+token(0), yes))
	must(t, err)
	path := "/v1/polls/" + of.ID + "/ballots"
	first := p.ask("POST", path, "", string(ballot), "Idempotency-Key: a")
	again := p.ask("POST", path, "", string(ballot), "Idempotency-Key: b")
	other := p.vote(of, "members/"+token(0), no)
	if first.status != 201 || again.status != 201 || first.header.Get("Location") != path+"/2" || again.header.Get("Location") != path+"/2" || other.N != 3 {
		t.Errorf("%d at %s, %d at %s, another at %d", first.status, first.header.Get("Location"), again.status, again.header.Get("Location"), other.N)
	}
	if first.header.Get("Cache-Control") != "no-store" || again.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("headers: %v", again.header)
	}
	p.clock.Store(of.Closes)
	if late := p.ask("POST", path, "", string(ballot)); late.status != 409 || problemOf(t, late).Code != "closed" {
		t.Errorf("at the second of the close: %d %s", late.status, late.body)
	}
}
