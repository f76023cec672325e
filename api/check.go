package api

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/go-playground/validator/v10"

	"kleroterion/api/strict"
)

// form is a validator tag of our own: a pattern, and what it says in words. The pattern goes into
// the OpenAPI document too, so it keeps to what ECMAScript and RE2 share.
type form struct{ pattern, words string }

// forms are the texts that requests hold.
func forms() map[string]form {
	return map[string]form{
		"slug":    {`^[a-z0-9][a-z0-9._-]{0,62}$`, "must be 1 to 63 of a-z 0-9 . _ - and begin with a letter or digit"},
		"hash":    {`^[0-9a-f]{64}$`, "must be 64 lower-case hexadecimal digits"},
		"option":  {`^[a-z0-9-]{1,64}$`, "must be 1 to 64 of a-z 0-9 -"},
		"ratio":   {`^(0|[1-9][0-9]{0,6})/[1-9][0-9]{0,6}$`, "must be a fraction such as 1/2"},
		"hexdata": {`^([0-9a-f]{2})+$`, "must be pairs of lower-case hexadecimal digits"},
		"id":      {`^[0-9a-f]{16,32}$`, "must be 16 to 32 lower-case hexadecimal digits"},
		"subject": {`^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$`, "must be segments of a-z 0-9 . _ - joined by /, each beginning with a letter or digit"},
		"chain":   {`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`, "must be a chain's name or hash"},
		"cursor":  {`^[A-Za-z0-9_-]{1,200}$`, "must be the cursor of an earlier answer"},
		"visible": {`^[!-~]{1,128}$`, "must be 1 to 128 visible ASCII characters"},
		"job":     {`^[a-z0-9][a-z0-9-]{0,63}$`, "must be the id of a job"},
		"amount":  {`^(0|[1-9][0-9]{0,37})$`, "must be a whole number of minor units as text: 1 to 38 digits, without sign, point, exponent or leading zero"},
		"asset":   {`^[A-Z0-9.]{1,12}$`, "must be 1 to 12 of A-Z 0-9 ."},
		"donor":   {`^members/[0-9a-f]{64}$`, "must be members/ and 64 lower-case hexadecimal digits"},
		"donorid": {`^[0-9a-f]{32}$`, "must be 32 lower-case hexadecimal digits"},
		"account": {`^0x[0-9a-fA-F]{40}$`, "must be 0x and 40 hexadecimal digits"},
		"token":   {`^klr_[A-Za-z0-9_-]{20,100}$`, "must be a token as it was shown"},
	}
}

// checker validates requests by their tags. Building it compiles every form once.
type checker struct {
	validate *validator.Validate
	forms    map[string]form
}

func newChecker() *checker {
	k := &checker{validator.New(validator.WithRequiredStructEnabled()), forms()}
	k.validate.RegisterTagNameFunc(nameOf)
	for tag, f := range k.forms {
		pattern := regexp.MustCompile(f.pattern)
		err := k.validate.RegisterValidation(tag, func(fl validator.FieldLevel) bool {
			return pattern.MatchString(fl.Field().String())
		})
		if err != nil {
			panic(err) // a tag's name that the validator reserves: a defect that any test shows
		}
	}
	return k
}

// nameOf gives a field the name under which callers know it.
func nameOf(f reflect.StructField) string {
	if place, name := placeOf(f); place != "" {
		return place + ":" + name
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// faults reports the broken rules of a request, leaving out members already found faulty.
func (k *checker) faults(in any, known []strict.Fault) (faults []strict.Fault) {
	err := k.validate.Struct(in)
	broken, _ := err.(validator.ValidationErrors)
	skip := make(map[string]bool, len(known))
	for _, f := range known {
		skip[f.Pointer] = true
	}
	for _, b := range broken {
		if at := pointerOf(b.Namespace()); !skip[at] {
			faults = append(faults, strict.Fault{Pointer: at, Rule: b.Tag(), Detail: k.words(b)})
		}
	}
	return faults
}

// pointerOf turns the validator's In.Body.strata[0].seats into /strata/0/seats, and
// In.query:limit into query:limit.
func pointerOf(namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
	if rest, body := strings.CutPrefix(path, "Body"); body {
		return strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(rest)
	}
	return path[strings.LastIndexByte(path, '.')+1:] // without the name of an embedded struct
}

// words says a broken rule in a sentence.
func (k *checker) words(b validator.FieldError) string {
	if f, own := k.forms[b.Tag()]; own {
		return f.words
	}
	unit := ""
	switch b.Kind() {
	case reflect.String:
		unit = " characters long"
	case reflect.Slice:
		unit = " items long"
	}
	switch b.Tag() {
	case "required":
		return "must not be empty"
	case "min":
		return "must be at least " + b.Param() + unit
	case "max":
		return "must be at most " + b.Param() + unit
	case "required_without":
		return "must not be empty, unless there is a " + strings.ToLower(b.Param())
	case "excluded_with":
		return "must not be there: the " + strings.ToLower(b.Param()) + " says it"
	case "len":
		return "must be exactly " + b.Param() + unit
	case "oneof":
		return "must be one of: " + strings.ReplaceAll(b.Param(), " ", ", ")
	case "unique":
		return "must not have the same item twice"
	}
	return "breaks the rule " + b.Tag()
}
