package charter

import (
	"errors"
	"fmt"
)

// Refusal says which rule of charter.md is broken and where. Rule is stable; Message is for people.
type Refusal struct {
	Rule    string `json:"rule"`
	Pointer string `json:"pointer"` // RFC 6901, into the charter or the record's body; "" is the whole
	Message string `json:"message"`
}

func (r *Refusal) Error() string {
	if r.Pointer == "" {
		return fmt.Sprintf("%s (%s)", r.Message, r.Rule)
	}
	return fmt.Sprintf("%s: %s (%s)", r.Pointer, r.Message, r.Rule)
}

// Refusals lists the refusals that err joins or wraps, in their order.
func Refusals(err error) []*Refusal {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Refusal
		for _, e := range joined.Unwrap() {
			all = append(all, Refusals(e)...)
		}
		return all
	}
	var r *Refusal
	if errors.As(err, &r) {
		return []*Refusal{r}
	}
	return nil
}

// faults collects refusals so that a charter is mended once.
type faults []error

func (f *faults) add(rule, pointer, format string, args ...any) {
	*f = append(*f, refuse(rule, pointer, format, args...))
}

// unless adds the refusal when ok is false.
func (f *faults) unless(ok bool, rule, pointer, format string, args ...any) {
	if !ok {
		f.add(rule, pointer, format, args...)
	}
}

func (f faults) err() error { return errors.Join(f...) }

func refuse(rule, pointer, format string, args ...any) *Refusal {
	return &Refusal{Rule: rule, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
}
