package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"kleroterion/api/problem"
)

const specAbout = `The service behind sortition that anyone can check. Everything public is read without a key.

Requests are read strictly: unknown or duplicate members, unknown query parameters, null and bytes after the
value are refused. Times are Unix seconds. Lists come in stretches: follow the header Link with rel="next", or
give the member next as the parameter cursor. Every POST with a key, but for printing letters and checking quotas, takes an
Idempotency-Key: the same request is then done once, and a replay gives the same answer with
Idempotency-Replayed: true. Ballots, gifts, owners' acts about projects and statements about members need no key: they bear
their signatures. Amounts of money are whole minor units, written as text. Refusals are RFC 9457 problems with a stable code; what will be there later is refused with 409, the type too_early and Retry-After.`

// specOf makes the OpenAPI document of the routes.
func specOf(routes []route, forms map[string]form) ([]byte, error) {
	r := openapi31.NewReflector()
	r.Spec.Info.WithTitle("kleroterion").WithVersion("1").WithDescription(specAbout)
	r.Spec.SetHTTPBearerTokenSecurity("key", "", "An API key: klr_…")
	describe(r, routes, forms)
	if err := addRefusals(r); err != nil {
		return nil, err
	}
	for _, route := range routes {
		if err := addOperation(r, route); err != nil {
			return nil, fmt.Errorf("operation %s: %w", route.id, err)
		}
	}
	b, err := json.MarshalIndent(r.Spec, "", "  ")
	return append(b, '\n'), err
}

func addOperation(r *openapi31.Reflector, route route) error {
	oc, err := r.NewOperationContext(route.method, route.path)
	if err != nil {
		return err
	}
	oc.SetID(route.id)
	oc.SetTags(route.tag)
	oc.SetSummary(route.summary)
	oc.SetDescription(route.about)
	addRequest(oc, route)
	addAnswers(oc, route)
	if err := r.AddOperation(oc); err != nil {
		return err
	}
	complete(r.Spec, route)
	return nil
}

func addRequest(oc openapi.OperationContext, route route) {
	oc.AddReqStructure(newOf(route.in))
	required := openapi.WithCustomize(func(cor openapi.ContentOrReference) {
		if body, ok := cor.(*openapi31.RequestBodyOrReference); ok && body.RequestBody != nil {
			body.RequestBody.WithRequired(true)
		}
	})
	if body, has := route.in.FieldByName("Body"); has {
		oc.AddReqStructure(newOf(body.Type), openapi.WithContentType("application/json"), required)
	}
	if route.reads != "" {
		oc.AddReqStructure(nil, openapi.WithContentType(route.reads), required)
	}
	if route.orJSON != nil {
		oc.AddReqStructure(route.orJSON, openapi.WithContentType("application/json"), required)
	}
	if route.repeatable() {
		oc.AddReqStructure(new(repeatableHeader))
	}
}

// repeatableHeader documents what once reads.
type repeatableHeader struct {
	Key string `header:"Idempotency-Key" validate:"omitempty,visible" description:"of the caller's choice, 1 to 128 visible ASCII characters, unique to this request"`
}

func addAnswers(oc openapi.OperationContext, route route) {
	status := openapi.WithHTTPStatus(route.success())
	switch {
	case route.media != "" && route.media != "application/json":
		oc.AddRespStructure(nil, status, openapi.WithContentType(route.media))
		if route.also != "" {
			oc.AddRespStructure(nil, status, openapi.WithContentType(route.also))
		}
	case route.success() == http.StatusNoContent:
		oc.AddRespStructure(nil, status)
	case route.out == nil:
		oc.AddRespStructure(new(Document), status, openapi.WithContentType("application/json"))
	default:
		oc.AddRespStructure(newOf(route.out), status)
		if route.also != "" {
			oc.AddRespStructure(nil, status, openapi.WithContentType(route.also))
		}
	}
	for _, refused := range route.refusals() {
		oc.AddRespStructure(nil, openapi.WithHTTPStatus(refused), openapi.WithReference("#/components/responses/"+refusalName(refused)))
	}
}

// refusalName is the name of the shared answer for a status: NotFound.
func refusalName(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }

// addRefusals adds the answers that operations share.
func addRefusals(r *openapi31.Reflector) error {
	name := "#/components/schemas/Problem"
	if _, err := r.Reflect(new(problem.Problem), jsonschema.DefinitionsPrefix("#/components/schemas/"), jsonschema.RootRef,
		jsonschema.CollectDefinitions(func(name string, s jsonschema.Schema) { addSchema(r, name, s) })); err != nil {
		return err
	}
	for _, c := range allProblems() {
		answer := openapi31.Response{Description: c.Title + ". " + c.Detail}
		for _, media := range []string{problem.MediaType, "application/json"} { // the second for those who accept only that
			answer.WithContentItem(media, openapi31.MediaType{Schema: map[string]any{"$ref": name}})
		}
		known := r.Spec.ComponentsEns().Responses[refusalName(c.Status)].Response
		if known != nil {
			answer.Description = known.Description + " Or: " + answer.Description
		}
		r.Spec.ComponentsEns().WithResponsesItem(refusalName(c.Status), openapi31.ResponseOrReference{Response: &answer})
	}
	return nil
}

func addSchema(r *openapi31.Reflector, name string, s jsonschema.Schema) {
	plain, err := s.ToSchemaOrBool().ToSimpleMap()
	if err != nil {
		panic(err) // a schema that was just reflected
	}
	r.Spec.ComponentsEns().WithSchemasItem(name, plain)
}

// Document is a JSON answer whose shape is described elsewhere.
type Document map[string]any

// refusals are the statuses that an operation may answer with, besides its success.
func (r route) refusals() []int {
	statuses := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotAcceptable, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable}
	_, body := r.in.FieldByName("Body")
	_, match := r.in.FieldByName("IfMatch")
	if r.access == keyed || body && !reads(r.method) || r.named {
		statuses = append(statuses, http.StatusForbidden)
	}
	if strings.Contains(r.path, "{") || r.access != public || r.pace == coded {
		statuses = append(statuses, http.StatusNotFound)
	}
	if r.in.NumField() > 0 {
		statuses = append(statuses, http.StatusUnprocessableEntity)
	}
	if body || r.reads != "" {
		statuses = append(statuses, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if !reads(r.method) && (r.access == keyed || body) || r.early {
		statuses = append(statuses, http.StatusConflict)
	}
	if match {
		statuses = append(statuses, http.StatusPreconditionFailed)
	}
	return statuses
}

// complete says who may ask (a key, or with an empty alternative anyone too) and takes out what the
// reflector adds for its own binding.
func complete(spec *openapi31.Spec, route route) {
	item := spec.Paths.MapOfPathItemValues[route.path]
	op, err := item.Operation(strings.ToLower(route.method))
	if err != nil || op == nil {
		panic("operation " + route.id + " was just added and is not there")
	}
	key := map[string][]string{"key": {}}
	switch route.access {
	case keyed:
		op.Security = []map[string][]string{key}
	case either:
		op.Security = []map[string][]string{{}, key}
	}
	op.MapOfAnything = nil
}
