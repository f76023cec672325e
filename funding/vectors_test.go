package funding_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/funding"
)

const vectors = "../docs/spec/vectors/funding"

// town makes the inputs that vectors/funding/gen.py makes.
type town struct{ x uint64 }

func (t *town) next() uint64 {
	t.x += 0x9E3779B97F4A7C15
	z := t.x
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

type input struct {
	contributions []funding.Contribution
	weights       []funding.Weight
	file          [sha256.Size]byte
}

func generate(donors, projects, seed uint64) input {
	degrees := [16]int{1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 8, 15, 40}
	amounts := [16]uint64{100, 100, 100, 200, 300, 500, 500, 500, 1000, 1000, 1500, 2500, 5000, 10000, 25000, 100000}
	weights := [16]int64{9: 750000, 500000, 500000, 0, 0, 900000, 620000}
	for i := range 9 {
		weights[i] = 1000000
	}
	t, in, h := town{seed}, input{}, sha256.New()
	h.Write([]byte("donor,project,amount_minor,weight_ppm\n"))
	for d := range donors {
		degree, w, name := degrees[t.next()&15], weights[t.next()&15], fmt.Sprintf("d%07d", d)
		in.weights = append(in.weights, funding.Weight{Donor: name, PPM: w})
		for range degree {
			a, b := t.next(), t.next()
			p := projects * ((a >> 32) * (b >> 32) >> 32) >> 32
			c := t.next()
			amount := amounts[c&15]
			if c>>8&3 == 0 {
				amount += c >> 16 % 100
			}
			in.contributions = append(in.contributions, funding.Contribution{Donor: name, Project: fmt.Sprintf("p%04d", p), Amount: funding.Units(amount)})
			fmt.Fprintf(h, "%s,p%04d,%d,%d\n", name, p, amount, w)
		}
	}
	in.file = sha256.Sum256(nil)
	copy(in.file[:], h.Sum(nil))
	return in
}

var sizes = map[string]struct {
	donors, projects, seed, pool uint64
}{
	"gen_1e3": {180, 30, 1, 5000000},
	"gen_1e4": {1800, 100, 2, 25000000},
	"gen_1e5": {17800, 300, 3, 50000000},
	"gen_1e6": {178000, 500, 4, 100000000},
}

func made(t testing.TB, name string) input {
	t.Helper()
	s := sizes[name]
	in := generate(s.donors, s.projects, s.seed)
	sums, err := os.ReadFile(filepath.Join(vectors, "gen.sha256"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%x  %s.csv\n", in.file, name); !strings.Contains(string(sums), want) {
		t.Fatalf("%s is made otherwise than gen.py makes it: %x", name, in.file)
	}
	return in
}

func TestGeneratedInputIsTheFileOfTheVectors(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(vectors, "gen_1e3.csv"))
	if err != nil {
		t.Fatal(err)
	}
	in := made(t, "gen_1e3")
	if sha256.Sum256(b) != in.file {
		t.Error("gen_1e3.csv differs from what is generated")
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		c := in.contributions[i]
		if c.Donor != row[0] || c.Project != row[1] || c.Amount.String() != row[2] {
			t.Fatalf("row %d: %v, want %v", i+1, c, row)
		}
	}
}

func readJSON(t testing.TB, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectors, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

func amounts(r funding.Result) map[string]string {
	m := map[string]string{}
	for _, p := range r.Projects {
		m[p.Project] = p.Amount.String()
	}
	return m
}

// Every file of expected/ is met to the unit.
func TestExpectedAllocations(t *testing.T) {
	for _, size := range []string{"gen_1e3", "gen_1e4"} {
		in, pool := made(t, size), sizes[size].pool
		tenth, fourPercent := funding.Units(pool/10), funding.Units(pool/25)
		for file, c := range map[string]struct {
			rule     funding.Rule
			m        uint64
			cap      funding.Amount
			weighted bool
		}{
			"unweighted_nocap":                {rule: funding.Quadratic},
			"unweighted_cap10pct":             {rule: funding.Quadratic, cap: tenth},
			"unweighted_cap4pct":              {rule: funding.Quadratic, cap: fourPercent},
			"weighted_nocap":                  {rule: funding.Quadratic, weighted: true},
			"weighted_cap10pct":               {rule: funding.Quadratic, cap: tenth, weighted: true},
			"weighted_cap4pct":                {rule: funding.Quadratic, cap: fourPercent, weighted: true},
			"pairwise_int_M1_k32_cap10pct":    {rule: funding.Pairwise, m: 1, cap: tenth},
			"pairwise_int_M2500_k32_cap10pct": {rule: funding.Pairwise, m: 2500, cap: tenth},
			"cocm_int_q48_cap10pct":           {rule: funding.Cluster, cap: tenth},
		} {
			t.Run(size+"_"+file, func(t *testing.T) {
				var want map[string]string
				readJSON(t, "expected/"+size+"_"+file+".json", &want)
				p := funding.Params{Spec: funding.Spec, Rule: c.rule, Pool: funding.Units(pool), Cap: c.cap, M: funding.Units(c.m)}
				weights := in.weights
				if !c.weighted {
					weights = nil
				}
				got, err := funding.Match(p, in.contributions, weights)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, amounts(got)); diff != "" {
					t.Errorf("amounts (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestExpectedRawMatches(t *testing.T) {
	for _, size := range []string{"gen_1e3", "gen_1e4"} {
		in := made(t, size)
		for kind, weights := range map[string][]funding.Weight{"unweighted": nil, "weighted": in.weights} {
			var want map[string]string
			readJSON(t, "expected/"+size+"_"+kind+"_rawW_k32.json", &want)
			r, err := funding.Match(funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(1)}, in.contributions, weights)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, p := range r.Projects {
				got[p.Project] = p.Raw.String()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", size, kind, diff)
			}
		}
	}
}

// The summary has digests and what is left for rounds of up to a million rows.
func TestExpectedDigests(t *testing.T) {
	var summary map[string]map[string]json.RawMessage
	readJSON(t, "expected/summary.json", &summary)
	for size, s := range sizes {
		in := made(t, size)
		for kind, weights := range map[string][]funding.Weight{"unweighted": nil, "weighted": in.weights} {
			for name, p := range map[string]funding.Params{
				"nocap":                   {Pool: funding.Units(s.pool)},
				"cap10pct":                {Pool: funding.Units(s.pool), Cap: funding.Units(s.pool / 10)},
				"undersaturated_pool1e13": {Pool: funding.Units(10_000_000_000_000), MatchBelowPool: true},
			} {
				var want struct {
					Digest      string
					Unallocated json.Number
				}
				if err := json.Unmarshal(summary[size][kind+"/"+name], &want); err != nil {
					t.Fatal(err)
				}
				p.Spec, p.Rule = funding.Spec, funding.Quadratic
				got, err := funding.Match(p, in.contributions, weights)
				if err != nil {
					t.Fatal(err)
				}
				left, err := strconv.ParseUint(got.Unallocated.String(), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				if got.Digest.String() != want.Digest || want.Unallocated != "" && strconv.FormatUint(left, 10) != want.Unallocated.String() {
					t.Errorf("%s %s %s: digest %v, left %v; want %s, %s", size, kind, name, got.Digest, got.Unallocated, want.Digest, want.Unallocated)
				}
			}
		}
	}
}
