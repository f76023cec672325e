package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/api/web"
)

// TestRouterAndDocumentKnowTheSameRoutes walks both: what Gin answers and the document does not tell
// of is a page, and what the document tells of Gin answers.
func TestRouterAndDocumentKnowTheSameRoutes(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var served, told []string
	for _, r := range w.api.Routes() {
		if r.Method != "HEAD" && !slices.Contains(web.Paths(), r.Path) {
			served = append(served, r.Method+" "+r.Path)
		}
	}
	for path, item := range w.spec.doc.Paths.Map() {
		for method := range item.Operations() {
			path = strings.NewReplacer("{file}", "*file", "{", ":", "}", "").Replace(path)
			told = append(told, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(told)
	if diff := cmp.Diff(told, served); diff != "" {
		t.Errorf("routes (-document +router):\n%s", diff)
	}
}

func TestEveryGetAnswersHeadWithTheSameHeaders(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, path := range []string{"/", "/docs", "/v1/cities", "/v1/cities/example", "/v1/chains", "/v1/log", "/openapi.json", "/livez", "/version", "/v1/cities/nowhere"} {
		get, head := w.ask("GET", path, "", ""), w.ask("HEAD", path, "", "")
		if head.status != get.status || head.body != "" {
			t.Errorf("HEAD %s: %d with %d bytes, GET answers %d", path, head.status, len(head.body), get.status)
		}
		for _, name := range []string{"Content-Type", "ETag", "Content-Length", "Cache-Control"} {
			if got, want := head.header.Get(name), get.header.Get(name); got != want {
				t.Errorf("HEAD %s: %s is %q, GET says %q", path, name, got, want)
			}
		}
	}
}

func TestMethodsAndOptions(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, tt := range []struct{ method, path, allow string }{
		{"PATCH", "/v1/cities", "GET, HEAD, POST"},
		{"POST", "/v1/cities/example", "GET, HEAD"},
		{"DELETE", "/v1/draws", "GET, HEAD, POST"},
		{"GET", "/v1/setup", "POST"},
		{"TRACE", "/", "GET, HEAD"},
		{"BREW", "/v1/log", "GET, HEAD"},
	} {
		got := w.ask(tt.method, tt.path, "", "")
		if allow := sorted(got.header.Get("Allow")); got.status != 405 || allow != tt.allow {
			t.Errorf("%s %s: %d with Allow %q, want 405 with %q", tt.method, tt.path, got.status, allow, tt.allow)
		}
		if code := problemOf(t, got).Code; code != "method" {
			t.Errorf("%s %s: code %s", tt.method, tt.path, code)
		}
		options := w.ask("OPTIONS", tt.path, "", "")
		if allow := sorted(options.header.Get("Allow")); options.status != 204 || allow != tt.allow || options.body != "" {
			t.Errorf("OPTIONS %s: %d with Allow %q and %q", tt.path, options.status, allow, options.body)
		}
	}
	if got := w.ask("OPTIONS", "/v1/nothing", "", ""); got.status != 404 {
		t.Errorf("OPTIONS of nothing: %d", got.status)
	}
}

func sorted(list string) string {
	items := strings.Split(list, ", ")
	slices.Sort(items)
	return strings.Join(items, ", ")
}
