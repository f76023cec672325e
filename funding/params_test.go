package funding_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
)

const plain = `{"asset":{"code":"EUR","decimals":2},"cap":"1000","default_weight":0,"m":"2500","match_below_pool":true,"max":"500","min":"100","pool":"100000","rule":"pairwise","solidarity":"1/10","spec":"kqf/1"}`

func TestParamsAreReadAndWrittenInOneForm(t *testing.T) {
	for name, text := range map[string]string{
		"all members": plain,
		"the fewest":  `{"pool":"0","rule":"qf","spec":"kqf/1"}`,
		"largest":     `{"pool":"` + strings.Repeat("9", 38) + `","rule":"cocm","spec":"kqf/1"}`,
	} {
		p, err := funding.ParseParams([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := p.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, string(again)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Each case changes one thing in parameters that are otherwise accepted.
func TestParamsAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ code, old, new string }{
		"another spec":              {"params_form", `kqf/1`, `kqf/2`},
		"unknown member":            {"params_form", `"cap"`, `"boost":"2","cap"`},
		"no pool":                   {"params_form", `"pool":"100000",`, ``},
		"pool as a number":          {"params_form", `"100000"`, `100000`},
		"pool with an exponent":     {"params_form", `"100000"`, `"1e5"`},
		"pool of 39 digits":         {"params_form", `"100000"`, `"1` + strings.Repeat("0", 38) + `"`},
		"cap of 0 written out":      {"params_form", `"cap":"1000"`, `"cap":"0"`},
		"white space":               {"params_form", `"cap":`, `"cap": `},
		"unknown rule":              {"rule", `pairwise`, `linear`},
		"empty rule":                {"rule", `"pairwise"`, `""`},
		"pairwise without m":        {"m", `"m":"2500",`, ``},
		"m without pairwise":        {"m", `pairwise`, `qf`},
		"max below min":             {"bounds", `"500"`, `"99"`},
		"default weight negative":   {"default_weight", `"default_weight":0`, `"default_weight":-1`},
		"default weight of default": {"default_weight", `"default_weight":0`, `"default_weight":1000000`},
		"solidarity of nothing":     {"solidarity", `1/10`, `0/1`},
		"solidarity of all":         {"solidarity", `1/10`, `1/1`},
		"solidarity not lowest":     {"solidarity", `1/10`, `2/20`},
		"solidarity negative":       {"solidarity", `1/10`, `-1/10`},
		"solidarity with a plus":    {"solidarity", `1/10`, `+1/10`},
		"solidarity as decimal":     {"solidarity", `1/10`, `0.1`},
		"solidarity too fine":       {"solidarity", `1/10`, `1/1000001`},
		"asset in small letters":    {"asset", `EUR`, `eur`},
		"asset without code":        {"asset", `EUR`, ``},
		"asset of 19 decimals":      {"asset", `"decimals":2`, `"decimals":19`},
	} {
		text := strings.Replace(plain, c.old, c.new, 1)
		if text == plain {
			t.Fatalf("%s changes nothing", name)
		}
		_, err := funding.ParseParams([]byte(text))
		wantCode(t, name, err, c.code)
	}
}

func TestAmountsAreRefused(t *testing.T) {
	for name, s := range map[string]string{
		"empty": "", "sign": "-1", "plus": "+1", "leading zero": "01", "two zeros": "00", "exponent": "1e3", "fraction": "1.5",
		"comma": "1,000", "space": " 1", "trailing newline": "1\n", "hex": "0x10", "underscore": "1_000", "letters": "ten",
		"39 digits": "1" + strings.Repeat("0", 38), "digits of another script": "١٢", "NaN": "NaN",
	} {
		_, err := funding.ParseAmount(s)
		wantCode(t, name, err, "amount")
	}
}

func FuzzAmountHasOneForm(f *testing.F) {
	for _, s := range []string{"0", "1", "42", "99999999999999999999999999999999999999", "00", "", "-1", "18446744073709551616"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := funding.ParseAmount(s)
		if err == nil && (a.String() != s || a.Big().String() != s) {
			t.Errorf("%q is read as %v", s, a)
		}
	})
}

func FuzzParamsHaveOneForm(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte(`{"pool":"0","rule":"qf","spec":"kqf/1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := funding.ParseParams(b)
		if err != nil {
			return
		}
		again, err := p.Canonical()
		if err != nil || string(again) != string(b) {
			t.Errorf("%q is written %q, %v", b, again, err)
		}
	})
}

func TestDecimalsAreThoseOfTheAsset(t *testing.T) {
	for want, c := range map[string]struct {
		units    uint64
		decimals int64
	}{"12.34": {1234, 2}, "0.05": {5, 2}, "0.00": {0, 2}, "7": {7, 0}, "0.000000000000000001": {1, 18}} {
		if got := funding.Units(c.units).Decimal(funding.Asset{Code: "X", Decimals: c.decimals}); got != want {
			t.Errorf("%d with %d decimals is %s, want %s", c.units, c.decimals, got, want)
		}
	}
}

func TestRowsAreRefused(t *testing.T) {
	p := funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(1000)}
	good := funding.Contribution{Donor: "ann", Project: "garden", Amount: funding.Units(100)}
	huge := amount(t, strings.Repeat("9", 38))
	for name, c := range map[string]struct {
		code string
		row  funding.Contribution
	}{
		"no donor":                  {"donor", funding.Contribution{Project: "garden"}},
		"no project":                {"project", funding.Contribution{Donor: "ann"}},
		"donor of 129 bytes":        {"donor", funding.Contribution{Donor: strings.Repeat("a", 129), Project: "garden"}},
		"newline in a project":      {"project", funding.Contribution{Donor: "ann", Project: "gar\nden"}},
		"delete character":          {"project", funding.Contribution{Donor: "ann", Project: "gar\x7fden"}},
		"C1 control":                {"project", funding.Contribution{Donor: "ann", Project: "gar\u0085den"}},
		"space before":              {"project", funding.Contribution{Donor: "ann", Project: " garden"}},
		"no-break space after":      {"donor", funding.Contribution{Donor: "ann\u00a0", Project: "garden"}},
		"not UTF-8":                 {"donor", funding.Contribution{Donor: "ann\xff", Project: "garden"}},
		"not NFC":                   {"project", funding.Contribution{Donor: "ann", Project: "cafe\u0301"}},
		"donor above 38 digits":     {"sum", funding.Contribution{Donor: "ann", Project: "garden", Amount: huge}},
		"donor above 38, elsewhere": {"sum", funding.Contribution{Donor: "ann", Project: "pond", Amount: huge}},
		"project above 38 digits":   {"sum", funding.Contribution{Donor: "bob", Project: "garden", Amount: huge}},
	} {
		_, err := funding.Match(p, []funding.Contribution{good, c.row}, nil)
		wantCode(t, name, err, c.code)
		e, err := filled(t, p, []funding.Contribution{good}, nil).Estimate()
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, "estimate: "+name, e.Add(c.row), c.code)
	}
	for name, c := range map[string]struct {
		code string
		rows []funding.Weight
	}{
		"above a million": {"weight", []funding.Weight{{Donor: "ann", PPM: 1000001}}},
		"negative":        {"weight", []funding.Weight{{Donor: "ann", PPM: -1}}},
		"twice":           {"weight_twice", []funding.Weight{{Donor: "ann", PPM: 0}, {Donor: "ann", PPM: 0}}},
		"broken donor":    {"donor", []funding.Weight{{Donor: "ann ", PPM: 1}}},
	} {
		_, err := funding.Match(p, []funding.Contribution{good}, c.rows)
		wantCode(t, "weight "+name, err, c.code)
	}
}

func TestTooManyProjectsAreRefused(t *testing.T) {
	for rule, limit := range map[funding.Rule]int{funding.Quadratic: 100000, funding.Cluster: 5000} {
		r, err := funding.NewRound(funding.Params{Spec: funding.Spec, Rule: rule})
		if err != nil {
			t.Fatal(err)
		}
		for i := range limit {
			if err := r.List("p" + strings.Repeat("x", i%7) + string(rune('A'+i%26)) + number(i)); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, "one more project", r.List("one more"), "too_many")
	}
}

func number(i int) string { return funding.Units(uint64(i)).String() }
