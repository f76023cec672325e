package api_test

import (
	"strings"
	"testing"
)

// TestKeysOfAnotherCityFindNothing asks for everything that is private of one city with a key of
// another: all of it is absent, and nothing changes.
func TestKeysOfAnotherCityFindNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	draft := w.emptyRegister()
	d := w.drawn(w.opened("park"))
	result := w.ask("GET", "/v1/draws/"+d.ID+"/result", "", "")
	_, rest, _ := strings.Cut(result.body, `"seats":["`)
	seat := rest[:64]
	for _, tt := range []struct{ method, path, body, media string }{
		{"GET", "/v1/registers/" + draft, "", ""},
		{"PUT", "/v1/registers/" + draft + "/rows", "id\n1\n", "text/csv"},
		{"POST", "/v1/registers/" + draft + "/freeze", "{}", ""},
		{"GET", "/v1/registers/" + d.Register + "/residents/" + seat, "", ""},
		{"DELETE", "/v1/registers/" + d.Register + "/residents/" + seat, "", ""},
		{"GET", "/v1/draws/" + d.ID + "/seats.csv", "", ""},
		{"POST", "/v1/draws/" + d.ID + "/void", `{"reason":"x"}`, ""},
		{"GET", "/v1/jobs/draw-" + d.ID, "", ""},
		{"GET", "/v1/jobs/draw-" + d.ID + "/events", "", ""},
		{"GET", "/v1/keys?city=example", "", ""},
		{"POST", "/v1/keys", `{"city":"example","role":"auditor","label":"x"}`, ""},
		{"POST", "/v1/registers", `{"city":"example","name":"theirs"}`, ""},
	} {
		var headers []string
		if tt.media != "" {
			headers = []string{"Content-Type: " + tt.media}
		}
		if got := w.ask(tt.method, tt.path, w.stranger, tt.body, headers...); got.status != 404 {
			t.Errorf("%s %s with another city's key: %d %s", tt.method, tt.path, got.status, got.body)
		}
		if got := w.ask(tt.method, tt.path, "", tt.body, headers...); got.status != 401 && got.status != 404 {
			t.Errorf("%s %s without a key: %d %s", tt.method, tt.path, got.status, got.body)
		}
	}
	if got := w.ask("GET", "/v1/registers/"+d.Register+"/residents/"+seat, w.registrar, ""); !strings.Contains(got.body, "Resident Number") {
		t.Errorf("the private row afterwards: %d %s", got.status, got.body)
	}
}

func TestRolesOfOneCity(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.drawn(w.opened("park"))
	result := w.ask("GET", "/v1/draws/"+d.ID+"/result", "", "")
	_, rest, _ := strings.Cut(result.body, `"seats":["`)
	resident := "/v1/registers/" + d.Register + "/residents/" + rest[:64]
	for _, tt := range []struct {
		name, method, path, token, body string
		status                          int
	}{
		{"an auditor reads no private row", "GET", resident, w.auditor, "", 403},
		{"an operator reads no private row", "GET", resident, w.operator, "", 403},
		{"an auditor opens no draw", "POST", "/v1/draws/" + d.ID + "/void", w.auditor, `{"reason":"x"}`, 403},
		{"an operator freezes nothing", "POST", "/v1/registers/" + d.Register + "/freeze", w.operator, "{}", 403},
		{"a result is never taken back", "POST", "/v1/draws/" + d.ID + "/void", w.registrar, `{"reason":"x"}`, 409},
		{"a frozen register stays", "POST", "/v1/registers/" + d.Register + "/freeze", w.registrar, "{}", 409},
		{"a registrar reads a private row", "GET", resident, w.registrar, "", 200},
		{"a registrar erases it", "DELETE", resident, w.registrar, "", 204},
		{"and not twice", "DELETE", resident, w.registrar, "", 404},
		{"the proof stays", "GET", "/v1/registers/" + d.Register, "", "", 200},
		{"an auditor reads jobs", "GET", "/v1/jobs/draw-" + d.ID, w.auditor, "", 200},
		{"a register without its private parts", "GET", "/v1/registers/" + d.Register, "", "", 200},
	} {
		if got := w.ask(tt.method, tt.path, tt.token, tt.body); got.status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, got.status, got.body, tt.status)
		}
	}
	erased := w.ask("GET", resident, w.registrar, "")
	if erased.status != 404 || problemOf(t, erased).Code != "erased" {
		t.Errorf("an erased row: %d %s", erased.status, erased.body)
	}
	if got := w.ask("GET", "/v1/registers/"+d.Register, "", ""); strings.Contains(got.body, "report") || strings.Contains(got.body, "mapping") || strings.Contains(got.body, "erased") {
		t.Errorf("the public part has private members: %s", got.body)
	}
}
