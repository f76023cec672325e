package funding_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/funding"
)

func filled(t interface {
	Helper()
	Fatal(...any)
}, p funding.Params, contributions []funding.Contribution, weights []funding.Weight) *funding.Round {
	t.Helper()
	r, err := funding.NewRound(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range contributions {
		if err := r.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range weights {
		if err := r.Weigh(w); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// Whatever is added and removed, the estimate is the match of what it holds.
func TestEstimateIsTheMatchOfWhatItHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawParams(t)
		if p.Rule == funding.Cluster {
			p.Rule = funding.Quadratic
		}
		holds, weights := drawContributions(t), drawWeights(t)
		e, err := filled(t, p, holds, weights).Estimate()
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 12).Draw(t, "changes") {
			switch c := drawContribution(t); {
			case len(holds) > 0 && rapid.Bool().Draw(t, "remove"):
				i := rapid.IntRange(0, len(holds)-1).Draw(t, "which")
				if err := e.Remove(holds[i]); err != nil {
					t.Fatal(err)
				}
				holds = slices.Delete(slices.Clone(holds), i, i+1)
			default:
				checkWhat(t, e, c)
				if err := e.Add(c); err != nil {
					t.Fatal(err)
				}
				holds = append(slices.Clone(holds), c)
			}
			want, err := funding.Match(p, holds, weights)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, e.Result()); diff != "" {
				t.Fatalf("result (-match +estimate):\n%s", diff)
			}
		}
	})
}

// checkWhat holds What to the difference of two results, and to leaving the estimate alone.
func checkWhat(t *rapid.T, e *funding.Estimate, c funding.Contribution) {
	before := e.Result()
	changes, err := e.What(c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, e.Result()); diff != "" {
		t.Fatalf("What changed the estimate:\n%s", diff)
	}
	if err := e.Add(c); err != nil {
		t.Fatal(err)
	}
	want, was := []funding.Change(nil), amounts(before)
	for _, p := range e.Projects() {
		old, err := funding.ParseAmount(max(was[p.Project], "0"))
		if err != nil {
			t.Fatal(err)
		}
		if old != p.Amount {
			want = append(want, funding.Change{Project: p.Project, Before: old, After: p.Amount})
		}
	}
	if err := e.Remove(c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Fatalf("changes (-results +What):\n%s", diff)
	}
}

func TestEstimateRefuses(t *testing.T) {
	p := funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(100)}
	held := funding.Contribution{Donor: "a", Project: "p", Amount: funding.Units(5)}
	e, err := filled(t, p, []funding.Contribution{held}, nil).Estimate()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]funding.Contribution{
		"of a donor who gave nothing":    {Donor: "b", Project: "p", Amount: funding.Units(5)},
		"of a project that got nothing":  {Donor: "a", Project: "q", Amount: funding.Units(5)},
		"of more than there is":          {Donor: "a", Project: "p", Amount: funding.Units(6)},
		"of part of the last row":        {Donor: "a", Project: "p", Amount: funding.Units(4)},
		"of nothing where there was one": {Donor: "a", Project: "p"},
	} {
		wantCode(t, "removal "+name, e.Remove(c), "absent")
	}
	if err := e.Remove(held); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "second removal", e.Remove(held), "absent")
	wantCode(t, "broken project", e.Add(funding.Contribution{Donor: "a", Project: "p\n"}), "project")
	p.Rule = funding.Cluster
	_, err = filled(t, p, nil, nil).Estimate()
	wantCode(t, "estimate of cocm", err, "estimate")
	p.Rule, p.M = funding.Pairwise, funding.Units(1<<60)
	e, err = filled(t, p, nil, nil).Estimate()
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "large pair", e.Add(funding.Contribution{Donor: "a", Project: "p", Amount: funding.Units(1 << 60)}), "estimate")
	if n := len(e.Projects()); n != 0 {
		t.Errorf("%d projects after a refusal, want none", n)
	}
}

func benchmarkWhat(b *testing.B, rule funding.Rule, m uint64) {
	in := made(b, "gen_1e5")
	p := funding.Params{Spec: funding.Spec, Rule: rule, M: funding.Units(m), Pool: funding.Units(sizes["gen_1e5"].pool)}
	e, err := filled(b, p, in.contributions, in.weights).Estimate()
	if err != nil {
		b.Fatal(err)
	}
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		c := in.contributions[i*7919%len(in.contributions)]
		if i%3 == 0 {
			c.Donor = fmt.Sprintf("new%d", i)
		}
		start := time.Now()
		if _, err := e.What(c); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.Logf("%d calls, half within %v, 99 of 100 within %v", len(times), times[len(times)/2], times[len(times)*99/100])
}

func BenchmarkWhatQuadratic100000(b *testing.B) { benchmarkWhat(b, funding.Quadratic, 0) }
func BenchmarkWhatPairwise100000(b *testing.B)  { benchmarkWhat(b, funding.Pairwise, 2500) }
