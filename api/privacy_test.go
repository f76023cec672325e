package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestNothingPrivateIsLogged walks through everything that handles secrets and people, and then
// searches the log for them.
func TestNothingPrivateIsLogged(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.drawn(w.opened("park"))
	result := w.ask("GET", "/v1/draws/"+d.ID+"/result", "", "")
	_, rest, _ := strings.Cut(result.body, `"seats":["`)
	seat := rest[:64]
	resident := w.ask("GET", "/v1/registers/"+d.Register+"/residents/"+seat, w.registrar, "")
	var row struct{ Salt string }
	must(t, json.Unmarshal([]byte(resident.body), &row))
	w.ask("GET", "/v1/draws/"+d.ID+"/seats.csv", w.registrar, "")
	w.ask("GET", "/v1/registers/"+d.Register+"/residents/"+seat+"?name=Resident", w.registrar, "")
	w.ask("PUT", "/v1/registers/"+w.emptyRegister()+"/rows?dry_run=true", w.registrar, "id,name\n1,Resident Number1\n1,Resident Number2\n", "Content-Type: text/csv")
	w.ask("POST", "/v1/cities", w.operator, `{"slug":"Resident Number1"}`)
	w.ask("GET", "/v1/cities", "klr_0123456789abcdef_wrongwrongwrongwrongwrong", "")
	w.ask("GET", "/v1/cities?token="+w.operator, "", "")
	w.ask("GET", "/nowhere/"+w.operator, "", "")
	w.ask("BREW", "/nowhere", "", "", "User-Agent: Resident Number1")
	contrary := `{"size":2,"excluded":["` + seat + `"],"quotas":[{"feature":"district","value":"north","min":2,"max":2},{"feature":"district","value":"south","min":1,"max":2}]}`
	lottery := w.ask("POST", "/v1/registers/"+d.Register+"/lotteries", w.registrar, contrary)
	_, job, _ := strings.Cut(lottery.body, `"job":"`)
	job, _, _ = strings.Cut(job, `"`)
	if _, err := w.as(w.registrar).WaitJob(t.Context(), job, nil); err == nil {
		t.Error("the lottery of contrary quotas did not fail")
	}
	w.ask("POST", "/v1/registers/"+d.Register+"/quotas", w.registrar, strings.Replace(contrary, "north", "nowhere", 1))
	page := w.ask("POST", "/draws/"+d.ID+"/line", "", "id="+seat, "Content-Type: application/x-www-form-urlencoded")
	if !strings.Contains(page.body, "You are in the list") {
		t.Fatalf("line page: %d", page.status)
	}
	w.ask("GET", "/setup/"+w.owner, "", "")
	made := w.ask("POST", "/setup/"+w.owner, "", "", "Content-Type: application/x-www-form-urlencoded")
	_, token, _ := strings.Cut(made.body, "<pre>klr_")
	logged := w.log.String()
	if len(row.Salt) != 64 || len(token) < 60 || strings.Count(logged, `"msg":"request"`) < 20 {
		t.Fatalf("the test lost its subjects: salt %q, token of %d, log of %d lines", row.Salt, len(token), strings.Count(logged, "\n"))
	}
	for what, secret := range map[string]string{
		"a name": "Resident Number", "an address": "Long Road", "a salt": row.Salt, "an id": seat,
		"an operator's token": w.operator[21:], "a registrar's token": w.registrar[21:], "the owner link": w.owner[21:],
		"a new key": token[17:60], "a wrong token": "wrongwrong", "a network address": "127.0.0.1", "a path": "/nowhere",
		"a draw's path": "/draws/" + d.ID, "a query": "dry_run", "what quotas say of people": "district",
	} {
		if i := strings.Index(logged, secret); i >= 0 {
			t.Errorf("%s is in the log: %s", what, logged[max(0, i-200):min(len(logged), i+100)])
		}
	}
	for _, want := range []string{`"route":"/v1/draws/:draw/seats.csv"`, `"route":"none"`, `"method":"OTHER"`, `"status":401`, `"code":"token"`, `"request_id":"`, `"duration_us":`, `"role":"registrar"`} {
		if !strings.Contains(logged, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}
