package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go/openapi31"
)

// describe teaches the reflector what our tags mean, so that the document says what the binding does.
func describe(r *openapi31.Reflector, routes []route, forms map[string]form) {
	requests := requestTypes(routes)
	r.DefaultOptions = append(r.DefaultOptions,
		jsonschema.InterceptDefName(func(t reflect.Type, _ string) string { return schemaName(t) }),
		jsonschema.InterceptNullability(func(p jsonschema.InterceptNullabilityParams) { // nothing here is ever null
			if p.Schema.Ref == nil && p.Schema.HasType(jsonschema.Null) {
				p.Schema.RemoveType(jsonschema.Null)
			}
		}),
		jsonschema.InterceptSchema(func(p jsonschema.InterceptSchemaParams) (bool, error) {
			return false, describeType(p, requests)
		}),
		jsonschema.InterceptProp(func(p jsonschema.InterceptPropParams) error {
			if p.Processed {
				describeMember(p, forms)
			}
			return nil
		}),
	)
}

// requestTypes finds the types of request bodies: objects that know their members.
func requestTypes(routes []route) map[reflect.Type]bool {
	found := map[reflect.Type]bool{}
	for _, r := range routes {
		if body, has := r.in.FieldByName("Body"); has {
			collectStructs(body.Type, found)
		}
		if r.orJSON != nil {
			collectStructs(reflect.TypeOf(r.orJSON), found)
		}
	}
	return found
}

func collectStructs(t reflect.Type, found map[reflect.Type]bool) {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		collectStructs(t.Elem(), found)
	case reflect.Struct:
		found[t] = true
		for i := range t.NumField() {
			collectStructs(t.Field(i).Type, found)
		}
	}
}

// schemaName is the Go name; list[api.City] is CityList.
func schemaName(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, item, generic := strings.Cut(t.Name(), "[")
	if !generic {
		return name
	}
	item = strings.TrimSuffix(item[strings.LastIndexByte(item, '.')+1:], "]")
	return item + strings.ToUpper(name[:1]) + name[1:]
}

func describeType(p jsonschema.InterceptSchemaParams, requests map[reflect.Type]bool) error {
	t := p.Value.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		*p.Schema = jsonschema.Schema{}
		p.Schema.AddType(jsonschema.Object)
	case requests[t] && p.Processed:
		p.Schema.WithAdditionalProperties(jsonschema.SchemaOrBool{TypeBoolean: new(bool)})
	}
	return nil
}

// describeMember turns presence and validator tags into keywords.
func describeMember(p jsonschema.InterceptPropParams, forms map[string]form) {
	name, rest, isMember := strings.Cut(p.Field.Tag.Get("json"), ",")
	_, hasJSON := p.Field.Tag.Lookup("json")
	if hasJSON && name == p.Name && !(isMember && strings.Contains(rest, "omit")) && !slices.Contains(p.ParentSchema.Required, name) {
		p.ParentSchema.Required = append(p.ParentSchema.Required, name)
	}
	rules := strings.Split(p.Field.Tag.Get("validate"), ",")
	target, kind := p.PropertySchema, p.Field.Type.Kind()
	for _, rule := range rules {
		if rule == "dive" {
			target, kind = itemsOf(target), p.Field.Type.Elem().Kind()
			continue
		}
		describeRule(target, kind, rule, forms)
	}
}

func itemsOf(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Items == nil || s.Items.SchemaOrBool == nil || s.Items.SchemaOrBool.TypeObject == nil {
		return new(jsonschema.Schema) // items are described by their own schema
	}
	return s.Items.SchemaOrBool.TypeObject
}

func describeRule(s *jsonschema.Schema, kind reflect.Kind, rule string, forms map[string]form) {
	tag, param, _ := strings.Cut(rule, "=")
	if f, own := forms[tag]; own {
		s.WithPattern(f.pattern)
		return
	}
	n, _ := strconv.ParseInt(param, 10, 64) // a tag that is no number has no use for it
	switch tag {
	case "oneof":
		for value := range strings.FieldsSeq(param) {
			s.Enum = append(s.Enum, enumValue(kind, value))
		}
	case "required":
		if kind == reflect.String {
			s.WithMinLength(1)
		}
	case "min", "max":
		bound(s, kind, tag == "min", n)
	}
}

// enumValue is one value of a member: text, or a number.
func enumValue(kind reflect.Kind, text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && kind == reflect.Int64 {
		return n
	}
	return text
}

func bound(s *jsonschema.Schema, kind reflect.Kind, lower bool, n int64) {
	switch {
	case kind == reflect.String && lower:
		s.WithMinLength(n)
	case kind == reflect.String:
		s.WithMaxLength(n)
	case kind == reflect.Slice && lower:
		s.WithMinItems(n)
	case kind == reflect.Slice:
		s.WithMaxItems(n)
	case lower:
		s.WithMinimum(float64(n))
	default:
		s.WithMaximum(float64(n))
	}
}

func newOf(t reflect.Type) any { return reflect.New(t).Interface() }
