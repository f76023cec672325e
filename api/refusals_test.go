package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kleroterion/api/problem"
)

// problemOf reads a refusal and checks what holds for all of them.
func problemOf(t testing.TB, got reply) problem.Problem {
	t.Helper()
	var p problem.Problem
	if err := json.Unmarshal([]byte(got.body), &p); err != nil {
		t.Fatalf("answer %d is no problem: %.200q", got.status, got.body)
	}
	if p.Status != got.status || p.Code == "" || p.Title == "" || p.Detail == "" || !strings.HasPrefix(p.Type, "/docs#problem-") {
		t.Errorf("problem is not whole: %s", got.body)
	}
	if p.RequestID == "" || p.RequestID != got.header.Get("X-Request-Id") {
		t.Errorf("request id %q, header says %q", p.RequestID, got.header.Get("X-Request-Id"))
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a refusal may be cached: %q", got.header.Get("Cache-Control"))
	}
	return p
}

const aRegister = "0123456789abcdef0123456789abcdef"

func TestBadRequestsAreRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	hash := strings.Repeat("ab", 32)
	draw := func(change string) string {
		body := `{"city":"example","decision":"park","register":"` + aRegister + `","method":"simple","strata":[{"stratum":"","seats":1}],"draw_time":1800003700,"rehearsal":true}`
		return strings.Replace(body, `"city":"example"`, change, 1)
	}
	tests := []struct {
		name, method, path, token, body string
		status                          int
		code, pointer, rule             string
	}{
		{"a cut body", "POST", "/v1/cities", "op", `{"slug":"x"`, 400, "malformed", "", "syntax"},
		{"not JSON", "POST", "/v1/cities", "op", `slug=x`, 400, "malformed", "", "syntax"},
		{"an unknown member", "POST", "/v1/cities", "op", `{"slug":"x","name":"X","mayor":"Y"}`, 400, "malformed", "/mayor", "unknown_member"},
		{"a duplicate member", "POST", "/v1/cities", "op", `{"slug":"x","name":"X","slug":"y"}`, 400, "malformed", "/slug", "duplicate_member"},
		{"a number for a string", "POST", "/v1/cities", "op", `{"slug":5,"name":"X"}`, 400, "malformed", "/slug", "type"},
		{"null for a string", "POST", "/v1/cities", "op", `{"slug":null,"name":"X"}`, 400, "malformed", "/slug", "null"},
		{"bytes after the value", "POST", "/v1/cities", "op", `{"slug":"x","name":"X"} 1`, 400, "malformed", "", "trailing_bytes"},
		{"a list for an object", "POST", "/v1/cities", "op", `[]`, 400, "malformed", "", "type"},
		{"half a surrogate pair", "POST", "/v1/cities", "op", `{"slug":"x","name":"\ud800"}`, 400, "malformed", "", "encoding"},
		{"a missing member", "POST", "/v1/cities", "op", `{"slug":"x"}`, 422, "validation", "/name", "required"},
		{"an empty member", "POST", "/v1/cities", "op", `{"slug":"x","name":""}`, 422, "validation", "/name", "required"},
		{"a slug that is none", "POST", "/v1/cities", "op", `{"slug":"X Y","name":"X"}`, 422, "validation", "/slug", "slug"},
		{"a role that is none", "POST", "/v1/keys", "op", `{"role":"king","label":"x"}`, 422, "validation", "/role", "oneof"},
		{"a seat too few", "POST", "/v1/draws", "reg", draw(`"city":"example","x":1`), 400, "malformed", "/x", "unknown_member"},
		{"a slug of another kind", "POST", "/v1/draws", "reg", draw(`"city":"Example"`), 422, "validation", "/city", "slug"},
		{"a hash in capitals", "GET", "/v1/registers/by-root/" + strings.ToUpper(hash) + "/entries/" + hash, "", "", 422, "validation", "path:root", "hash"},
		{"an id that is none", "GET", "/v1/draws/..", "", "", 422, "validation", "path:draw", "id"},
		{"a round that is no number", "GET", "/v1/beacons/" + hash + "/one", "", "", 400, "malformed", "path:round", "type"},
		{"a round with a sign", "GET", "/v1/beacons/" + hash + "/+1", "", "", 400, "malformed", "path:round", "type"},
		{"round 0", "GET", "/v1/beacons/" + hash + "/0", "", "", 422, "validation", "path:round", "min"},
		{"a round beyond 2^53", "GET", "/v1/beacons/" + hash + "/9007199254740992", "", "", 422, "validation", "path:round", "max"},
		{"an unknown parameter", "GET", "/v1/cities?page=2", "", "", 400, "malformed", "query:page", "unknown_parameter"},
		{"a parameter twice", "GET", "/v1/cities?limit=1&limit=2", "", "", 400, "malformed", "query:limit", "duplicate_member"},
		{"an empty parameter", "GET", "/v1/cities?limit=", "", "", 400, "malformed", "query:limit", "type"},
		{"a limit that is no number", "GET", "/v1/cities?limit=ten", "", "", 400, "malformed", "query:limit", "type"},
		{"a limit too large", "GET", "/v1/cities?limit=201", "", "", 422, "validation", "query:limit", "max"},
		{"a negative limit", "GET", "/v1/cities?limit=-1", "", "", 422, "validation", "query:limit", "min"},
		{"a query that is not encoded", "GET", "/v1/cities?limit=%zz", "", "", 400, "query", "", ""},
		{"a cursor that is none", "GET", "/v1/cities?cursor=%21%21", "", "", 422, "validation", "query:cursor", "cursor"},
		{"a cursor from nowhere", "GET", "/v1/cities?cursor=aGVsbG8", "", "", 400, "cursor", "query:cursor", "cursor"},
		{"a cursor of another list", "GET", "/v1/draws?cursor=MSBjaXRpZXMgeA", "", "", 400, "cursor", "query:cursor", "cursor"},
		{"a cursor that is no number", "GET", "/v1/log/entries?cursor=MSBsb2cgLTE", "", "", 400, "cursor", "query:cursor", "cursor"},
		{"a parameter that must be there", "GET", "/v1/registers", "", "", 422, "validation", "query:city", "slug"},
		{"a boolean that is none", "PUT", "/v1/registers/" + aRegister + "/rows?dry_run=yes", "reg", "a", 400, "malformed", "query:dry_run", "type"},
		{"a body where none is read", "DELETE", "/v1/keys/0123456789abcdef", "op", `{}`, 400, "body", "", ""},
		{"a subject that is none", "GET", "/v1/log/entries?subject=City", "", "", 422, "validation", "query:subject", "subject"},
		{"a subject and a limit", "GET", "/v1/log/entries?subject=city/example&limit=5", "", "", 400, "subject", "", ""},
		{"no key", "POST", "/v1/cities", "", `{"slug":"x","name":"X"}`, 401, "key_required", "", ""},
		{"no key for a private thing", "GET", "/v1/jobs/" + aRegister, "", "", 401, "key_required", "", ""},
		{"a wrong key", "GET", "/v1/cities", "klr_0123456789abcdef_" + strings.Repeat("A", 43), "", 401, "token", "", ""},
		{"a key with a NUL", "GET", "/v1/cities", "klr_0123456789abcde%00_" + strings.Repeat("A", 43), "", 401, "token", "", ""},
		{"a key that is not text", "GET", "/v1/cities", "klr_0123456789abcd\xff\xfe_" + strings.Repeat("A", 43), "", 401, "token", "", ""},
		{"a cursor with a NUL", "GET", "/v1/cities?cursor=MSBjaXRpZXMgYQBi", "", "", 400, "cursor", "query:cursor", "cursor"},
		{"a city with a NUL", "GET", "/v1/cities/a%00b", "", "", 422, "validation", "path:city", "slug"},
		{"a key that is none", "GET", "/v1/cities", "hello", "", 401, "token", "", ""},
		{"a role that may not", "POST", "/v1/cities", "reg", `{"slug":"x","name":"X"}`, 403, "role", "", ""},
		{"a city there is", "POST", "/v1/cities", "op", `{"slug":"example","name":"X"}`, 409, "city_exists", "", ""},
		{"a city there is not", "GET", "/v1/cities/nowhere", "", "", 404, "not_found", "", ""},
		{"keys of another city", "GET", "/v1/keys?city=example", "str", "", 404, "not_found", "", ""},
		{"a register of another city", "POST", "/v1/registers", "str", `{"city":"example","name":"x"}`, 404, "not_found", "", ""},
		{"nothing at all", "GET", "/v1/mayors", "", "", 404, "no_route", "", ""},
		{"a slash too many", "GET", "/v1/cities/", "", "", 404, "no_route", "", ""},
		{"metrics for anyone", "GET", "/metrics", "", "", 404, "not_found", "", ""},
		{"metrics for a registrar", "GET", "/metrics", "reg", "", 404, "not_found", "", ""},
	}
	tokens := map[string]string{"op": w.operator, "reg": w.registrar, "str": w.stranger}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			token := tt.token
			if known := tokens[token]; known != "" {
				token = known
			}
			var headers []string
			if tt.method == "PUT" {
				headers = []string{"Content-Type: text/csv"}
			}
			got := w.ask(tt.method, tt.path, token, tt.body, headers...)
			p := problemOf(t, got)
			if got.status != tt.status || p.Code != tt.code {
				t.Fatalf("got %d %s, want %d %s: %s", got.status, p.Code, tt.status, tt.code, got.body)
			}
			if tt.rule == "" {
				return
			}
			if len(p.Errors) != 1 || p.Errors[0].Pointer != tt.pointer || p.Errors[0].Rule != tt.rule || p.Errors[0].Detail == "" {
				t.Errorf("got errors %+v, want rule %s at %q", p.Errors, tt.rule, tt.pointer)
			}
		})
	}
	t.Run("and leave no trace", func(t *testing.T) {
		if got := w.ask("GET", "/v1/cities", "", ""); strings.Count(got.body, `"slug"`) != 2 {
			t.Errorf("cities after the refusals: %s", got.body)
		}
	})
}

func TestAllFaultsOfABodyComeAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	got := w.ask("POST", "/v1/draws", w.registrar, `{"city":"","decision":"A","register":"x","method":"dice","strata":[],"draw_time":0}`)
	p := problemOf(t, got)
	var rules []string
	for _, e := range p.Errors {
		rules = append(rules, e.Pointer+" "+e.Rule)
	}
	want := "/city slug, /decision subject, /register id, /method oneof, /strata min, /draw_time min"
	if all := strings.Join(rules, ", "); got.status != 422 || all != want {
		t.Errorf("got %d %s, want 422 %s", got.status, all, want)
	}
}

func TestUnauthorisedAnswersChallenge(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, tt := range []struct{ name, header, want string }{
		{"no key", "", `Bearer realm="kleroterion"`},
		{"a wrong key", "Authorization: Bearer klr_x", `Bearer realm="kleroterion", error="invalid_token"`},
		{"another scheme", "Authorization: Basic dTpw", `Bearer realm="kleroterion", error="invalid_token"`},
		{"no token", "Authorization: Bearer ", `Bearer realm="kleroterion", error="invalid_token"`},
		{"two tokens", "Authorization: Bearer " + w.operator + " x", `Bearer realm="kleroterion", error="invalid_token"`},
		{"the owner link", "Authorization: Bearer " + w.owner, `Bearer realm="kleroterion", error="invalid_token"`},
	} {
		var headers []string
		if tt.header != "" {
			headers = []string{tt.header}
		}
		got := w.ask("GET", "/v1/keys", "", "", headers...)
		if challenge := got.header.Get("WWW-Authenticate"); got.status != 401 || challenge != tt.want {
			t.Errorf("%s: %d with %q, want 401 with %q", tt.name, got.status, challenge, tt.want)
		}
	}
}
