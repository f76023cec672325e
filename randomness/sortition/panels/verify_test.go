package panels_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

func ratio(n, d int64) panels.Ratio { return panels.Ratio{Rat: big.NewRat(n, d)} }

// copyOf is an independent copy.
func copyOf(t *testing.T, r *panels.Result) *panels.Result {
	t.Helper()
	b, err := panels.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := panels.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func gapProblem(t testing.TB) *quota.Problem {
	t.Helper()
	in := gapPool(2, 2)
	p, err := quota.New(in.size, in.quotas, in.people)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// unseatableProblem has a person whom fractions seat and panels do not: with s on the panel, exactly one
// of each two of a, b and c would have to be there.
func unseatableProblem(t testing.TB) *quota.Problem {
	t.Helper()
	in := pool{size: 3}
	for i, v := range [][]string{
		{"1", "1", "0", "y"}, {"0", "1", "1", "y"}, {"1", "0", "1", "y"}, {"0", "0", "0", "y"},
		{"1", "1", "1", "n"}, {"0", "0", "0", "n"}, {"0", "0", "0", "n"},
	} {
		in.people = append(in.people, quota.Person{ID: fmt.Sprint("p", i), Values: v})
	}
	for f := range 3 {
		in.quotas = append(in.quotas, quota.Quota{Feature: fmt.Sprint(f), Value: "0", Max: 3}, quota.Quota{Feature: fmt.Sprint(f), Value: "1", Min: 1, Max: 1})
	}
	in.quotas = append(in.quotas, quota.Quota{Feature: "g", Value: "y", Max: 3}, quota.Quota{Feature: "g", Value: "n", Max: 3})
	p, err := quota.New(in.size, in.quotas, in.people)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestVerifyRefuses(t *testing.T) {
	p := load(t, "testdata/syn_m_24", quota.Columns{})
	whole, _ := solve(t, p, panels.Options{})
	other := slices.IndexFunc(p.Types, func(ty quota.Type) bool { return ty.Values[0] != p.Types[0].Values[0] })
	for name, change := range map[string]func(*panels.Result){
		"another version":         func(r *panels.Result) { r.V = 2 },
		"unknown method":          func(r *panels.Result) { r.Method = "fairest" },
		"wrong number of panels":  func(r *panels.Result) { r.Panels++ },
		"a copy too many":         func(r *panels.Result) { r.Lottery[0].Copies++ },
		"no copies":               func(r *panels.Result) { r.Lottery[0].Copies = 0 },
		"no panels":               func(r *panels.Result) { r.Lottery = nil },
		"a seat too many":         func(r *panels.Result) { r.Lottery[0].Seats[0].Count++ },
		"a seat too few":          func(r *panels.Result) { r.Lottery[0].Seats = r.Lottery[0].Seats[1:] },
		"negative seats":          func(r *panels.Result) { r.Lottery[0].Seats[0].Count = -1 },
		"a type twice":            func(r *panels.Result) { r.Lottery[0].Seats[1] = r.Lottery[0].Seats[0] },
		"a type that is not":      func(r *panels.Result) { r.Lottery[0].Seats[0].Type = -1 },
		"a type beyond":           func(r *panels.Result) { s := r.Lottery[0].Seats; s[len(s)-1].Type = len(p.Types) },
		"a probability missing":   func(r *panels.Result) { r.Probabilities = r.Probabilities[1:] },
		"a probability raised":    func(r *panels.Result) { r.Probabilities[0] = ratio(1, 1) },
		"a probability empty":     func(r *panels.Result) { r.Probabilities[0] = panels.Ratio{} },
		"a level missing":         func(r *panels.Result) { r.Levels = r.Levels[:len(r.Levels)-1] },
		"a level too many":        func(r *panels.Result) { r.Levels = append(r.Levels, r.Levels[0]) },
		"levels swapped":          func(r *panels.Result) { r.Levels[0], r.Levels[1] = r.Levels[1], r.Levels[0] },
		"a level's claim raised":  func(r *panels.Result) { r.Levels[0].Probability = ratio(1, 2) },
		"a level without a claim": func(r *panels.Result) { r.Levels[0].Probability = panels.Ratio{} },
		"a row that is not":       func(r *panels.Result) { r.Levels[0].Multipliers[0].Row = len(p.Rows) },
		"a row below":             func(r *panels.Result) { r.Levels[0].Multipliers[0].Row = -1 },
		"a huge multiplier":       func(r *panels.Result) { r.Levels[0].Multipliers[0].Times = 1 << 62 },
		"levels of maximin":       func(r *panels.Result) { r.Method = panels.Maximin },
		"somebody's seat given away": func(r *panels.Result) {
			for i, l := range r.Lottery {
				for k, s := range l.Seats {
					if s.Type == 0 {
						r.Lottery[i].Seats[k].Type = other
						slices.SortFunc(r.Lottery[i].Seats, func(a, b panels.Seats) int { return a.Type - b.Type })
						return
					}
				}
			}
		},
		"an unseatable type without proof": func(r *panels.Result) {
			r.Unseatable = []panels.Unseatable{{Type: 0}}
		},
		"an unseatable type proved by nothing": func(r *panels.Result) {
			r.Unseatable = []panels.Unseatable{{Type: 0, Proof: panels.Proof{{Multipliers: []panels.Multiplier{{Row: 0, Times: 1}}}}}}
		},
		"a cut without proof": func(r *panels.Result) {
			r.Cuts = []panels.Cut{{Weights: []panels.Weight{{Type: 0, Each: 1}}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := copyOf(t, whole)
			change(r)
			if v, err := panels.Verify(p, r); err == nil {
				t.Errorf("accepted, verdict %+v", v)
			}
		})
	}
}

// A changed multiplier is refused, because it does not prove what the level claims. The exceptions say
// the same in other words: rows whose types are all fixed already count for nothing.
func TestChangedMultipliersAreRefused(t *testing.T) {
	p := load(t, "testdata/syn_m_24", quota.Columns{})
	whole, _ := solve(t, p, panels.Options{})
	refused, all := 0, 0
	for level := range whole.Levels {
		for i := range whole.Levels[level].Multipliers {
			for _, by := range []int64{-1000, -3, -1, 1, 2, 1000} {
				r := copyOf(t, whole)
				r.Levels[level].Multipliers[i].Times += by
				all++
				if _, err := panels.Verify(p, r); err != nil {
					refused++
				}
			}
		}
	}
	if all < 100 || refused < all*3/4 {
		t.Errorf("%d of %d changes refused", refused, all)
	}
}

// Proofs of cuts and of types without a seat are checked to the last case.
func TestChangedProofsAreRefused(t *testing.T) {
	for name, p := range map[string]*quota.Problem{"cut": gapProblem(t), "unseatable": unseatableProblem(t)} {
		t.Run(name, func(t *testing.T) {
			whole, v := solve(t, p, panels.Options{})
			if !v.Optimal {
				t.Fatalf("verdict %+v", v)
			}
			proofOf := func(r *panels.Result) *panels.Proof {
				if name == "cut" {
					return &r.Cuts[0].Proof
				}
				return &r.Unseatable[0].Proof
			}
			n := len(*proofOf(whole))
			for i := range n {
				for what, change := range map[string]func(panels.Proof, int) panels.Proof{
					"missing": func(q panels.Proof, i int) panels.Proof { return slices.Delete(q, i, i+1) },
					"emptied": func(q panels.Proof, i int) panels.Proof { q[i] = panels.Case{}; return q },
					"doubled": func(q panels.Proof, i int) panels.Proof { return slices.Insert(q, i, q[i]) },
					"turned": func(q panels.Proof, i int) panels.Proof {
						if q[i].Split != nil {
							q[i].Split.AtMost += 5
						}
						for k := range q[i].Multipliers {
							q[i].Multipliers[k].Times *= -1
						}
						return q
					},
				} {
					r := copyOf(t, whole)
					q := proofOf(r)
					*q = change(*q, i)
					if _, err := panels.Verify(p, r); err == nil {
						t.Errorf("case %d of %d %s: accepted", i, n, what)
					}
				}
			}
		})
	}
}

// A valid bound that is not the best one is accepted for what it is worth.
func TestWeakerLevelsLeaveAGap(t *testing.T) {
	p := load(t, "testdata/syn_m_24", quota.Columns{})
	r, _ := solve(t, p, panels.Options{})
	r.Levels = []panels.Level{{Probability: ratio(24, 70), Multipliers: []panels.Multiplier{{Row: 0, Times: 1}}}}
	v, err := panels.Verify(p, r)
	if err != nil {
		t.Fatal(err)
	}
	if v.Optimal || v.Gap.Cmp(new(big.Rat).Sub(big.NewRat(24, 70), big.NewRat(7, 25))) != 0 {
		t.Errorf("verdict %+v, want a gap of 24/70 - 7/25", v)
	}
}
