package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// docs is the OpenAPI document arranged for reading.
type docs struct {
	About    []string
	Groups   []group
	Shapes   []shape
	Problems []Refusal
}

type group struct {
	Name       string
	Operations []operation
}

type operation struct {
	ID, Method, Path, Summary, About, Access string
	Parameters                               []parameter
	Takes, Gives                             string
	Status                                   string
}

type parameter struct {
	Name, In, About string
	Required        bool
}

type shape struct {
	Name    string
	Members []member
}

type member struct {
	Name, Type, About string
	Required          bool
}

// The parts of an OpenAPI 3.1 document that are shown.
type (
	document struct {
		Info       struct{ Description string }
		Paths      map[string]map[string]specOperation
		Components struct{ Schemas map[string]schema }
	}
	specOperation struct {
		OperationID          string `json:"operationId"`
		Tags                 []string
		Summary, Description string
		Security             []map[string][]string
		Parameters           []parameter
		RequestBody          struct{ Content map[string]media }
		Responses            map[string]struct{ Content map[string]media }
	}
	media  struct{ Schema schema }
	schema struct {
		Ref         string `json:"$ref"`
		Type        any
		Description string
		Format      string
		Pattern     string
		Enum        []any
		Items       *schema
		Properties  map[string]schema
		Required    []string
	}
)

func (p *parameter) UnmarshalJSON(b []byte) error {
	var in struct {
		Name, In, Description string
		Required              bool
	}
	err := json.Unmarshal(b, &in)
	*p = parameter{in.Name, in.In, in.Description, in.Required}
	return err
}

func readDocs(spec []byte, problems []Refusal) (docs, error) {
	var d document
	if err := json.Unmarshal(spec, &d); err != nil {
		return docs{}, fmt.Errorf("OpenAPI document: %w", err)
	}
	out := docs{About: strings.Split(d.Info.Description, "\n\n"), Problems: problems}
	groups := map[string][]operation{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			groups[op.Tags[0]] = append(groups[op.Tags[0]], op.read(strings.ToUpper(method), path))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		slices.SortFunc(groups[name], func(a, b operation) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
		})
		out.Groups = append(out.Groups, group{name, groups[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		out.Shapes = append(out.Shapes, d.Components.Schemas[name].shape(name))
	}
	return out, nil
}

func (op specOperation) read(method, path string) operation {
	out := operation{
		ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, About: op.Description, Parameters: op.Parameters,
		Takes: describeMedia(op.RequestBody.Content), Access: "public",
	}
	switch {
	case len(op.Security) == 1:
		out.Access = "key"
	case len(op.Security) > 1:
		out.Access = "public, more with a key"
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if strings.HasPrefix(status, "2") {
			out.Status, out.Gives = status, describeMedia(op.Responses[status].Content)
		}
	}
	return out
}

func describeMedia(content map[string]media) string {
	names := slices.Sorted(maps.Keys(content))
	if len(names) == 0 {
		return ""
	}
	if s := content[names[0]].Schema; s.Ref != "" {
		return s.typeName()
	}
	return names[0]
}

func (s schema) shape(name string) shape {
	out := shape{Name: name}
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		m := s.Properties[key]
		out.Members = append(out.Members, member{key, m.typeName(), m.Description, slices.Contains(s.Required, key)})
	}
	return out
}

func (s schema) typeName() string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case s.Items != nil:
		return "list of " + s.Items.typeName()
	case len(s.Enum) > 0:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Enum), " ", " | "), "[]")
	case s.Type == nil:
		return "any"
	}
	return fmt.Sprint(s.Type)
}

func (p *Pages) showDocs(c *gin.Context) error {
	return p.show(c, "docs", http.StatusOK, view{Title: "The API", Page: p.docs})
}
