package verify

import (
	"errors"
	"fmt"
)

// step is one check: run returns its evidence, or an error that says what does not hold.
type step struct {
	name  string
	needs []int // numbers of the checks whose outcome it uses
	run   func() (string, error)
}

// notChecked is the outcome of a check that needs a failed one.
type notChecked int

func (n notChecked) Error() string { return fmt.Sprintf("not checked: it needs check %d", int(n)) }

// unreadable is an error of the input, not of what it claims; it ends the whole verification.
type unreadable struct{ error }

func (u unreadable) Unwrap() error { return u.error }

// runSteps runs the checks in order, the first as number 1.
func runSteps(steps []step) ([]Check, error) {
	var list []Check
	for i, s := range steps {
		c := Check{No: i + 1, Name: s.name}
		evidence, err := s.after(list)
		var stop unreadable
		if errors.As(err, &stop) {
			return nil, stop.error
		}
		if c.OK, c.Evidence = err == nil, evidence; err != nil {
			c.Evidence = err.Error()
		}
		list = append(list, c)
	}
	return list, nil
}

// after runs the step, unless a check before it that it needs has failed.
func (s step) after(list []Check) (string, error) {
	for _, no := range s.needs {
		if no <= len(list) && !list[no-1].OK {
			return "", notChecked(no)
		}
	}
	return s.run()
}

func allHold(list []Check) bool {
	for _, c := range list {
		if !c.OK {
			return false
		}
	}
	return len(list) > 0
}
