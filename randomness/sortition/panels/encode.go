package panels

import (
	"fmt"

	"kleroterion/randomness/canonical"
)

// Marshal writes a result as canonical JSON (docs/spec/panels.md, Certificate).
func Marshal(r *Result) ([]byte, error) {
	b, err := canonical.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("fair lottery: %w", err)
	}
	return b, nil
}

// Parse reads what Marshal writes and nothing else. It checks the form only: a result is worth what
// [Verify] says of it.
func Parse(b []byte) (*Result, error) {
	var r Result
	if err := canonical.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("fair lottery: %w", err)
	}
	if r.V != 1 {
		return nil, fmt.Errorf("fair lottery: v is %d, this program knows 1", r.V)
	}
	switch r.Method {
	case Leximin, Maximin, Nash, Goldilocks:
	default:
		return nil, fmt.Errorf("fair lottery: method %.20q is not known", r.Method)
	}
	n, err := count(r.Lottery)
	if err != nil {
		return nil, fmt.Errorf("fair lottery: %w", err)
	}
	if n != r.Panels {
		return nil, fmt.Errorf("fair lottery: panels is %d, the copies sum to %d", r.Panels, n)
	}
	return &r, nil
}
