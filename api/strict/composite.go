package strict

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// Members lists the json members of struct type t: name to field index, and which must be present.
func Members(t reflect.Type) (index map[string]int, required []string) {
	index = make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, rest, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		index[name] = i
		if !strings.Contains(rest, "omit") {
			required = append(required, name)
		}
	}
	return index, required
}

func (d *decoder) object(v reflect.Value, at string) error {
	index, required := Members(v.Type())
	seen := make(map[string]bool, len(index))
	err := d.members(at, func(name, here string) error {
		i, known := index[name]
		switch {
		case !known:
			d.fault(here, RuleUnknown, "there is no member of this name")
			return d.skipValue(here)
		case seen[name]:
			d.fault(here, RuleDuplicate, "the member is there twice")
			return d.skipValue(here)
		}
		seen[name] = true
		return d.value(v.Field(i), here)
	})
	if err != nil {
		return err
	}
	for _, name := range required {
		if !seen[name] {
			d.fault(at+"/"+escape(name), RuleRequired, "the member is missing")
		}
	}
	return nil
}

func (d *decoder) stringMap(v reflect.Value, at string) error {
	v.Set(reflect.MakeMap(v.Type()))
	return d.members(at, func(name, here string) error {
		key := reflect.ValueOf(name)
		if v.MapIndex(key).IsValid() {
			d.fault(here, RuleDuplicate, "the member is there twice")
			return d.skipValue(here)
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(item, here); err != nil {
			return err
		}
		v.SetMapIndex(key, item)
		return nil
	})
}

// members calls each for every member of an open object, at its value.
func (d *decoder) members(at string, each func(name, here string) error) error {
	for d.json.More() {
		t, err := d.token(at)
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return &Fault{at, RuleSyntax, "a member's name must be a string"}
		}
		if err := each(name, at+"/"+escape(name)); err != nil {
			return err
		}
	}
	_, err := d.token(at)
	return err
}

func (d *decoder) list(v reflect.Value, at string) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for i := 0; d.json.More(); i++ {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(item, at+"/"+strconv.Itoa(i)); err != nil {
			return err
		}
		v.Set(reflect.Append(v, item))
	}
	_, err := d.token(at)
	return err
}

// skip passes over the rest of an object or list that is already open, however deep.
func (d *decoder) skip(at string) error {
	for depth := 1; depth > 0; {
		t, err := d.token(at)
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

func (d *decoder) skipValue(at string) error {
	t, err := d.token(at)
	if _, open := t.(json.Delim); err == nil && open {
		return d.skip(at)
	}
	return err
}
