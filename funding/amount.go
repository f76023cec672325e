package funding

import (
	"math/big"
	"strconv"
	"strings"
)

// Amount is a number of minor units (cents, wei): 0 to 10^38 - 1. The zero value is 0.
type Amount struct{ n wide }

// maxDigits is how long an amount may be; 10^38 is below 2^127, so two amounts add up in 128 bits.
const maxDigits = 38

// tooLarge is 10^38, the first number that is no amount.
var tooLarge = power10(maxDigits)

func power10(digits int) wide {
	n := wide{lo: 1}
	for range digits {
		n = n.times(10)
	}
	return n
}

// Units returns n minor units.
func Units(n uint64) Amount { return Amount{wide{lo: n}} }

// ParseAmount reads 1 to 38 digits without sign, exponent, fraction or leading zero.
func ParseAmount(s string) (Amount, error) {
	if s == "" || len(s) > maxDigits {
		return Amount{}, refuse("amount", "amount %.40q: want 1 to %d digits of whole minor units", s, maxDigits)
	}
	if s[0] == '0' && len(s) > 1 {
		return Amount{}, refuse("amount", "amount %q: leading zero", s)
	}
	var n wide
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return Amount{}, refuse("amount", "amount %q: %q at position %d, want whole minor units in the digits 0 to 9", s, s[i:i+1], i+1)
		}
		n = n.times(10).plus(wide{lo: uint64(s[i] - '0')})
	}
	return Amount{n}, nil
}

// amountOf returns b as an amount; ok is false where it has more than 38 digits or is negative.
func amountOf(b *big.Int) (a Amount, ok bool) {
	if b.Sign() < 0 || b.BitLen() > 127 {
		return Amount{}, false
	}
	n := wideOf(b)
	return Amount{n}, n.less(tooLarge)
}

// String returns the digits that [ParseAmount] reads.
func (a Amount) String() string {
	if a.n.hi == 0 {
		return strconv.FormatUint(a.n.lo, 10)
	}
	return a.n.big().String()
}

// Big returns a copy as an integer.
func (a Amount) Big() *big.Int { return a.n.big() }

// IsZero reports whether the amount is 0.
func (a Amount) IsZero() bool { return a == Amount{} }

// Cmp is -1, 0 or 1 as a is below, equal to or above b.
func (a Amount) Cmp(b Amount) int { return a.n.cmp(b.n) }

// Equal reports whether two amounts are the same.
func (a Amount) Equal(b Amount) bool { return a == b }

// Add returns a + b; ok is false where the sum has more than 38 digits.
func (a Amount) Add(b Amount) (sum Amount, ok bool) {
	n := a.n.plus(b.n)
	return Amount{n}, n.less(tooLarge)
}

// MarshalText writes the digits, so that JSON has them as a string.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is the strict inverse of MarshalText.
func (a *Amount) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAmount(string(b))
	return err
}

// Decimal returns the amount in whole units of the asset, for people: 1234 cents are "12.34".
func (a Amount) Decimal(x Asset) string {
	s := a.String()
	if x.Decimals <= 0 {
		return s
	}
	if short := int(x.Decimals) + 1 - len(s); short > 0 {
		s = strings.Repeat("0", short) + s
	}
	at := len(s) - int(x.Decimals)
	return s[:at] + "." + s[at:]
}
