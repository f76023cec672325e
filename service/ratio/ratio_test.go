package ratio

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOneFormIsAccepted(t *testing.T) {
	for _, s := range []string{"0/1", "1/1", "4/5", "-3/7", "9007199254740993/2"} {
		r, err := Parse(s)
		if err != nil || r.String() != s {
			t.Errorf("Parse(%q) = %v, %v", s, r, err)
		}
	}
}

func TestEveryOtherFormIsRefused(t *testing.T) {
	for _, s := range []string{"", "1", "1/0", "0/0", "2/4", "0/5", "+1/2", "1/-2", " 1/2", "1/2 ", "01/2", "1/02", "-0/1", "1/2/3",
		"1e3/1", "0x1/2", "1_0/3", "１/2", "0.5", "/2", "1/", "-/2", strings.Repeat("1", 199) + "/3"} {
		if r, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want a refusal", s, r)
		}
	}
}

func TestTextAndArithmeticAreThoseOfBigRat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Ratio {
			return New(rapid.Int64Range(-1000, 1000).Draw(t, name+"n"), rapid.Int64Range(1, 1000).Draw(t, name+"d"))
		}
		a, b := draw("a"), draw("b")
		for name, got := range map[string][2]*big.Rat{
			"add": {a.Add(b).Rat(), new(big.Rat).Add(a.Rat(), b.Rat())}, "sub": {a.Sub(b).Rat(), new(big.Rat).Sub(a.Rat(), b.Rat())},
			"mul": {a.Mul(b).Rat(), new(big.Rat).Mul(a.Rat(), b.Rat())},
		} {
			if got[0].Cmp(got[1]) != 0 {
				t.Errorf("%s of %s and %s is %s, want %s", name, a, b, got[0], got[1])
			}
		}
		var back Ratio
		text, err := json.Marshal(a)
		if err != nil || json.Unmarshal(text, &back) != nil || !back.Equal(a) {
			t.Errorf("%s does not come back from %s", a, text)
		}
	})
}

func TestZeroValueIsZero(t *testing.T) {
	var z Ratio
	if z.String() != "0/1" || z.Sign() != 0 || !z.Add(New(1, 2)).Equal(New(1, 2)) || z.Cmp(New(1, 2)) != -1 {
		t.Errorf("the zero value is %s", z)
	}
}
