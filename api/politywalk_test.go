package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"

	"kleroterion/api/client"
	"kleroterion/service"
	"kleroterion/service/identity"
)

// polityCalls go on where walkCalls ends. {draw} has no seats yet; the seats of {jury} serve.
func polityCalls() []call {
	return []call{
		{"setPolicy", "PUT", "/v1/cities/walk/policy", "op", `{"approvals":2}`, ""},
		{"openSeats", "POST", "/v1/draws/{draw}/seats", "reg", `{"answer":3600,"starts":{now},"ends":{later}}`, ""},
		{"printLetters", "POST", "/v1/draws/{draw}/letters?purpose=answer", "reg", `{}`, ""},
		{"lookAtInvitation", "POST", "/v1/invitations/look", "", `{"code":"{code}"}`, ""},
		{"answerInvitation", "POST", "/v1/invitations/answer", "", `{"code":"{code}","act":"accept"}`, ""},
		{"recuseSeat", "POST", "/v1/draws/{draw}/seats/recuse", "reg", `{"seat":1,"poll":"community/grove/poll/other","ground":"interest"}`, ""},
		{"returnLetters", "POST", "/v1/draws/{draw}/seats/undeliverable", "reg", `{"seats":[2]}`, ""},
		{"getJury", "GET", "/v1/draws/{draw}/seats", "", "", ""},
		{"propose", "POST", "/v1/proposals", "reg", `{"seat":{"draw":"{draw}","seat":3,"act":"accept"}}`, ""},
		{"listProposals", "GET", "/v1/proposals?city=example", "reg", "", ""},
		{"getProposal", "GET", "/v1/proposals/{proposal}", "reg2", "", ""},
		{"approve", "POST", "/v1/proposals/{proposal}/approve", "reg2", "", ""},
		{"propose", "POST", "/v1/proposals", "reg", `{"draw":{"city":"example","decision":"second","register":"{register}","method":"simple","strata":[{"stratum":"","seats":1}],"draw_time":{soon},"rehearsal":true}}`, ""},
		{"reject", "POST", "/v1/proposals/{proposal}/reject", "reg", "", ""},
		{"addCommunity", "POST", "/v1/communities", "op", `{"slug":"walk","name":"Walk"}`, ""},
		{"listCommunities", "GET", "/v1/communities", "", "", ""},
		{"getCommunity", "GET", "/v1/communities/grove", "", "", ""},
		{"adoptCharter", "POST", "/v1/communities/walk/charter?check=true", "op", "{charter}", ""},
		{"listCharters", "GET", "/v1/communities/grove/charters", "", "", ""},
		{"moveMember", "POST", "/v1/communities/grove/members", "", "{move}", ""},
		{"listMembers", "GET", "/v1/communities/grove/members", "", "", ""},
		{"getMember", "GET", "/v1/communities/grove/members/{member}", "", "", ""},
		{"openPoll", "POST", "/v1/communities/grove/polls", "stw", `{"name":"walk","question":"Which?","class":"external","method":"approval","options":[{"id":"a","name":"A"},{"id":"b","name":"B"}],"winners":1,"minimum":"1/4","closes":{soon},"draw":"{jury}"}`, ""},
		{"listPolls", "GET", "/v1/polls?community=grove", "", "", ""},
		{"getPoll", "GET", "/v1/polls/{poll}", "", "", ""},
		{"getPollByHash", "GET", "/v1/polls/by-hash/{pollhash}", "", "", ""},
		{"castBallot", "POST", "/v1/polls/{poll}/ballots", "", "{ballot}", ""},
		{"getBallot", "GET", "/v1/polls/{poll}/ballots/2", "", "", ""},
		{"getBallots", "GET", "/v1/polls/{poll}/ballots", "", "", ""},
		{"getPollManifest", "GET", "/v1/polls/{poll}/manifest", "", "", ""},
		{"getRoll", "GET", "/v1/polls/{poll}/rolls/members", "", "", ""},
		{"getTranscript", "GET", "/v1/polls/{counted}/transcript", "", "", ""},
		{"getPollBundle", "GET", "/v1/polls/{counted}/bundle", "", "", ""},
		{"followPoll", "GET", "/v1/polls/{counted}/events", "", "", ""},
		{"voidPoll", "POST", "/v1/polls/{poll}/void", "stw", `{"reason":"only a walk"}`, ""},
	}
}

// politySubjects makes what the walk needs beside the subjects of a town.
func (p *polity) politySubjects(names map[string]string) {
	p.t.Helper()
	p.acceptAll()
	names["jury"], names["counted"] = p.draw.ID, p.counted(p.openedPoll("counted")).ID
	for name, value := range p.subjects() { // last: their times are still to come
		names[name] = value
	}
	key := publicKey(person("walker"))
	move, err := json.Marshal(p.statement(identity.ActionAdmit, 500, 1, &key))
	must(p.t, err)
	names["move"], names["member"], names["charter"] = string(move), token(500), string(p.charter("walk"))
	names["now"], names["later"] = fmt.Sprint(p.clock.Load()), fmt.Sprint(p.clock.Load()+1_000_000)
}

// second is the key of another registrar of the city.
func (w *town) second() string {
	w.t.Helper()
	_, token, err := w.svc.AddKey(w.t.Context(), service.Actor{Role: service.RoleOperator, KeyID: "local"},
		service.NewKey{City: "example", Role: service.RoleRegistrar, Label: "second"})
	must(w.t, err)
	return token
}

// learnPolity takes names from answers.
func (p *polity) learnPolity(id string, got reply, names map[string]string) {
	p.t.Helper()
	location := got.header.Get("Location")
	switch id {
	case "propose":
		names["proposal"] = strings.TrimPrefix(location, "/v1/proposals/")
	case "printLetters":
		rows, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
		must(p.t, err)
		names["code"] = rows[1][3]
	case "openPoll":
		var of client.Poll
		must(p.t, json.Unmarshal([]byte(got.body), &of))
		ballot, err := json.Marshal(p.ballot(of, "members/"+token(0), `{"approve":["a"]}`))
		must(p.t, err)
		names["poll"], names["pollhash"], names["ballot"] = of.ID, of.Hash, string(ballot)
	}
}
