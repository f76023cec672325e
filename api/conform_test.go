package api_test

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// contract holds answers against the OpenAPI document, and remembers which operations answered with
// which status.
type contract struct {
	doc  *openapi3.T
	mu   sync.Mutex
	seen map[string]map[int]bool
}

func newContract(t testing.TB, spec []byte) *contract {
	t.Helper()
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(spec)
	must(t, err)
	must(t, doc.Validate(context.Background()))
	return &contract{doc: doc, seen: map[string]map[int]bool{}}
}

// find returns the operation of a request; of several templates the one with most fixed segments.
func (k *contract) find(method, path string) (template string, op *openapi3.Operation) {
	best := -1
	for candidate, item := range k.doc.Paths.Map() {
		pattern := regexp.MustCompile(`\\\{file\\\}`).ReplaceAllString(regexp.QuoteMeta(candidate), ".+")
		pattern = regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(pattern, "[^/]+")
		fixed := len(candidate) - 100*strings.Count(candidate, "{")
		if regexp.MustCompile("^"+pattern+"$").MatchString(path) && (template == "" || fixed > best) {
			if found := item.GetOperation(method); found != nil {
				template, op, best = candidate, found, fixed
			}
		}
	}
	return template, op
}

// check holds one answer against the document. Paths and methods that it does not know are pages.
func (k *contract) check(t testing.TB, req *http.Request, got reply) {
	t.Helper()
	method := req.Method
	if method == http.MethodHead {
		return // has no body, and the document describes GET
	}
	template, op := k.find(method, req.URL.Path)
	if op == nil || got.status == http.StatusNotModified || got.status == http.StatusPartialContent {
		return
	}
	k.note(op.OperationID, got.status)
	answer := op.Responses.Status(got.status)
	if answer == nil {
		t.Errorf("%s %s answered %d, which its description leaves out", method, template, got.status)
		return
	}
	media, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	if len(answer.Value.Content) > 0 && answer.Value.Content.Get(media) == nil && media != "text/plain" {
		t.Errorf("%s %s answered %d with %q, which its description leaves out", method, template, got.status, media)
		return
	}
	if !slices.Contains([]string{"application/json", "application/problem+json"}, media) {
		return
	}
	route := &routers.Route{Spec: k.doc, Path: template, PathItem: k.doc.Paths.Value(template), Method: method, Operation: op}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, Route: route},
		Status:                 got.status, Header: got.header, Body: io.NopCloser(strings.NewReader(got.body)),
	}
	if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
		t.Errorf("%s %s answered %d with a body against its schema: %v", method, template, got.status, err)
	}
}

func (k *contract) note(id string, status int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen[id] == nil {
		k.seen[id] = map[int]bool{}
	}
	k.seen[id][status] = true
}
