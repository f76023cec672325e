package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// badPolity are requests that break one rule each. {draw}, {poll} and {ballot} are there.
func badPolity() []struct {
	name, method, path, token, body string
	status                          int
	code, pointer, rule             string
} {
	const cast = "/v1/polls/{poll}/ballots"
	hash := strings.Repeat("ab", 32)
	return []struct {
		name, method, path, token, body string
		status                          int
		code, pointer, rule             string
	}{
		{"three approvals", "PUT", "/v1/cities/example/policy", "reg", `{"approvals":3}`, 422, "validation", "/approvals", "max"},
		{"a policy of nothing", "PUT", "/v1/cities/example/policy", "reg", `{}`, 422, "validation", "/approvals", "required"},
		{"a proposal of nothing", "POST", "/v1/proposals", "reg", `{}`, 422, "proposal", "", ""},
		{"a proposal of two things", "POST", "/v1/proposals", "reg", `{"seat":{"draw":"{draw}","seat":1,"act":"accept"},"draw":{"city":"example","decision":"x","register":"{draw}","method":"simple","strata":[{"stratum":"","seats":1}],"draw_time":1}}`, 422, "proposal", "", ""},
		{"an unknown member inside a proposal", "POST", "/v1/proposals", "reg", `{"seat":{"draw":"{draw}","seat":1,"act":"accept","who":"me"}}`, 400, "malformed", "/seat/who", "unknown_member"},
		{"an act that officials do not enter", "POST", "/v1/proposals", "reg", `{"seat":{"draw":"{draw}","seat":1,"act":"key"}}`, 422, "validation", "/seat/act", "oneof"},
		{"proposals of no city", "GET", "/v1/proposals", "reg", "", 422, "validation", "query:city", "slug"},
		{"a body to approve with", "POST", "/v1/proposals/" + aRegister + "/approve", "reg", `{}`, 400, "body", "", ""},
		{"no proposal", "GET", "/v1/proposals/" + aRegister, "reg", "", 404, "not_found", "", ""},
		{"seats without a term", "POST", "/v1/draws/{draw}/seats", "reg", `{"answer":3600}`, 422, "validation", "/starts", "required"},
		{"seats offered twice", "POST", "/v1/draws/{draw}/seats", "reg", `{"answer":3600,"starts":1,"ends":1900000000}`, 409, "seats_open", "", ""},
		{"seats of no draw", "GET", "/v1/draws/" + aRegister + "/seats", "", "", 404, "not_found", "", ""},
		{"no seat returned", "POST", "/v1/draws/{draw}/seats/undeliverable", "reg", `{"seats":[]}`, 422, "validation", "/seats", "min"},
		{"a seat returned twice", "POST", "/v1/draws/{draw}/seats/undeliverable", "reg", `{"seats":[1,1]}`, 422, "validation", "/seats", "unique"},
		{"seat 0", "POST", "/v1/draws/{draw}/seats/undeliverable", "reg", `{"seats":[0]}`, 422, "validation", "/seats/0", "min"},
		{"seat 99", "POST", "/v1/draws/{draw}/seats/undeliverable", "reg", `{"seats":[99]}`, 404, "seat", "", ""},
		{"a ground that is none", "POST", "/v1/draws/{draw}/seats/recuse", "reg", `{"seat":1,"poll":"community/grove/poll/x","ground":"she is ill"}`, 422, "validation", "/ground", "oneof"},
		{"letters for nothing", "POST", "/v1/draws/{draw}/letters", "reg", `{}`, 422, "validation", "query:purpose", "oneof"},
		{"letters as a picture", "POST", "/v1/draws/{draw}/letters?purpose=answer&format=png", "reg", `{}`, 422, "validation", "query:format", "oneof"},
		{"letters without a body", "POST", "/v1/draws/{draw}/letters?purpose=answer", "reg", ``, 415, "content_type", "", ""},
		{"no code", "POST", "/v1/invitations/look", "", `{}`, 422, "validation", "/code", "required"},
		{"a code that is none", "POST", "/v1/invitations/look", "", `{"code":"0000-0000"}`, 404, "code", "", ""},
		{"a code of nobody", "POST", "/v1/invitations/look", "", `{"code":"00000-00000-00000-00000"}`, 404, "code", "", ""},
		{"a code in the query", "POST", "/v1/invitations/look?code=00000", "", `{"code":"00000"}`, 400, "malformed", "query:code", "unknown_parameter"},
		{"an answer that is none", "POST", "/v1/invitations/answer", "", `{"code":"0","act":"maybe"}`, 422, "validation", "/act", "oneof"},
		{"a proof without a key", "POST", "/v1/invitations/answer", "", `{"code":"0","act":"accept","proof":{"signature":"00"}}`, 422, "proof", "", ""},
		{"a key that is not hex", "POST", "/v1/invitations/answer", "", `{"code":"0","act":"accept","key":{"alg":"ed25519","public":"0"}}`, 422, "validation", "/key/public", "hexdata"},
		{"a community in capitals", "POST", "/v1/communities", "op", `{"slug":"Grove","name":"X"}`, 422, "validation", "/slug", "slug"},
		{"no community", "GET", "/v1/communities/nowhere", "", "", 404, "not_found", "", ""},
		{"charters of no community", "GET", "/v1/communities/nowhere/charters", "", "", 404, "not_found", "", ""},
		{"a charter that is a list", "POST", "/v1/communities/grove/charter", "stw", `[]`, 400, "malformed", "", "type"},
		{"a charter cut short", "POST", "/v1/communities/grove/charter", "stw", `{"v":1`, 400, "malformed", "", "syntax"},
		{"a charter of nothing", "POST", "/v1/communities/grove/charter?check=true", "stw", `{}`, 422, "chain_unknown", "", ""},
		{"a charter with a member twice", "POST", "/v1/communities/grove/charter?check=true", "stw", `{"v":1,"v":1}`, 422, "charter_form", "", ""},
		{"a charter of 100 kB", "POST", "/v1/communities/grove/charter", "stw", `{"name":"` + strings.Repeat("x", 100_000) + `"}`, 413, "too_large", "", ""},
		{"a check that is neither", "POST", "/v1/communities/grove/charter?check=1", "stw", `{}`, 400, "malformed", "query:check", "type"},
		{"a statement with a time", "POST", "/v1/communities/grove/members", "", `{"at":1,"statement":{"action":"leave","community":"grove","member":"` + hash + `","seq":1,"v":1}}`, 400, "malformed", "/at", "unknown_member"},
		{"an action that is none", "POST", "/v1/communities/grove/members", "", `{"statement":{"action":"elect","community":"grove","member":"` + hash + `","seq":1,"v":1}}`, 422, "validation", "/statement/action", "oneof"},
		{"a statement that nobody signed", "POST", "/v1/communities/grove/members", "", `{"statement":{"action":"leave","community":"grove","member":"` + hash + `","seq":1,"v":1}}`, 422, "move_form", "", ""},
		{"no member", "GET", "/v1/communities/grove/members/" + hash, "", "", 404, "not_found", "", ""},
		{"keys of a city and of a community", "GET", "/v1/keys?city=example&community=grove", "op", "", 400, "community", "", ""},
		{"a steward of a city", "POST", "/v1/keys", "op", `{"city":"example","role":"steward","label":"x"}`, 422, "role", "", ""},
		{"a question of nothing", "POST", "/v1/communities/grove/polls", "stw", `{"name":"x","question":"","class":"ordinary","method":"yes_no","closes":1}`, 422, "validation", "/question", "required"},
		{"an option that is none", "POST", "/v1/communities/grove/polls", "stw", `{"name":"x","question":"?","class":"ordinary","method":"irv","closes":1,"options":[{"id":"A b","name":"x"}]}`, 422, "validation", "/options/0/id", "option"},
		{"a minimum that is no fraction", "POST", "/v1/communities/grove/polls", "stw", `{"name":"x","question":"?","class":"ordinary","method":"score","closes":1,"minimum":"0.5"}`, 422, "validation", "/minimum", "ratio"},
		{"an amendment by approval", "POST", "/v1/communities/grove/polls", "stw", `{"name":"x","question":"?","class":"amendment","method":"approval","closes":1}`, 422, "method", "", ""},
		{"an amendment of nothing", "POST", "/v1/communities/grove/polls", "stw", `{"name":"x","question":"?","class":"amendment","method":"yes_no","closes":1}`, 422, "poll_form", "", ""},
		{"a name that was used", "POST", "/v1/communities/grove/polls", "stw", `{"name":"open","question":"?","class":"ordinary","method":"yes_no","closes":{closes},"draw":"{draw}"}`, 409, "poll_exists", "", ""},
		{"a poll that is closed already", "POST", "/v1/communities/grove/polls", "stw", `{"name":"x","question":"?","class":"ordinary","method":"yes_no","closes":1,"draw":"{draw}"}`, 422, "times", "", ""},
		{"no poll", "GET", "/v1/polls/" + aRegister, "", "", 404, "not_found", "", ""},
		{"no poll to follow", "GET", "/v1/polls/" + aRegister + "/events", "", "", 404, "not_found", "", ""},
		{"a hash of no poll", "GET", "/v1/polls/by-hash/" + hash, "", "", 404, "not_found", "", ""},
		{"a chamber that is none", "GET", "/v1/polls/{poll}/rolls/lords", "", "", 422, "validation", "path:chamber", "oneof"},
		{"a chamber that the poll has not", "GET", "/v1/polls/{poll}/rolls/founders", "", "", 404, "not_found", "", ""},
		{"a transcript too early", "GET", "/v1/polls/{poll}/transcript", "", "", 409, "sealed_until", "", ""},
		{"a bundle too early", "GET", "/v1/polls/{poll}/bundle", "", "", 409, "sealed_until", "", ""},
		{"a record that is no ballot", "GET", "/v1/polls/{poll}/ballots/1", "", "", 404, "not_found", "", ""},
		{"ballot 0", "GET", "/v1/polls/{poll}/ballots/0", "", "", 422, "validation", "path:n", "min"},
		{"a ballot of no poll", "POST", "/v1/polls/" + aRegister + "/ballots", "", `{ballot}`, 404, "not_found", "", ""},
		{"a ballot that is a text", "POST", cast, "", `{"ballot":"yes","signature":{"signature":"00"}}`, 400, "malformed", "/ballot", "type"},
		{"a ballot that is null", "POST", cast, "", `{"ballot":null,"signature":{"signature":"00"}}`, 400, "malformed", "/ballot", "type"},
		{"no ballot", "POST", cast, "", `{"signature":{"signature":"00"}}`, 422, "validation", "/ballot", "required"},
		{"a ballot without a signature", "POST", cast, "", `{"ballot":{}}`, 422, "validation", "/signature", "required"},
		{"a ballot cut short", "POST", cast, "", `{"ballot":{"v":1`, 400, "malformed", "/ballot", "syntax"},
		{"a ballot of nobody", "POST", cast, "", `{"ballot":{"v":1},"signature":{"signature":"00"}}`, 422, "ballot_form", "", ""},
		{"a ballot of a stranger", "POST", cast, "", `{"ballot":{"voter":"members/` + hash + `"},"signature":{"signature":"00"}}`, 403, "not_on_roll", "", ""},
		{"a ballot in another layout", "POST", cast, "", `{spaced}`, 422, "ballot_form", "", ""},
		{"a ballot of 30 kB", "POST", cast, "", `{"ballot":{"x":"` + strings.Repeat("x", 30_000) + `"},"signature":{"signature":"00"}}`, 413, "too_large", "", ""},
	}
}

func TestBadRequestsAboutSeatsAndPollsAreRefused(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 1)
	p.acceptAll()
	of := p.openedPoll("open")
	ballot, err := json.Marshal(p.ballot(of, "members/"+token(0), yes))
	must(t, err)
	names := map[string]string{
		"draw": p.draw.ID, "poll": of.ID, "ballot": string(ballot), "closes": "1800007200",
		"spaced": strings.Replace(string(ballot), `"ballot":{`, `"ballot":{ `, 1),
	}
	tokens := map[string]string{"op": p.operator, "reg": p.registrar, "stw": p.steward}
	before, err := p.svc.LogHead(t.Context())
	must(t, err)
	for _, tt := range badPolity() {
		t.Run(tt.name, func(t *testing.T) {
			got := p.ask(tt.method, fill(tt.path, names), tokens[tt.token], fill(tt.body, names))
			problem := problemOf(t, got)
			if got.status != tt.status || problem.Code != tt.code {
				t.Fatalf("got %d %s, want %d %s: %.400s", got.status, problem.Code, tt.status, tt.code, got.body)
			}
			if tt.rule == "" {
				return
			}
			if len(problem.Errors) == 0 || problem.Errors[0].Pointer != tt.pointer || problem.Errors[0].Rule != tt.rule {
				t.Errorf("got errors %+v, want rule %s at %q", problem.Errors, tt.rule, tt.pointer)
			}
		})
	}
	if after, err := p.svc.LogHead(t.Context()); err != nil || after.Size != before.Size {
		t.Errorf("the refusals added %d records: %v", after.Size-before.Size, err)
	}
}

func TestAllFaultsOfACharterComeAtOnce(t *testing.T) {
	t.Parallel()
	p := newPolity(t, 0)
	bad := strings.NewReplacer(`"threshold":"1/2"`, `"threshold":"1/3"`, `"size":256`, `"size":300`, `"share":"4/5"`, `"share":"3/5"`).Replace(string(p.charter("grove")))
	got := p.ask("POST", "/v1/communities/grove/charter?check=true", p.steward, bad)
	var rules []string
	for _, e := range problemOf(t, got).Errors {
		rules = append(rules, e.Rule+" at "+e.Pointer)
	}
	all := strings.Join(rules, ", ")
	if got.status != 422 || !strings.Contains(all, "shares_not_one") || !strings.Contains(all, "ballot_form at /ballot/size") || !strings.Contains(all, "threshold at /threshold") {
		t.Errorf("got %d with %s", got.status, all)
	}
	first := p.ask("POST", "/v1/communities/grove/charter?check=true", p.steward, string(p.charter("grove")))
	if first.status != 422 || problemOf(t, first).Code != "sequence" {
		t.Errorf("the charter in force as its own amendment: %d %s", first.status, first.body)
	}
	if list := p.ask("GET", "/v1/communities/grove/charters", "", ""); strings.Count(list.body, `"seq":1,"hash"`) != 1 {
		t.Errorf("charters after the checks: %s", list.body)
	}
}
