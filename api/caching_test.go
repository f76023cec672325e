package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
)

func TestETagsAndPreconditions(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.opened("park")
	path := "/v1/draws/" + d.ID
	got := w.ask("GET", path, "", "")
	tag := got.header.Get("ETag")
	if len(tag) < 10 || got.header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("ETag %q, Cache-Control %q", tag, got.header.Get("Cache-Control"))
	}
	for _, header := range []string{"If-None-Match: " + tag, `If-None-Match: "x", W/` + tag, "If-None-Match: *"} {
		if same := w.ask("GET", path, "", "", header); same.status != 304 || same.body != "" || same.header.Get("ETag") != tag {
			t.Errorf("%s: %d %q", header, same.status, same.body)
		}
	}
	if other := w.ask("GET", path, "", "", `If-None-Match: "other"`); other.status != 200 {
		t.Errorf("another tag: %d", other.status)
	}
	for _, name := range []string{"/result", "/bundle"} {
		early := w.ask("GET", path+name, "", "")
		if problemOf(t, early).Type != "/docs#problem-too_early" || early.status != 409 || early.header.Get("Retry-After") != strconv.FormatInt(d.DueAt-w.clock.Load(), 10) {
			t.Errorf("%s before the draw: %d, Retry-After %q: %s", name, early.status, early.header.Get("Retry-After"), early.body)
		}
	}
	reason := `{"reason":"a mistake in the decision"}`
	if stale := w.ask("POST", path+"/void", w.registrar, reason, `If-Match: "other"`); stale.status != 412 || problemOf(t, stale).Code != "stale" {
		t.Errorf("void of a stale draw: %d %s", stale.status, stale.body)
	}
	if weak := w.ask("POST", path+"/void", w.registrar, reason, "If-Match: W/"+tag); weak.status != 412 {
		t.Errorf("void under a weak tag: %d", weak.status)
	}
	void := w.ask("POST", path+"/void", w.registrar, reason, "If-Match: "+tag)
	if void.status != 200 || !strings.Contains(void.body, `"status":"void"`) {
		t.Errorf("void: %d %s", void.status, void.body)
	}
	if again := w.ask("POST", path+"/void", w.registrar, reason, "If-Match: "+tag); again.status != 412 {
		t.Errorf("void of what changed since: %d", again.status)
	}
	if after := w.ask("GET", path, "", ""); after.header.Get("ETag") == tag {
		t.Error("the tag outlived the change")
	}
	for _, name := range []string{"/result", "/bundle"} {
		if got := w.ask("GET", path+name, "", ""); got.status != 409 || problemOf(t, got).Code != "draw_state" {
			t.Errorf("%s of a void draw: %d %s", name, got.status, got.body)
		}
	}
}

func TestRegisterPreconditions(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	path := "/v1/registers/" + w.emptyRegister()
	tag := w.ask("GET", path, w.registrar, "").header.Get("ETag")
	rows := func(match string) reply {
		return w.ask("PUT", path+"/rows", w.registrar, residents(20), "Content-Type: text/csv", "If-Match: "+match)
	}
	if got := rows(`"other"`); got.status != 412 {
		t.Errorf("upload over another register than was read: %d %s", got.status, got.body)
	}
	got := rows(tag)
	if got.status != 202 {
		t.Fatalf("upload: %d %s", got.status, got.body)
	}
	_, err := w.as(w.registrar).WaitJob(t.Context(), strings.TrimPrefix(got.header.Get("Location"), "/v1/jobs/"), nil)
	must(t, err)
	if got := w.ask("POST", path+"/freeze", w.registrar, "{}", "If-Match: "+tag); got.status != 412 {
		t.Errorf("freeze under the tag of the empty register: %d %s", got.status, got.body)
	}
}

func TestWhatIsNamedByItsContentIsKeptForEver(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.drawn(w.opened("park"))
	seat := w.ask("GET", "/v1/draws/"+d.ID+"/result", "", "")
	_, rest, _ := strings.Cut(seat.body, `"seats":["`)
	r := w.ask("GET", "/v1/registers/"+d.Register, "", "")
	_, root, _ := strings.Cut(r.body, `"root":"`)
	root = root[:64]
	const forever = "public, max-age=31536000, immutable"
	for _, path := range []string{
		"/v1/draws/" + d.ID + "/manifest", "/v1/draws/" + d.ID + "/result", "/v1/registers/by-root/" + root + "/file",
		"/v1/registers/by-root/" + root + "/entries/" + rest[:64], "/v1/log/entries/0",
	} {
		got := w.ask("GET", path, "", "")
		if got.status != 200 || got.header.Get("Cache-Control") != forever || got.header.Get("ETag") == "" {
			t.Errorf("%s: %d, Cache-Control %q, ETag %q", path, got.status, got.header.Get("Cache-Control"), got.header.Get("ETag"))
		}
		if same := w.ask("GET", path, "", "", "If-None-Match: "+got.header.Get("ETag")); same.status != 304 {
			t.Errorf("%s again: %d", path, same.status)
		}
	}
	bundle := w.ask("GET", "/v1/draws/"+d.ID+"/bundle", "", "")
	sum := sha256.Sum256([]byte(bundle.body))
	if want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"; bundle.header.Get("Repr-Digest") != want {
		t.Errorf("Repr-Digest %q, want %q", bundle.header.Get("Repr-Digest"), want)
	}
	if name := bundle.header.Get("Content-Disposition"); name != `attachment; filename="city_example_jury_park.klero"` {
		t.Errorf("file name %q", name)
	}
	part := w.ask("GET", "/v1/draws/"+d.ID+"/bundle", "", "", "Range: bytes=0-3")
	if part.status != 206 || part.body != bundle.body[:4] {
		t.Errorf("a range of the bundle: %d %q", part.status, part.body)
	}
}

func TestPrivateAnswersAreNeverStored(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	d := w.drawn(w.opened("park"))
	result := w.ask("GET", "/v1/draws/"+d.ID+"/result", "", "")
	_, rest, _ := strings.Cut(result.body, `"seats":["`)
	for path, token := range map[string]string{
		"/v1/draws/" + d.ID + "/seats.csv":                           w.registrar,
		"/v1/registers/" + d.Register + "/residents/" + rest[:64]:    w.registrar,
		"/v1/registers/" + d.Register:                                w.registrar,
		"/v1/keys?city=example":                                      w.operator,
		"/v1/jobs/draw-" + d.ID:                                      w.registrar,
		"/metrics":                                                   w.operator,
		"/v1/registers/by-root/" + strings.Repeat("0", 64) + "/file": "",
	} {
		got := w.ask("GET", path, token, "")
		if cache := got.header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s: %d with Cache-Control %q", path, got.status, cache)
		}
	}
}
