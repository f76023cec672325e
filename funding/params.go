package funding

import (
	"errors"
	"math/big"
	"strconv"
	"strings"

	"kleroterion/randomness/canonical"
)

// Spec names the rules that this package computes.
const Spec = "kqf/1"

// Rule is how contributions become a raw match.
type Rule string

// The rules of matching.md.
const (
	Quadratic Rule = "qf"
	Pairwise  Rule = "pairwise"
	Cluster   Rule = "cocm"
)

// Asset is what amounts are counted in: a code, and how many decimals its minor unit has.
type Asset struct {
	Code     string `json:"code"`
	Decimals int64  `json:"decimals"`
}

// Million is the full weight of a donor.
const Million = 1_000_000

// Params is everything that a round fixes before money comes in.
type Params struct {
	Asset          *Asset `json:"asset,omitempty"`
	Cap            Amount `json:"cap,omitzero"`             // most of one project; 0: none
	DefaultWeight  *int64 `json:"default_weight,omitempty"` // ppm of donors without a weight; nil: a million
	M              Amount `json:"m,omitzero"`               // bound of pairwise
	MatchBelowPool bool   `json:"match_below_pool,omitempty"`
	Max            Amount `json:"max,omitzero"` // what counts at most of one donor for one project; 0: all
	Min            Amount `json:"min,omitzero"` // what counts at least of one donor for one project
	Pool           Amount `json:"pool"`
	Rule           Rule   `json:"rule"`
	Solidarity     Share  `json:"solidarity,omitempty"`
	Spec           string `json:"spec"`
}

// ParseParams reads canonical bytes and checks them.
func ParseParams(b []byte) (Params, error) {
	var p Params
	if err := canonical.Unmarshal(b, &p); err != nil {
		return Params{}, refuse("params_form", "parameters: %v", err)
	}
	return p, p.Check()
}

// Canonical returns the bytes that a round is identified by.
func (p Params) Canonical() ([]byte, error) { return canonical.Marshal(p) }

// Check reports the first rule of matching.md that the parameters break.
func (p Params) Check() error {
	if p.Spec != Spec {
		return refuse("params_form", "spec is %q, want %q", p.Spec, Spec)
	}
	if p.Rule != Quadratic && p.Rule != Pairwise && p.Rule != Cluster {
		return refuse("rule", "rule %q: want qf, pairwise or cocm", string(p.Rule))
	}
	if err := p.Asset.check(); err != nil {
		return err
	}
	if p.Rule == Pairwise && p.M.IsZero() {
		return refuse("m", "rule pairwise needs m, the bound in minor units, above 0")
	}
	if p.Rule != Pairwise && !p.M.IsZero() {
		return refuse("m", "m is given, but rule %s has no bound", p.Rule)
	}
	if !p.Max.IsZero() && p.Max.Cmp(p.Min) < 0 {
		return refuse("bounds", "max %v is below min %v: nothing would count", p.Max, p.Min)
	}
	if w := p.DefaultWeight; w != nil && (*w < 0 || *w >= Million) {
		return refuse("default_weight", "default_weight is %d, want 0 to 999999 (leave it out for 1000000)", *w)
	}
	return p.Solidarity.check()
}

func (a *Asset) check() error {
	if a == nil {
		return nil
	}
	if a.Code == "" || len(a.Code) > 12 || strings.Trim(a.Code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.") != "" {
		return refuse("asset", "asset code %.20q: want 1 to 12 characters A-Z 0-9 and .", a.Code)
	}
	if a.Decimals < 0 || a.Decimals > 18 {
		return refuse("asset", "asset %s has %d decimals, want 0 to 18", a.Code, a.Decimals)
	}
	return nil
}

func (p Params) defaultWeight() uint32 {
	if p.DefaultWeight == nil {
		return Million
	}
	return uint32(*p.DefaultWeight)
}

// Share is a fraction "n/d" in lowest terms between 0 and 1, or empty for none.
type Share string

const maxTerm = 1_000_000

func (s Share) check() error {
	_, _, err := s.terms()
	return err
}

// terms returns numerator and denominator; 0 and 1 where there is no share.
func (s Share) terms() (n, d int64, err error) {
	if s == "" {
		return 0, 1, nil
	}
	num, den, ok := strings.Cut(string(s), "/")
	n, err1 := strconv.ParseInt(num, 10, 64)
	d, err2 := strconv.ParseInt(den, 10, 64)
	lowest := ok && errors.Join(err1, err2) == nil && n > 0 && n < d && d <= maxTerm && coprime(n, d)
	if !lowest || strconv.FormatInt(n, 10)+"/"+strconv.FormatInt(d, 10) != string(s) {
		return 0, 1, refuse("solidarity", "solidarity %.40q: want a fraction n/d in lowest terms, above 0 and below 1, terms up to %d", string(s), maxTerm)
	}
	return n, d, nil
}

func coprime(a, b int64) bool {
	for b != 0 {
		a, b = b, a%b
	}
	return a == 1
}

// of returns ⌊a · n/d⌋. The share was checked before.
func (s Share) of(a Amount) Amount {
	n, d, err := s.terms()
	if err != nil {
		return Amount{}
	}
	x := a.Big()
	x.Mul(x, big.NewInt(n)).Quo(x, big.NewInt(d))
	return Amount{wideOf(x)}
}
