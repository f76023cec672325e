package panels_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// pool is the input of a tiny random panel.
type pool struct {
	size   int64
	quotas []quota.Quota
	people []quota.Person
}

// randomPool makes a pool that can be enumerated. Quotas are drawn around a random panel most of the
// time, so that many can be met.
func randomPool(rng *rand.Rand, households bool) pool {
	n, features := 3+rng.IntN(7), 1+rng.IntN(3)
	in := pool{size: int64(rng.IntN(n + 1))}
	values := make([]int, features)
	for f := range values {
		values[f] = 2 + rng.IntN(2)
	}
	for i := range n {
		p := quota.Person{ID: fmt.Sprintf("p%02d", i)}
		for _, v := range values {
			p.Values = append(p.Values, fmt.Sprint(rng.IntN(v)))
		}
		if households && rng.IntN(3) > 0 {
			p.Household = fmt.Sprint("h", rng.IntN(4))
		}
		in.people = append(in.people, p)
	}
	slack := rng.IntN(3)
	for f, v := range values {
		count := make([]int64, v)
		for _, i := range rng.Perm(n)[:in.size] {
			count[in.people[i].Values[f][0]-'0']++
		}
		for k := range v {
			q := quota.Quota{Feature: fmt.Sprint("f", f), Value: fmt.Sprint(k), Min: count[k], Max: count[k]}
			if slack > 0 {
				q.Min, q.Max = max(0, q.Min-int64(rng.IntN(slack))), q.Max+int64(rng.IntN(slack+1))
			}
			in.quotas = append(in.quotas, q)
		}
	}
	return in
}

// allPanels enumerates every set of people that meets size, quotas and households, and returns how many
// of each type it has, without repetition.
func allPanels(in pool, p *quota.Problem) [][]int64 {
	typeOf := map[string]int{}
	for t, ty := range p.Types {
		for _, id := range ty.Members {
			typeOf[id] = t
		}
	}
	seen := map[string]bool{}
	var out [][]int64
	for set := range 1 << len(in.people) {
		if counts := seatsOfSet(in, set, typeOf, len(p.Types)); counts != nil && !seen[fmt.Sprint(counts)] {
			seen[fmt.Sprint(counts)] = true
			out = append(out, counts)
		}
	}
	return out
}

func seatsOfSet(in pool, set int, typeOf map[string]int, types int) []int64 {
	counts := make([]int64, types)
	homes := map[string]bool{}
	byValue := map[string]int64{}
	size := int64(0)
	for i, person := range in.people {
		if set>>i&1 == 0 {
			continue
		}
		if person.Household != "" && homes[person.Household] {
			return nil
		}
		homes[person.Household] = true
		size++
		counts[typeOf[person.ID]]++
		for f, v := range person.Values {
			byValue[fmt.Sprint("f", f, "=", v)]++
		}
	}
	if size != in.size {
		return nil
	}
	for _, q := range in.quotas {
		if n := byValue[q.Feature+"="+q.Value]; n < q.Min || n > q.Max {
			return nil
		}
	}
	return counts
}

// slowLeximin computes LEXIMIN over the lotteries of the panels listed, with one linear programme for
// the level and one for each type, whether it can have more.
func slowLeximin(panels [][]int64, people []int64) []*big.Rat {
	fixed := make([]*big.Rat, len(people))
	for slices.Contains(fixed, nil) {
		z := maximise(panels, people, fixed, nil, -1)
		found := false
		next := slices.Clone(fixed)
		for t := range people {
			if fixed[t] == nil && maximise(panels, people, fixed, z, t).Cmp(z) == 0 {
				next[t], found = z, true
			}
		}
		if !found {
			panic("a level without a type")
		}
		fixed = next
	}
	return fixed
}

// maximise is the largest z that everybody not fixed can have or, with a floor, the largest
// probability of type of when everybody not fixed has the floor.
func maximise(panels [][]int64, people []int64, fixed []*big.Rat, floor *big.Rat, of int) *big.Rat {
	var tab tableau
	one := big.NewRat(1, 1)
	width := len(panels) + 1 // shares of the panels, then z
	objective := make([]*big.Rat, width)
	tab.equal(ones(len(panels), width), one)
	for t, n := range people {
		row := make([]*big.Rat, width)
		for i, p := range panels {
			row[i] = big.NewRat(p[t], n)
		}
		switch {
		case fixed[t] != nil:
			tab.atLeast(row, fixed[t])
		case floor != nil:
			tab.atLeast(row, floor)
		default:
			row[len(panels)] = big.NewRat(-1, 1)
			tab.atLeast(row, new(big.Rat))
		}
		if t == of {
			objective = row
		}
	}
	if of < 0 {
		objective[len(panels)] = one
	}
	return tab.maximum(objective)
}

func ones(n, width int) []*big.Rat {
	row := make([]*big.Rat, width)
	for i := range n {
		row[i] = big.NewRat(1, 1)
	}
	return row
}

func TestLeximinAgreesWithTheEnumerationOfAllPanels(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	solved, impossible, cuts, unseatable := 0, 0, 0, 0
	for i := range sweep(200) {
		in := randomPool(rng, i%2 == 1)
		p, err := quota.New(in.size, in.quotas, in.people)
		if err != nil {
			continue
		}
		all := allPanels(in, p)
		r, err := panels.Solve(t.Context(), p, panels.Options{Panels: 100})
		if len(all) == 0 {
			impossible++
			if !errors.Is(err, panels.ErrInfeasible) {
				t.Fatalf("pool %d: no panel exists, got %v", i, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("pool %d: %v\n%+v", i, err, in)
		}
		solved++
		cuts += len(r.Cuts)
		unseatable += len(r.Unseatable)
		checkAgainst(t, fmt.Sprint("pool ", i), p, r, all)
	}
	t.Logf("%d solved, %d impossible, %d cuts, %d unseatable types", solved, impossible, cuts, unseatable)
	if solved < 100 || impossible < 10 {
		t.Errorf("%d solved and %d impossible pools are too few to mean anything", solved, impossible)
	}
}

func checkAgainst(t *testing.T, name string, p *quota.Problem, r *panels.Result, all [][]int64) {
	t.Helper()
	v, err := panels.Verify(p, r)
	if err != nil || !v.Optimal {
		t.Fatalf("%s: verdict %+v, %v", name, v, err)
	}
	people := make([]int64, len(p.Types))
	for t, ty := range p.Types {
		people[t] = int64(len(ty.Members))
	}
	for ty, want := range slowLeximin(all, people) {
		if r.Probabilities[ty].Cmp(want) != 0 {
			t.Fatalf("%s: type %d has %s, enumeration gives %s", name, ty, r.Probabilities[ty], want.RatString())
		}
	}
}

// sweep is how many random instances a test takes: n, or KLERO_SWEEP times as many.
func sweep(n int) int {
	if times, err := strconv.Atoi(os.Getenv("KLERO_SWEEP")); err == nil {
		return n * times
	}
	return n
}

// gapPool has three people of whom any two clash in one feature, and others who clash with nobody: in
// fractions, half of each of the three fits on a panel, but a panel has one of them at most.
func gapPool(size int64, others int) pool {
	in := pool{size: size}
	for i, v := range [][]string{{"1", "1", "0"}, {"0", "1", "1"}, {"1", "0", "1"}} {
		in.people = append(in.people, quota.Person{ID: fmt.Sprint("a", i), Values: v})
	}
	for i := range others {
		in.people = append(in.people, quota.Person{ID: fmt.Sprint("b", i), Values: []string{"0", "0", "0"}})
	}
	for f := range 3 {
		name := fmt.Sprint("f", f)
		in.quotas = append(in.quotas, quota.Quota{Feature: name, Value: "0", Max: size}, quota.Quota{Feature: name, Value: "1", Max: 1})
	}
	return in
}

func TestIntegralityGapIsClosedByACut(t *testing.T) {
	in := gapPool(2, 2)
	p, err := quota.New(in.size, in.quotas, in.people)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := solve(t, p, panels.Options{})
	if len(r.Cuts) == 0 {
		t.Error("no cut, although the quotas in fractions allow more")
	}
	checkAgainst(t, "gap", p, r, allPanels(in, p))
}

// clashPool has many features of which a panel takes at most one person each: many pools of this kind
// have a gap between fractions and panels.
func clashPool(rng *rand.Rand) pool {
	n, features := 5+rng.IntN(5), 3+rng.IntN(5)
	in := pool{size: int64(2 + rng.IntN(3))}
	for i := range n {
		p := quota.Person{ID: fmt.Sprintf("p%02d", i)}
		for range features {
			p.Values = append(p.Values, []string{"0", "0", "1"}[rng.IntN(3)])
		}
		in.people = append(in.people, p)
	}
	for f := range features {
		name := fmt.Sprint("f", f)
		in.quotas = append(in.quotas, quota.Quota{Feature: name, Value: "0", Max: in.size}, quota.Quota{Feature: name, Value: "1", Max: 1})
	}
	return in
}

func TestLeximinAgreesWithTheEnumerationWhereFractionsPromiseTooMuch(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	solved, cuts, unseatable := 0, 0, 0
	for i := range sweep(150) {
		in := clashPool(rng)
		p, err := quota.New(in.size, in.quotas, in.people)
		if err != nil {
			continue
		}
		all := allPanels(in, p)
		r, err := panels.Solve(t.Context(), p, panels.Options{Panels: 100})
		if len(all) == 0 {
			if !errors.Is(err, panels.ErrInfeasible) {
				t.Fatalf("pool %d: no panel exists, got %v", i, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("pool %d: %v\n%+v", i, err, in)
		}
		solved++
		if len(r.Cuts) > 0 {
			cuts++
		}
		unseatable += len(r.Unseatable)
		checkAgainst(t, fmt.Sprint("pool ", i), p, r, all)
	}
	t.Logf("%d solved, %d of them with cuts, %d unseatable types", solved, cuts, unseatable)
	if solved < 60 || cuts < 4 {
		t.Errorf("%d solved, %d with cuts: too few to mean anything", solved, cuts)
	}
}
