package report_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/randomness/sortition/report"
)

var update = flag.Bool("update", false, "write the golden files again")

// town is a pool with a scarce group, a couple, somebody who is seated already and their partner.
func town() ([]quota.Quota, []quota.Person) {
	quotas := []quota.Quota{
		{Feature: "gender", Value: "female", Min: 2, Max: 2}, {Feature: "gender", Value: "male", Min: 2, Max: 3},
		{Feature: "age", Value: "young", Min: 1, Max: 1}, {Feature: "age", Value: "<old>", Min: 3, Max: 4},
	}
	var people []quota.Person
	for i := range 12 {
		values := []string{"female", "young"}
		if i%3 == 0 {
			values[0] = "male"
		}
		if i >= 9 {
			values[1] = "<old>"
		}
		people = append(people, quota.Person{ID: fmt.Sprintf("p%02d", i), Values: values})
	}
	people[9].Household, people[10].Household = "h", "h"
	people = append(people, quota.Person{ID: "seated", Values: []string{"male", "<old>"}, Standing: quota.Seated, Household: "s"},
		quota.Person{ID: "partner", Values: []string{"male", "<old>"}, Household: "s"},
		quota.Person{ID: "x1", Values: []string{"male", "<old>"}}, quota.Person{ID: "x2", Values: []string{"female", "<old>"}})
	return quotas, people
}

func solved(t testing.TB, size int64, quotas []quota.Quota, people []quota.Person, o panels.Options) report.Input {
	t.Helper()
	p, err := quota.New(size, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	r, err := panels.Solve(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return report.Input{Problem: p, Quotas: quotas, Result: r}
}

func build(t testing.TB, in report.Input) *report.Report {
	t.Helper()
	r, err := report.Build(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// written are the three forms.
func written(t testing.TB, r *report.Report) map[string][]byte {
	t.Helper()
	var j, c, h bytes.Buffer
	for _, err := range []error{r.WriteJSON(&j), r.WriteCSV(&c), r.WriteHTML(&h)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[string][]byte{"town.json": j.Bytes(), "town.csv": c.Bytes(), "town.html": h.Bytes()}
}

func TestReportOfATownIsTheGoldenOne(t *testing.T) {
	quotas, people := town()
	in := solved(t, 5, quotas, people, panels.Options{Panels: 100})
	in.Population = []int64{5100, 4900, -1, 7000}
	for name, got := range written(t, build(t, in)) {
		path := "testdata/" + name
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestReportIsTheSameOnAnyNumberOfCores(t *testing.T) {
	quotas, people := town()
	onCores := func(cores int) map[string][]byte {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		return written(t, build(t, solved(t, 5, quotas, people, panels.Options{})))
	}
	once := onCores(1)
	for _, cores := range []int{1, 2} {
		if d := cmp.Diff(once, onCores(cores)); d != "" {
			t.Errorf("%d cores (-first +now):\n%s", cores, d)
		}
	}
}

// The sum of chances is the number of seats, and every count is what counting the panels gives.
func TestFiguresAddUp(t *testing.T) {
	quotas, people := town()
	for _, method := range []panels.Method{panels.Leximin, panels.Maximin} {
		in := solved(t, 5, quotas, people, panels.Options{Method: method})
		r := build(t, in)
		if r.Size != 5 || r.Seated != 1 || r.Barred != 1 || r.Candidates != 14 || r.Panels != 1000 || !r.Proved {
			t.Errorf("%s: got %+v", method, r)
		}
		seats := new(big.Rat)
		counted := int64(0)
		for _, c := range r.Chances {
			counted += c.People
			seats.Add(seats, new(big.Rat).Mul(c.Probability.Rat, big.NewRat(c.People, 1)))
		}
		if counted != r.Candidates || method == panels.Leximin && seats.Cmp(big.NewRat(4, 1)) != 0 {
			t.Errorf("%s: %d people with %s seats, want 14 with 4", method, counted, seats.RatString())
		}
		for _, f := range r.Features {
			sum, pool := new(big.Rat), int64(0)
			for _, v := range f.Values {
				sum.Add(sum, v.Average.Rat)
				pool += v.Pool
				if v.Lowest < v.Min || v.Highest > v.Max || v.Lowest > v.Highest {
					t.Errorf("%s: %s %s: %d to %d seats for the quota %d to %d", method, f.Name, v.Value, v.Lowest, v.Highest, v.Min, v.Max)
				}
			}
			if sum.Cmp(big.NewRat(5, 1)) != 0 || pool != 14 {
				t.Errorf("%s: %s: %s seats on average, pool %d", method, f.Name, sum.RatString(), pool)
			}
		}
	}
}

func TestTheLimitNamesTheScarceSeats(t *testing.T) {
	quotas := []quota.Quota{{Feature: "age", Value: "young", Min: 0, Max: 13}, {Feature: "age", Value: "old", Min: 0, Max: 30}}
	var people []quota.Person
	for i := range 250 {
		age := "young"
		if i >= 199 {
			age = "old"
		}
		people = append(people, quota.Person{ID: fmt.Sprint(i), Values: []string{age}})
	}
	r := build(t, solved(t, 30, quotas, people, panels.Options{}))
	want := []report.Limit{
		{Probability: ratio(13, 199), People: 199, Seats: ratio(13, 1), Shared: []string{"age: young"}, Quotas: []string{"at most 13 seats for age: young"},
			Words: "At most 13 seats for a group of 199 (age: young): no lottery can give all of them more than 6.53\u00a0%."},
		{Probability: ratio(1, 3), People: 51, Seats: ratio(17, 1), Shared: []string{"age: old"}, Quotas: []string{"the panel has 30 seats"},
			Words: "At most 17 seats for a group of 51 (age: old): no lottery can give all of them more than 33.33\u00a0%."},
	}
	if d := cmp.Diff(want, r.Limits, cmp.Comparer(func(a, b panels.Ratio) bool { return a.Cmp(b.Rat) == 0 })); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func ratio(n, d int64) panels.Ratio { return panels.Ratio{Rat: big.NewRat(n, d)} }

// The levels name everybody once, with the probability that the lottery aims at.
func TestEverybodyHasOneLimit(t *testing.T) {
	quotas, people := town()
	r := build(t, solved(t, 5, quotas, people, panels.Options{}))
	byLimit, byChance := map[string]int64{}, map[string]int64{}
	for _, l := range r.Limits {
		byLimit[l.Probability.String()] += l.People
	}
	for _, c := range r.Chances {
		byChance[c.Probability.String()] += c.People
	}
	if d := cmp.Diff(byChance, byLimit); d != "" {
		t.Errorf("(-chances +limits):\n%s", d)
	}
}

// A lottery that does not reach the bound says for whom it is proved nevertheless, and how much is open.
func TestAnOpenGapIsSaid(t *testing.T) {
	quotas, people := town()
	in := solved(t, 5, quotas, people, panels.Options{Panels: 1000})
	if r := build(t, in); !r.Proved || r.Reached != r.Candidates {
		t.Errorf("got proved %t, reached %d of %d", r.Proved, r.Reached, r.Candidates)
	}
	half := in.Result.Probabilities
	for i, p := range half {
		if p.Cmp(big.NewRat(1, 2)) == 0 {
			half[i] = ratio(4999, 10000) // within 1 of 1,000 panels
		}
	}
	r := build(t, in)
	want := "for the 10 people with the lowest chances it is; for the other 4 what is open is at most 0.01 % and 1 in 1000."
	if r.Proved || r.Reached != 10 || !strings.HasSuffix(r.Claim, want) || r.Gap.Cmp(big.NewRat(1, 10000)) != 0 {
		t.Errorf("got %t, %d, %s, %q", r.Proved, r.Reached, r.Gap, r.Claim)
	}
}

func TestFewPeopleAreNotPointedAt(t *testing.T) {
	quotas, people := town()
	for _, l := range build(t, solved(t, 5, quotas, people, panels.Options{})).Limits {
		if l.People < 5 && len(l.Shared) > 1 {
			t.Errorf("%d people are named by %q", l.People, l.Shared)
		}
	}
}

func TestPagesLoadNothing(t *testing.T) {
	quotas, people := town()
	page := written(t, build(t, solved(t, 5, quotas, people, panels.Options{})))["town.html"]
	for words := html.NewTokenizer(bytes.NewReader(page)); ; {
		if words.Next() == html.ErrorToken {
			break
		}
		token := words.Token()
		if token.Data == "script" || token.Data == "link" || token.Data == "img" {
			t.Errorf("<%s>", token.Data)
		}
		for _, a := range token.Attr {
			if a.Key == "src" || a.Key == "href" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
		}
	}
	if bytes.Contains(page, []byte("<old>")) || !bytes.Contains(page, []byte("&lt;old&gt;")) {
		t.Error("a value is not escaped")
	}
}

func TestSheetsRunNoFormula(t *testing.T) {
	quotas := []quota.Quota{{Feature: "=1+1", Value: "@x", Min: 1, Max: 1}}
	r := build(t, solved(t, 1, quotas, []quota.Person{{ID: "a", Values: []string{"@x"}}}, panels.Options{}))
	rows, err := csv.NewReader(bytes.NewReader(written(t, r)["town.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") {
				t.Errorf("cell %q", cell)
			}
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, change := range map[string]func(*report.Input){
		"a quota too many":               func(in *report.Input) { in.Quotas = append(in.Quotas, in.Quotas[0]) },
		"a quota too few":                func(in *report.Input) { in.Quotas = in.Quotas[1:] },
		"quotas in another order":        func(in *report.Input) { in.Quotas[0], in.Quotas[3] = in.Quotas[3], in.Quotas[0] },
		"a population of another length": func(in *report.Input) { in.Population = []int64{1} },
		"a panel less":                   func(in *report.Input) { in.Result.Panels-- },
		"a seat less":                    func(in *report.Input) { in.Result.Lottery[0].Seats = in.Result.Lottery[0].Seats[1:] },
		"a false level":                  func(in *report.Input) { in.Result.Levels[0].Probability = ratio(1, 1000) },
		"a false probability":            func(in *report.Input) { in.Result.Probabilities[0] = ratio(1, 1) },
		"no levels":                      func(in *report.Input) { in.Result.Levels = nil },
		"another method":                 func(in *report.Input) { in.Result.Method = "fairest" },
	} {
		t.Run(name, func(t *testing.T) {
			quotas, people := town()
			in := solved(t, 5, quotas, people, panels.Options{Panels: 50})
			change(&in)
			if r, err := report.Build(in); err == nil {
				t.Errorf("got %+v", r)
			}
		})
	}
}
