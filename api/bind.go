package api

import (
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/api/strict"
)

// bodyTime is how long a JSON body may take to arrive.
const bodyTime = 30 * time.Second

// bind fills in from the path, the query, the headers and the body, and checks it against its
// validator tags. It returns the body's bytes.
func (a *API) bind(c *gin.Context, op operation, in any) (body []byte, err error) {
	if !accepts(c.Request.Header, op.mediaType()) && (op.also == "" || !accepts(c.Request.Header, op.also)) {
		return nil, unacceptable.problem("not_acceptable", "this path serves %s, which Accept excludes", op.mediaType())
	}
	v := reflect.ValueOf(in).Elem()
	if err := bindParameters(c, v); err != nil {
		return nil, err
	}
	var faults []strict.Fault
	target := v.FieldByName("Body")
	if body, err = readBody(c, op, target); err != nil {
		return nil, err
	}
	if target.IsValid() {
		faults = decodeBody(body, target.Addr().Interface())
		if slices.ContainsFunc(faults, strict.Fault.Malformed) {
			return nil, unreadable(faults)
		}
	}
	if faults = append(faults, a.check.faults(in, faults)...); len(faults) > 0 {
		return nil, ruleBroken(faults)
	}
	return body, nil
}

// decodeBody leaves a body that is not lean as it was before it is read strictly.
func decodeBody(body []byte, v any) []strict.Fault {
	if l, may := v.(leanBody); may && l.lean(body) {
		return nil
	}
	return strict.Decode(body, v)
}

// bindParameters fills the fields tagged path, query and header. Query parameters that the route
// does not know, and those given twice or empty, are faults.
func bindParameters(c *gin.Context, v reflect.Value) error {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return malformed.problem("query", "the query string is not form-encoded")
	}
	faults := setParameters(c, v, query)
	for _, name := range slices.Sorted(maps.Keys(query)) {
		faults = append(faults, strict.Fault{Pointer: "query:" + name, Rule: "unknown_parameter", Detail: "there is no parameter of this name"})
	}
	if len(faults) == 0 {
		return nil
	}
	return unreadable(faults)
}

// setParameters sets the tagged fields of v and of what it embeds, and takes the query parameters that
// it knows out of query.
func setParameters(c *gin.Context, v reflect.Value, query url.Values) (faults []strict.Fault) {
	for i := range v.NumField() {
		if v.Type().Field(i).Anonymous {
			faults = append(faults, setParameters(c, v.Field(i), query)...)
			continue
		}
		place, name := placeOf(v.Type().Field(i))
		var f *strict.Fault
		switch place {
		case "path":
			f = setParameter(v.Field(i), "path:"+name, c.Param(name))
		case "header":
			f = setParameter(v.Field(i), "header:"+name, c.GetHeader(name))
		case "query":
			f = setQuery(v.Field(i), name, query)
			delete(query, name)
		}
		if f != nil {
			faults = append(faults, *f)
		}
	}
	return faults
}

func setQuery(v reflect.Value, name string, query url.Values) *strict.Fault {
	given := query[name]
	switch {
	case len(given) == 0:
		return nil
	case len(given) > 1:
		return &strict.Fault{Pointer: "query:" + name, Rule: strict.RuleDuplicate, Detail: "the parameter is there twice"}
	case given[0] == "":
		return &strict.Fault{Pointer: "query:" + name, Rule: strict.RuleType, Detail: "the parameter is empty; leave it out"}
	}
	return setParameter(v, "query:"+name, given[0])
}

// placeOf tells where a field of a request comes from.
func placeOf(f reflect.StructField) (place, name string) {
	for _, place := range []string{"path", "query", "header"} {
		if name := f.Tag.Get(place); name != "" {
			return place, name
		}
	}
	return "", ""
}

// setParameter leaves a field alone when the parameter is not there.
func setParameter(v reflect.Value, pointer, text string) *strict.Fault {
	if text == "" {
		return nil
	}
	var err error
	due := "true or false is due"
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "true")
		if text != "true" && text != "false" {
			err = strconv.ErrSyntax
		}
	default:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		if err == nil && strconv.FormatInt(n, 10) != text {
			err = strconv.ErrSyntax
		}
		v.SetInt(n)
		due = "a whole number is due"
	}
	if err != nil {
		return &strict.Fault{Pointer: pointer, Rule: strict.RuleType, Detail: due}
	}
	return nil
}

// readBody reads a JSON body where the route takes one, and refuses any body where it takes none.
func readBody(c *gin.Context, op operation, target reflect.Value) ([]byte, error) {
	switch {
	case op.reads != "":
		return nil, checkMedia(c.Request, op.bodyMedia()...)
	case !target.IsValid() && c.Request.ContentLength != 0:
		return nil, malformed.problem("body", "this path reads no body")
	case !target.IsValid():
		return nil, nil
	}
	if err := checkMedia(c.Request, "application/json"); err != nil {
		return nil, err
	}
	limit := op.bodyLimit()
	if c.Request.ContentLength > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if err != nil {
		return nil, arrival(err)
	}
	return body, setReadDeadline(c, time.Time{})
}

// arrival names the ways in which a body fails to arrive.
func arrival(err error) error {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return slow.problem("slow", "the body did not arrive in time")
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return malformed.problem("body_cut", "the body did not arrive whole")
}

// checkMedia requires one of some media types, in UTF-8 where a charset is named, and no content coding.
func checkMedia(r *http.Request, want ...string) error {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return wrongMedia.problem("content_encoding", "content codings are not read: send the body as it is")
	}
	given := r.Header.Get("Content-Type")
	media, params, err := mime.ParseMediaType(given)
	if err != nil || !slices.Contains(want, media) {
		return wrongMedia.problem("content_type", "the body must be sent with Content-Type: %s", strings.Join(want, " or "))
	}
	if charset, named := params["charset"]; named && !strings.EqualFold(charset, "utf-8") {
		return wrongMedia.problem("charset", "the body must be in UTF-8")
	}
	return nil
}
