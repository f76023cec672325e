package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"kleroterion/api/problem"
	"kleroterion/api/strict"
	"kleroterion/service"
)

// class is a sort of problem: where it is explained, what it is called and which status it has.
type class struct {
	name   string
	title  string
	status int
	about  string
}

// The sorts of problems that arise here, before a use case is asked.
var (
	malformed     = class{"malformed", "The request cannot be read", http.StatusBadRequest, "Syntax, types, unknown or duplicate members and parameters."}
	methodUnknown = class{"method", "Method not allowed", http.StatusMethodNotAllowed, "The header Allow lists the methods of this path."}
	unacceptable  = class{"not_acceptable", "Not acceptable", http.StatusNotAcceptable, "The header Accept excludes what this path serves."}
	stale         = class{"stale", "Precondition failed", http.StatusPreconditionFailed, "The thing changed since it was read: read it again."}
	slow          = class{"slow", "Request timeout", http.StatusRequestTimeout, "The body did not arrive in time."}
	tooLarge      = class{"too_large", "Body too large", http.StatusRequestEntityTooLarge, "JSON bodies hold 1 MiB at most, charters 64 KiB, ballots and gifts 24 KiB, weights, imports of gifts and lotteries 16 MiB, uploads what the operator set."}
	wrongMedia    = class{"media_type", "Unsupported media type", http.StatusUnsupportedMediaType, "The header Content-Type names another type than this path reads."}
	tooMany       = class{"rate", "Too many requests", http.StatusTooManyRequests, "Retry-After says when to come back."}
)

// kinds is the one place where refusals of the use cases get their HTTP status.
//
// Too early is 409 with Retry-After: the request is right and the state of the draw or log is not
// there yet. It is not 425, which speaks of replayed TLS early data and makes clients repeat at once,
// and not 503, which says that the service is ill and alarms monitors.
var kinds = map[service.Kind]class{
	service.KindInvalid:      {"invalid", "The request breaks a rule", http.StatusUnprocessableEntity, "Well-formed, but against a rule; code and errors name it."},
	service.KindUnauthorized: {"unauthorized", "API key required", http.StatusUnauthorized, "Send Authorization: Bearer klr_… with a valid key."},
	service.KindForbidden:    {"forbidden", "Not allowed", http.StatusForbidden, "The key's role does not cover this."},
	service.KindNotFound:     {"not_found", "Not found", http.StatusNotFound, "Absent, or not the caller's to see."},
	service.KindConflict:     {"conflict", "Conflict", http.StatusConflict, "True of another state: read again."},
	service.KindTooEarly:     {"too_early", "Too early", http.StatusConflict, "It will be there later: Retry-After says when to look."},
	service.KindUnavailable:  {"unavailable", "Unavailable", http.StatusServiceUnavailable, "A dependency is away: try again after Retry-After."},
	service.KindInternal:     {"internal", "Internal error", http.StatusInternalServerError, "A defect or a broken disk; request_id names the request in the log."},
}

// Seconds after which a client may usefully look again, by kind.
var retryAfter = map[service.Kind]int64{service.KindTooEarly: 2, service.KindUnavailable: 5}

func (c class) problem(code, format string, args ...any) *problem.Problem {
	return &problem.Problem{
		Type: "/docs#problem-" + c.name, Title: c.title, Status: c.status, Code: code, Detail: fmt.Sprintf(format, args...),
	}
}

// later is an error together with the seconds after which to try again.
type later struct {
	error
	seconds int64
}

func (l later) Unwrap() error { return l.error }

// problemOf turns any error into the problem to serve and the seconds for Retry-After, 0 for none.
// What is not a refusal becomes "internal" and says nothing about the inside.
func problemOf(err error) (p *problem.Problem, retry int64) {
	var own *problem.Problem
	var body *http.MaxBytesError
	var refused *service.Error
	switch {
	case errors.As(err, &own):
		return own, 0
	case errors.As(err, &body):
		return tooLarge.problem("too_large", "the body is larger than %d bytes", body.Limit), 0
	case errors.As(err, &refused) && refused.Kind != service.KindInternal && kinds[refused.Kind].status != 0:
		return refusal(err, refused)
	case errors.Is(err, context.DeadlineExceeded):
		return kinds[service.KindUnavailable].problem("timeout", "the request took too long"), retryAfter[service.KindUnavailable]
	}
	return kinds[service.KindInternal].problem("internal", "the service failed to answer this request"), 0
}

func refusal(err error, e *service.Error) (*problem.Problem, int64) {
	p := kinds[e.Kind].problem(e.Code, "%s", e.Message)
	p.Hint = e.Hint
	for _, f := range e.Fields[:min(len(e.Fields), maxRows)] {
		p.Errors = append(p.Errors, problem.Field(f))
	}
	var wait later
	if errors.As(err, &wait) {
		return p, wait.seconds
	}
	return p, retryAfter[e.Kind]
}

// unreadable is the problem of input that cannot be read as what is due.
func unreadable(faults []strict.Fault) *problem.Problem {
	return withFaults(malformed.problem(malformed.name, "the request cannot be read"), faults)
}

// ruleBroken is the problem of input that can be read and may not be so.
func ruleBroken(faults []strict.Fault) *problem.Problem {
	return withFaults(kinds[service.KindInvalid].problem("validation", "the request breaks a rule"), faults)
}

func withFaults(p *problem.Problem, faults []strict.Fault) *problem.Problem {
	p.Detail += fmt.Sprintf(": %s %s", faults[0].Pointer, faults[0].Detail)
	if more := len(faults) - 1; more > 0 {
		p.Detail += fmt.Sprintf(" (and %d more)", more)
	}
	p.Errors = fieldsOf(faults[:min(len(faults), maxRows)])
	return p
}

func fieldsOf(faults []strict.Fault) []problem.Field {
	fields := make([]problem.Field, len(faults))
	for i, f := range faults {
		fields[i] = problem.Field{Pointer: f.Pointer, Rule: f.Rule, Detail: f.Detail}
	}
	return fields
}
