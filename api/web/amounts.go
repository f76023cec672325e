package web

import (
	"math/big"
	"regexp"
	"strings"

	"kleroterion/funding"
	"kleroterion/service"
)

// giftDigits is how many digits of minor units a gift may have (docs/spec/round.md).
const giftDigits = 28

// money says an amount in whole units: 1234567 cents are "12,345.67 EUR". It is exact; zeros behind the
// second decimal are left out.
func money(a funding.Amount, x funding.Asset) string {
	whole, decimals, _ := strings.Cut(a.Decimal(x), ".")
	for len(decimals) > 2 && strings.HasSuffix(decimals, "0") {
		decimals = strings.TrimSuffix(decimals, "0")
	}
	if decimals != "" {
		decimals = "." + decimals
	}
	return grouped(whole) + decimals + " " + x.Code
}

// grouped puts a comma before each three digits.
func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// change says what is added or taken away.
func change(before, after funding.Amount, x funding.Asset) string {
	if after.Cmp(before) < 0 {
		return "−" + money(less(before, after), x)
	}
	return "+" + money(less(after, before), x)
}

// less returns a - b, or 0 where b is larger.
func less(a, b funding.Amount) funding.Amount {
	if a.Cmp(b) <= 0 {
		return funding.Amount{}
	}
	out, err := funding.ParseAmount(new(big.Int).Sub(a.Big(), b.Big()).String())
	if err != nil { // the difference of two amounts has no more digits than they
		return funding.Amount{}
	}
	return out
}

var entered = regexp.MustCompile(`^([0-9]{1,60})(?:([.,])([0-9]{1,60}))?$`)

// readMoney reads whole units as somebody types them, exactly, with a point or a comma before the decimals.
// What could be read in two ways is refused. ballotbox/src/amounts.js does the same.
func readMoney(text string, x funding.Asset) (funding.Amount, error) {
	parts := entered.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return funding.Amount{}, badMoney("Write the amount in digits, such as 12 or 12.50, without any other sign.")
	}
	decimals := parts[3]
	switch {
	case parts[2] == "," && len(decimals) == 3:
		return funding.Amount{}, badMoney("A comma before three digits can mean two things. Write no sign between thousands, and a point before decimals.")
	case int64(len(decimals)) > x.Decimals:
		return funding.Amount{}, badMoney("An amount in " + x.Code + " has at most " + plural(x.Decimals, "decimal", "decimals") + ".")
	}
	digits := strings.TrimLeft(parts[1]+decimals+strings.Repeat("0", int(x.Decimals)-len(decimals)), "0")
	switch {
	case digits == "":
		return funding.Amount{}, badMoney("The amount has to be more than 0.")
	case len(digits) > giftDigits:
		return funding.Amount{}, badMoney("This amount is too large to be recorded.")
	}
	return funding.ParseAmount(digits)
}

func badMoney(words string) error { return service.Refuse(service.KindInvalid, "amount", "%s", words) }

// portion says what part of a pool an amount is: "12.5 %", rounded to one place.
func portion(a, of funding.Amount) string {
	if of.IsZero() {
		return "0.0 %"
	}
	hundred := new(big.Int).Mul(a.Big(), big.NewInt(100))
	return new(big.Rat).SetFrac(hundred, of.Big()).FloatString(1) + " %"
}

// scaled is a · barWide / of, rounded down.
func scaled(a, of *big.Int) int64 {
	if of.Sign() == 0 {
		return 0
	}
	return new(big.Int).Quo(new(big.Int).Mul(a, big.NewInt(barWide)), of).Int64()
}
