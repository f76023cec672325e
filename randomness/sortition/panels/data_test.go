package panels_test

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// expected is testdata/expected.json, by instance.
type expected struct {
	Maximin     float64    `json:"maximin"`
	Levels      []float64  `json:"leximin_levels"`
	Households  []float64  `json:"households"`
	Nash        [2]float64 `json:"nash_gmean_lo_hi"`
	PeopleAtMin int64      `json:"people_at_min"`
}

func readExpected(t testing.TB) map[string]expected {
	t.Helper()
	b, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]expected
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// load reads an instance; its folder's name ends with the size of the panel.
func load(t testing.TB, dir string, columns quota.Columns) *quota.Problem {
	t.Helper()
	size, err := strconv.ParseInt(dir[strings.LastIndexByte(dir, '_')+1:], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	quotas, err := os.Open(filepath.Join(dir, "categories.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer quotas.Close()
	people, err := os.Open(filepath.Join(dir, "respondents.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer people.Close()
	in, err := quota.Read(quota.Files{Size: size, Quotas: quotas, People: people, Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	return in.Problem
}

// solve returns a result that was verified, and the verdict.
func solve(t testing.TB, p *quota.Problem, o panels.Options) (*panels.Result, panels.Verdict) {
	t.Helper()
	r, err := panels.Solve(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	v, err := panels.Verify(p, r)
	if err != nil {
		t.Fatal(err)
	}
	return r, v
}

// levels are the distinct probabilities, ascending.
func levels(r *panels.Result) []float64 {
	var out []float64
	rats := slices.Clone(r.Probabilities)
	slices.SortFunc(rats, func(a, b panels.Ratio) int { return a.Cmp(b.Rat) })
	for i, q := range rats {
		if i == 0 || q.Cmp(rats[i-1].Rat) != 0 {
			out = append(out, float(q.Rat))
		}
	}
	return out
}

func float(r *big.Rat) float64 { f, _ := r.Float64(); return f }

// sameLevels compares with reference levels, which are rounded and may list one level several times.
func sameLevels(t *testing.T, got, want []float64) {
	t.Helper()
	near := func(list []float64) func(float64) bool {
		return func(v float64) bool {
			return slices.ContainsFunc(list, func(w float64) bool { return w-v < 1e-6 && v-w < 1e-6 })
		}
	}
	for _, v := range got {
		if !near(want)(v) {
			t.Errorf("level %.7f is not in the reference %v", v, want)
		}
	}
	for _, v := range want {
		if !near(got)(v) {
			t.Errorf("reference level %.7f is missing in %v", v, got)
		}
	}
}

func TestInstancesAgreeWithTheReference(t *testing.T) {
	for name, want := range readExpected(t) {
		t.Run(name, func(t *testing.T) {
			r, v := solve(t, load(t, "testdata/"+name, quota.Columns{}), panels.Options{})
			if !v.Optimal {
				t.Errorf("not proved: %+v", v)
			}
			got := levels(r)
			if d := got[0] - want.Maximin; d > 1e-6 || d < -1e-6 {
				t.Errorf("lowest probability %.9f, want %.9f", got[0], want.Maximin)
			}
			if want.Levels != nil {
				sameLevels(t, got, want.Levels)
			}
		})
	}
}
