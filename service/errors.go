package service

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Kind sorts errors by what the caller can do about them; package api maps kinds to HTTP statuses.
type Kind string

// The kinds of errors that cross the package's boundary.
const (
	KindInvalid      Kind = "invalid"      // the request is wrong: mend it
	KindUnauthorized Kind = "unauthorized" // no key, or not a valid one
	KindForbidden    Kind = "forbidden"    // a valid key that may not do this
	KindNotFound     Kind = "not_found"    // absent, or not the caller's to see
	KindConflict     Kind = "conflict"     // true of another state: read again
	KindTooEarly     Kind = "too_early"    // will be there later
	KindUnavailable  Kind = "unavailable"  // a dependency is away: try again
	KindInternal     Kind = "internal"     // a defect or a broken disk
)

// Error is what every method of [Service] returns for a refusal. Code is stable and machine-readable
// (a rule of docs/spec where there is one); Message says what is wrong and where, Hint what to do.
type Error struct {
	Kind    Kind
	Code    string
	Message string
	Hint    string
	Fields  []FieldError
	cause   error
}

// FieldError points at one member of a request, as a JSON pointer.
type FieldError struct {
	Pointer string `json:"pointer"`
	Rule    string `json:"rule"`
	Detail  string `json:"detail"`
}

func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %v", e.Message, e.cause)
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.cause }

// Refuse builds an Error; the caller adds a hint or fields where they help.
func Refuse(kind Kind, code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Code: code, Message: err.Error(), cause: nil}
}

// WithHint returns e with the sentence that tells the next step.
func (e *Error) WithHint(hint string) *Error { e.Hint = hint; return e }

// messageReport is the report of a job that ended with e.
func messageReport(e *Error) []byte {
	b, err := json.Marshal(map[string]string{"code": e.Code, "message": e.Message, "hint": e.Hint})
	if err != nil {
		return nil // strings always encode
	}
	return b
}

// KindOf returns the kind of err, KindInternal when it is not one of ours and "" for nil.
func KindOf(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Kind
	default:
		return KindInternal
	}
}

// Errors of the storage contract; a Store returns them wrapped, and nothing else where they apply.
var (
	ErrNotFound = errors.New("no such row")
	ErrExists   = errors.New("row exists")
	ErrStale    = errors.New("row was changed meanwhile")
)
