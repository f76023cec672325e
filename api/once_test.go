package api_test

import (
	"strings"
	"sync"
	"testing"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const body = `{"slug":"x","name":"X"}`
	key := "Idempotency-Key: 7f9c"
	first := w.ask("POST", "/v1/cities", w.operator, body, key)
	again := w.ask("POST", "/v1/cities", w.operator, body, key)
	if first.status != 201 || again.status != 201 || first.body != again.body || first.header.Get("Location") != again.header.Get("Location") {
		t.Errorf("first %d %s, replay %d %s", first.status, first.body, again.status, again.body)
	}
	if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("Idempotency-Replayed: first %q, replay %q", first.header.Get("Idempotency-Replayed"), again.header.Get("Idempotency-Replayed"))
	}
	for _, tt := range []struct {
		name, path, token, body string
		headers                 []string
		status                  int
		code                    string
	}{
		{"another body", "/v1/cities", w.operator, `{"slug":"y","name":"Y"}`, []string{key}, 409, "idempotency_key"},
		{"the same body written otherwise", "/v1/cities", w.operator, `{"name":"X","slug":"x"}`, []string{key}, 409, "idempotency_key"},
		{"no key at all", "/v1/cities", w.operator, body, nil, 409, "city_exists"},
		{"a space in it", "/v1/cities", w.operator, body, []string{"Idempotency-Key: a b"}, 400, "idempotency_key"},
		{"an empty one", "/v1/cities", w.operator, body, []string{"Idempotency-Key: "}, 400, "idempotency_key"},
		{"a long one", "/v1/cities", w.operator, body, []string{"Idempotency-Key: " + strings.Repeat("k", 129)}, 400, "idempotency_key"},
		{"together with If-Match", "/v1/registers/" + aRegister + "/freeze", w.registrar, `{}`, []string{key, `If-Match: "x"`}, 400, "idempotency_key"},
	} {
		got := w.ask("POST", tt.path, tt.token, tt.body, tt.headers...)
		if p := problemOf(t, got); got.status != tt.status || p.Code != tt.code {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, got.status, p.Code, tt.status, tt.code)
		}
	}
	if got := w.ask("POST", "/v1/registers", w.registrar, `{"city":"example","name":"x"}`, key); got.status != 201 || got.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("another caller's same key: %d %s", got.status, got.body)
	}
}

func TestReplayOfANewKeyHasNoToken(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	body := `{"city":"example","role":"auditor","label":"x"}`
	first := w.ask("POST", "/v1/keys", w.operator, body, "Idempotency-Key: k")
	again := w.ask("POST", "/v1/keys", w.operator, body, "Idempotency-Key: k")
	if !strings.Contains(first.body, `"token":"klr_`) || strings.Contains(again.body, "klr_") || again.status != 201 {
		t.Errorf("first %s, replay %d %s", first.body, again.status, again.body)
	}
	if got := w.ask("GET", "/v1/keys?city=example", w.operator, ""); strings.Count(got.body, `"label":"x"`) != 1 {
		t.Errorf("keys: %s", got.body)
	}
}

func TestOneEffectWhereManyAskAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var together sync.WaitGroup
	answers := make([]reply, 8)
	for i := range answers {
		together.Go(func() {
			answers[i] = w.ask("POST", "/v1/registers", w.registrar, `{"city":"example","name":"once"}`, "Idempotency-Key: once")
		})
	}
	together.Wait()
	for _, got := range answers {
		if got.status != 201 || got.body != answers[0].body {
			t.Errorf("got %d %s, others got %s", got.status, got.body, answers[0].body)
		}
	}
}

func TestReplayOfAnOpenedDraw(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.frozen("adults")
	body := `{"city":"example","decision":"park","register":"` + r.ID + `","method":"simple","strata":[{"stratum":"","seats":2}],"draw_time":` + "1800003700" + `,"rehearsal":true}`
	first := w.ask("POST", "/v1/draws", w.registrar, body, "Idempotency-Key: d")
	w.clock.Store(1800003800) // the draw's time is past, and asking anew would be refused
	again := w.ask("POST", "/v1/draws", w.registrar, body, "Idempotency-Key: d")
	if first.status != 201 || again.status != 201 || first.body != again.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %d %s\nreplay %d %s", first.status, first.body, again.status, again.body)
	}
}
