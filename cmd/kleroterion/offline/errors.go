package offline

import (
	"errors"
	"fmt"
)

// ErrFalse marks a claim that was checked and does not hold.
var ErrFalse = errors.New("not true")

// unusable is an input that cannot be used, with the next step where there is one.
type unusable struct {
	err  error
	hint string
}

func (u *unusable) Error() string { return u.err.Error() }
func (u *unusable) Unwrap() error { return u.err }

// Hint is the sentence that tells what to do about it.
func (u *unusable) Hint() string { return u.hint }

// Unusable marks err as a fault of the input. hint may be empty.
func Unusable(err error, hint string) error { return &unusable{err, hint} }

func unusablef(hint, format string, args ...any) error {
	return Unusable(fmt.Errorf(format, args...), hint)
}
