package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The rules a fault can break. Required is the only one that well-formed input of the right types
// can break.
const (
	RuleSyntax    = "syntax"
	RuleUnknown   = "unknown_member"
	RuleDuplicate = "duplicate_member"
	RuleType      = "type"
	RuleRange     = "range"
	RuleNull      = "null"
	RuleEncoding  = "encoding"
	RuleTrailing  = "trailing_bytes"
	RuleRequired  = "required"
)

// maxFaults bounds the list: a hostile body must not become a larger answer.
const maxFaults = 50

// Fault is one thing wrong with a body. Pointer is a JSON pointer (RFC 6901), "" for the whole body.
type Fault struct {
	Pointer string
	Rule    string
	Detail  string
}

// Malformed reports whether the input could not be read as the wanted type at all.
func (f Fault) Malformed() bool { return f.Rule != RuleRequired }

// Decode reads exactly one JSON value from b into v, a non-nil pointer, and returns all faults in
// the order met. v is not to be used when there is one.
func Decode(b []byte, v any) []Fault {
	if f := checkText(b); f != nil {
		return []Fault{*f}
	}
	d := decoder{json: json.NewDecoder(bytes.NewReader(b))}
	d.json.UseNumber()
	err := d.value(reflect.ValueOf(v).Elem(), "")
	if err == nil {
		err = d.end()
	}
	var stop *Fault
	if errors.As(err, &stop) {
		d.faults = append(d.faults, *stop)
	}
	return d.faults
}

type decoder struct {
	json   *json.Decoder
	faults []Fault
}

// Error lets a Fault that ends the reading travel as an error.
func (f *Fault) Error() string { return f.Detail }

func (d *decoder) fault(at, rule, format string, args ...any) {
	if len(d.faults) < maxFaults {
		d.faults = append(d.faults, Fault{at, rule, fmt.Sprintf(format, args...)})
	}
}

// token returns the next token; any error ends the reading because what follows cannot be placed.
func (d *decoder) token(at string) (json.Token, error) {
	t, err := d.json.Token()
	if err == nil {
		return t, nil
	}
	detail := fmt.Sprintf("not JSON at byte %d: %v", d.json.InputOffset(), err)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		detail = fmt.Sprintf("the body ends at byte %d, inside the value", d.json.InputOffset())
	}
	return nil, &Fault{at, RuleSyntax, detail}
}

// end refuses anything but white space after the value.
func (d *decoder) end() error {
	if _, err := d.json.Token(); errors.Is(err, io.EOF) {
		return nil
	}
	return &Fault{"", RuleTrailing, fmt.Sprintf("more bytes after the value, before byte %d", d.json.InputOffset())}
}

// value reads one value of v's type.
func (d *decoder) value(v reflect.Value, at string) error {
	if v.Type() == rawType {
		return d.raw(v, at)
	}
	t, err := d.token(at)
	if err != nil {
		return err
	}
	if v.Kind() == reflect.Pointer { // an optional object
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch x := t.(type) {
	case nil:
		d.fault(at, RuleNull, "null is not a value here; leave the member out")
		return nil
	case json.Delim:
		return d.composite(v, at, x)
	default:
		d.scalar(v, at, t)
		return nil
	}
}

var rawType = reflect.TypeFor[json.RawMessage]()

// raw keeps an object's bytes as they are: they may be signed. Whoever reads the object judges its
// members.
func (d *decoder) raw(v reflect.Value, at string) error {
	var object json.RawMessage
	err := d.json.Decode(&object)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Fault{at, RuleSyntax, "the body ends inside the value"}
	case err != nil:
		return &Fault{at, RuleSyntax, fmt.Sprintf("not JSON: %v", err)}
	case object[0] != '{':
		d.fault(at, RuleType, "an object is due")
	}
	v.SetBytes(object)
	return nil
}

// composite reads the rest of an object or list whose opening bracket was just read.
func (d *decoder) composite(v reflect.Value, at string, open json.Delim) error {
	switch {
	case open == '{' && v.Kind() == reflect.Struct:
		return d.object(v, at)
	case open == '{' && v.Kind() == reflect.Map:
		return d.stringMap(v, at)
	case open == '[' && v.Kind() == reflect.Slice:
		return d.list(v, at)
	}
	d.fault(at, RuleType, "%s is due, not %s", due(v.Type()), tokenName(open))
	return d.skip(at)
}

// scalar stores a string, number or boolean.
func (d *decoder) scalar(v reflect.Value, at string, t json.Token) {
	switch x := t.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(x)
			return
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
			return
		}
	case json.Number:
		if v.CanInt() || v.CanUint() {
			d.integer(v, at, x.String())
			return
		}
	}
	d.fault(at, RuleType, "%s is due, not %s", due(v.Type()), tokenName(t))
}

func (d *decoder) integer(v reflect.Value, at, text string) {
	if strings.ContainsAny(text, ".eE") {
		d.fault(at, RuleType, "a whole number is due, without fraction or exponent")
		return
	}
	if v.CanUint() {
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			d.fault(at, RuleRange, "the number is outside what this member can hold")
		}
		v.SetUint(n)
		return
	}
	n, err := strconv.ParseInt(text, 10, v.Type().Bits())
	if err != nil {
		d.fault(at, RuleRange, "the number is outside what this member can hold")
	}
	v.SetInt(n)
}

// checkText refuses bytes that encoding/json would silently replace.
func checkText(b []byte) *Fault {
	if !utf8.Valid(b) {
		return &Fault{"", RuleEncoding, "the body is not UTF-8"}
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return &Fault{"", RuleSyntax, "the body is empty; a JSON object is due"}
	}
	if at := badEscape(b); at >= 0 {
		return &Fault{"", RuleEncoding, fmt.Sprintf("the escape at byte %d is half a surrogate pair or U+0000", at)}
	}
	return nil
}
