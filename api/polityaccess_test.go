package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kleroterion/api/client"
)

// TestRolesOfSeatsAndPolls asks with every sort of key for what another sort may do. Another city's or
// community's things are absent, and nothing that is refused leaves a record.
func TestRolesOfSeatsAndPolls(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 1)
	if got := p.ask("POST", "/v1/communities", p.operator, `{"slug":"heath","name":"Heath"}`); got.status != 201 {
		t.Fatalf("community: %d %s", got.status, got.body)
	}
	p.acceptAll()
	of := p.openedPoll("open")
	proposal := p.proposal(`{"seat":{"draw":"` + p.draw.ID + `","seat":1,"act":"withdraw","ground":"health"}}`)
	question, err := json.Marshal(p.question("new"))
	must(t, err)
	seats, letters := "/v1/draws/"+p.draw.ID+"/seats", "/v1/draws/"+p.draw.ID+"/letters?purpose=key"
	recusal := `{"seat":1,"poll":"community/grove/poll/x","ground":"work"}`
	heath := p.stewardOf("heath")
	before, err := p.svc.LogHead(t.Context())
	must(t, err)
	for _, tt := range []struct {
		method, path, body                                      string
		nobody, operator, registrar, auditor, stranger, steward int
		heath                                                   int
	}{
		{"PUT", "/v1/cities/example/policy", `{"approvals":1}`, 401, 200, 200, 403, 404, 404, 404},
		{"POST", seats, `{"answer":3600,"starts":1,"ends":2}`, 401, 403, 409, 403, 404, 404, 404},
		{"POST", seats + "/undeliverable", `{"seats":[1]}`, 401, 403, 409, 403, 404, 404, 404},
		{"POST", seats + "/recuse", strings.Replace(recusal, "1", "99", 1), 401, 403, 404, 403, 404, 404, 404},
		{"POST", letters, `{}`, 401, 403, 200, 403, 404, 404, 404},
		{"POST", "/v1/proposals", `{"seat":{"draw":"` + p.draw.ID + `","seat":1,"act":"accept"}}`, 401, 403, 409, 403, 404, 404, 404},
		{"GET", "/v1/proposals?city=example", "", 401, 403, 200, 403, 404, 404, 404},
		{"GET", "/v1/proposals/" + proposal, "", 401, 403, 200, 403, 404, 404, 404},
		{"POST", "/v1/proposals/" + proposal + "/approve", "", 401, 403, 403, 403, 404, 404, 404},
		{"POST", "/v1/communities", `{"slug":"x"}`, 401, 422, 422, 422, 422, 422, 422},
		{"POST", "/v1/communities", `{"slug":"grove","name":"X"}`, 401, 409, 403, 403, 403, 403, 403},
		{"POST", "/v1/communities/grove/charter", string(p.charter("grove")), 401, 403, 404, 404, 404, 409, 404},
		{"POST", "/v1/communities/grove/polls", string(question), 401, 403, 404, 404, 404, 201, 404},
		{"GET", "/v1/keys?community=grove", "", 401, 200, 404, 404, 404, 200, 404},
		{"POST", "/v1/keys", `{"community":"grove","role":"steward","label":"x"}`, 401, 201, 404, 404, 404, 201, 404},
		{"POST", "/v1/keys", `{"city":"example","role":"auditor","label":"x"}`, 401, 201, 201, 403, 404, 404, 404},
		{"POST", "/v1/polls/" + of.ID + "/void", `{"reason":"x"}`, 401, 403, 404, 404, 404, 200, 404},
	} {
		for _, who := range []struct {
			name, token string
			want        int
		}{
			{"heath's steward", heath, tt.heath}, {"nobody", "", tt.nobody}, {"an auditor", p.auditor, tt.auditor},
			{"another city's registrar", p.stranger, tt.stranger}, {"an operator", p.operator, tt.operator},
			{"a registrar", p.registrar, tt.registrar}, {"the steward", p.steward, tt.steward},
		} {
			if tt.nobody == 401 && who.token == "" && strings.Contains(tt.body, `"slug":"x"`) {
				who.want = 422 // what is malformed is told before it is asked who wants it
			}
			if got := p.ask(tt.method, tt.path, who.token, tt.body); got.status != who.want {
				t.Errorf("%s %s by %s: %d %s, want %d", tt.method, tt.path, who.name, got.status, got.body, who.want)
			}
		}
	}
	after, err := p.svc.LogHead(t.Context())
	must(t, err)
	if after.Size != before.Size+2 { // the steward's poll and its void
		t.Errorf("%d records were added, want those of one poll and one void", after.Size-before.Size)
	}
}

// proposal proposes and returns the id.
func (w *town) proposal(body string) string {
	w.t.Helper()
	got := w.ask("POST", "/v1/proposals", w.registrar, body)
	if got.status != 201 {
		w.t.Fatalf("proposal: %d %s", got.status, got.body)
	}
	return strings.TrimPrefix(got.header.Get("Location"), "/v1/proposals/")
}

// TestTwoOfficialsMakeADraw follows a proposal: alone is refused, twice the same is refused, two is one
// draw, and it ends with that.
func TestTwoOfficialsMakeADraw(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.frozen("adults")
	second := w.second()
	if got := w.ask("PUT", "/v1/cities/example/policy", w.registrar, `{"approvals":2}`); got.status != 200 || !strings.Contains(got.body, `"approvals":2`) {
		t.Fatalf("policy: %d %s", got.status, got.body)
	}
	body, err := json.Marshal(w.newDraw(r, "park"))
	must(t, err)
	if got := w.ask("POST", "/v1/draws", w.registrar, string(body)); got.status != 409 || problemOf(t, got).Code != "approval_required" {
		t.Errorf("a draw by one: %d %s", got.status, got.body)
	}
	id := w.proposal(`{"draw":` + string(body) + `}`)
	if got := w.ask("POST", "/v1/proposals/"+id+"/approve", w.registrar, ""); got.status != 403 || problemOf(t, got).Code != "same_official" {
		t.Errorf("approved by who proposed it: %d %s", got.status, got.body)
	}
	approve := func() reply {
		return w.ask("POST", "/v1/proposals/"+id+"/approve", second, "", "Idempotency-Key: yes")
	}
	first, again := approve(), approve()
	var p client.Proposal
	must(t, json.Unmarshal([]byte(first.body), &p))
	if first.status != 200 || again.status != 200 || first.body != again.body || again.header.Get("Idempotency-Replayed") != "true" || p.State != client.ProposalStateOpened || p.Draw == nil || p.Draw.Decision != "park" {
		t.Fatalf("approval %d %s\nreplay %d %s", first.status, first.body, again.status, again.body)
	}
	draw := w.ask("GET", "/v1/draws/"+p.Made, "", "")
	if draw.status != 200 || !strings.Contains(draw.body, "city/example/jury/park") {
		t.Errorf("the draw: %d %s", draw.status, draw.body)
	}
	if got := w.ask("POST", "/v1/proposals/"+id+"/reject", second, ""); got.status != 409 || problemOf(t, got).Code != "proposal_state" {
		t.Errorf("rejected after it was done: %d %s", got.status, got.body)
	}
	if list := w.ask("GET", "/v1/proposals?city=example&limit=1", w.registrar, ""); !strings.Contains(list.body, id) || !strings.Contains(list.body, `"next":`) {
		t.Errorf("list: %s", list.body)
	}
}
