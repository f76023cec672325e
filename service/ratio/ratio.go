package ratio

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Ratio is an exact fraction. The zero value is 0/1. It is immutable.
type Ratio struct{ rat *big.Rat }

// maxText is the longest form that is read: no rule of ours needs longer numbers, and arithmetic on
// very long ones would be a way to keep a reader busy.
const maxText = 200

var errForm = errors.New(`write a fraction as "n/d" in lowest terms with d > 0, such as "4/5" or "1/1"`)

// New returns n/d. d must not be 0.
func New(n, d int64) Ratio { return Ratio{big.NewRat(n, d)} }

// Of returns a copy of r.
func Of(r *big.Rat) Ratio { return Ratio{new(big.Rat).Set(r)} }

// Parse reads "n/d". Anything that [Ratio.String] would write in another way is refused.
func Parse(s string) (Ratio, error) {
	n, d, ok := strings.Cut(s, "/")
	if !ok || len(s) > maxText || !digits(strings.TrimPrefix(n, "-")) || !digits(d) || strings.Trim(d, "0") == "" {
		return Ratio{}, fmt.Errorf("fraction %.40q: %w", s, errForm)
	}
	rat, ok := new(big.Rat).SetString(s)
	if !ok || rat.String() != s {
		return Ratio{}, fmt.Errorf("fraction %.40q: %w", s, errForm)
	}
	return Ratio{rat}, nil
}

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// Rat returns a copy for calculations.
func (r Ratio) Rat() *big.Rat {
	if r.rat == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Set(r.rat)
}

// String writes "n/d" in lowest terms.
func (r Ratio) String() string { return r.Rat().String() }

// Cmp returns -1, 0 or 1 as r is less than, equal to or greater than x.
func (r Ratio) Cmp(x Ratio) int { return r.Rat().Cmp(x.Rat()) }

// Equal reports whether r and x are the same number.
func (r Ratio) Equal(x Ratio) bool { return r.Cmp(x) == 0 }

// Sign returns -1, 0 or 1.
func (r Ratio) Sign() int { return r.Rat().Sign() }

// Add returns r + x.
func (r Ratio) Add(x Ratio) Ratio { a := r.Rat(); return Ratio{a.Add(a, x.Rat())} }

// Sub returns r - x.
func (r Ratio) Sub(x Ratio) Ratio { a := r.Rat(); return Ratio{a.Sub(a, x.Rat())} }

// Mul returns r * x.
func (r Ratio) Mul(x Ratio) Ratio { a := r.Rat(); return Ratio{a.Mul(a, x.Rat())} }

// MarshalText writes as String does.
func (r Ratio) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads as Parse does.
func (r *Ratio) UnmarshalText(b []byte) (err error) {
	*r, err = Parse(string(b))
	return err
}
