package funding_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/funding"
	"kleroterion/randomness/canonical"
)

func match(t *rapid.T, p funding.Params, contributions []funding.Contribution, weights []funding.Weight) funding.Result {
	r, err := funding.Match(p, contributions, weights)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// split cuts contributions into two rows each, at drawn places.
func split(t *rapid.T, list []funding.Contribution) []funding.Contribution {
	var out []funding.Contribution
	for _, c := range list {
		whole := c.Amount.Big().Uint64()
		part := rapid.Uint64Range(0, whole).Draw(t, "part")
		a, b := c, c
		a.Amount, b.Amount = funding.Units(part), funding.Units(whole-part)
		out = append(out, a, b)
	}
	return out
}

func TestOrderAndSplittingChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, contributions, weights := drawParams(t), drawContributions(t), drawWeights(t)
		want, err := match(t, p, contributions, weights).Canonical()
		if err != nil {
			t.Fatal(err)
		}
		shuffled := rapid.Permutation(split(t, contributions)).Draw(t, "order")
		backwards := slices.Clone(weights)
		slices.Reverse(backwards)
		got, err := match(t, p, shuffled, backwards).Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("result (-want +got):\n%s", diff)
		}
	})
}

func TestPoolIsSpentOrLeftToTheUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawParams(t)
		r := match(t, p, drawContributions(t), drawWeights(t))
		sum := new(big.Int).Add(r.Unallocated.Big(), r.Solidarity.Big())
		for _, x := range r.Projects {
			sum.Add(sum, x.Amount.Big())
			if !p.Cap.IsZero() && x.Amount.Cmp(p.Cap) > 0 {
				t.Fatalf("%s gets %v, above the cap %v", x.Project, x.Amount, p.Cap)
			}
			if x.Raw.Big().Sign() == 0 && !x.Amount.IsZero() {
				t.Fatalf("%s gets %v for no raw match", x.Project, x.Amount)
			}
		}
		if sum.Cmp(p.Pool.Big()) != 0 {
			t.Fatalf("sum %v, pool %v", sum, p.Pool)
		}
	})
}

// A donor of weight 0 changes no amount of the projects that others name.
func TestDonorWithoutWeightChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, contributions, weights := drawParams(t), drawContributions(t), drawWeights(t)
		want := match(t, p, contributions, weights)
		more := slices.Clone(contributions)
		for _, c := range contributions {
			more = append(more, funding.Contribution{Donor: "nobody", Project: c.Project, Amount: small(t, "nothing")})
		}
		got := match(t, p, more, append(slices.Clone(weights), funding.Weight{Donor: "nobody"}))
		if diff := cmp.Diff(amounts(want), amounts(got)); diff != "" || got.Digest != want.Digest {
			t.Fatalf("amounts (-without +with):\n%s", diff)
		}
	})
}

// A higher cap never leaves more unspent, and never pays the largest project less.
func TestCapIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, contributions, weights := drawParams(t), drawContributions(t), drawWeights(t)
		if p.Cap.IsZero() {
			p.Cap = funding.Units(rapid.Uint64Range(1, 1<<38).Draw(t, "cap"))
		}
		low := match(t, p, contributions, weights)
		p.Cap, _ = p.Cap.Add(funding.Units(rapid.Uint64Range(1, 1<<39).Draw(t, "more")))
		high := match(t, p, contributions, weights)
		if high.Unallocated.Cmp(low.Unallocated) > 0 {
			t.Fatalf("cap %v leaves %v, the lower one %v", p.Cap, high.Unallocated, low.Unallocated)
		}
		if largest(high).Cmp(largest(low)) < 0 {
			t.Fatalf("cap %v pays %v at most, the lower one %v", p.Cap, largest(high), largest(low))
		}
	})
}

func largest(r funding.Result) funding.Amount {
	var most funding.Amount
	for _, p := range r.Projects {
		if p.Amount.Cmp(most) > 0 {
			most = p.Amount
		}
	}
	return most
}

func TestResultIsReadBackToTheSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := match(t, drawParams(t), drawContributions(t), drawWeights(t))
		b, err := r.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		var again funding.Result
		if err := canonical.Unmarshal(b, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Fatalf("result (-want +got):\n%s", diff)
		}
	})
}

// An effect is the difference between two matches: with the donor's gifts to the project, and without.
func TestEffectIsTheDifferenceOfTwoMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, contributions, weights := drawParams(t), drawContributions(t), drawWeights(t)
		if p.Rule == funding.Cluster {
			p.Rule = funding.Quadratic
		}
		contributions = append(contributions, drawContribution(t))
		project := contributions[0].Project
		effects, err := funding.Effect(p, contributions, weights, project)
		if err != nil {
			t.Fatal(err)
		}
		with := find(match(t, p, contributions, weights), project)
		if int64(len(effects)) != with.Donors {
			t.Fatalf("%d effects of %d donors", len(effects), with.Donors)
		}
		for _, e := range effects {
			rest := slices.DeleteFunc(slices.Clone(contributions), func(c funding.Contribution) bool {
				return c.Donor == e.Donor && c.Project == project
			})
			without := find(match(t, p, rest, weights), project)
			fall := new(big.Int).Sub(with.Raw.Big(), without.Raw.Big())
			if e.With != with.Amount || e.Without != without.Amount || e.Raw.Big().Cmp(fall) != 0 {
				t.Fatalf("%s: %+v; the matches say %v, %v, %v", e.Donor, e, with.Amount, without.Amount, fall)
			}
		}
	})
}

func find(r funding.Result, project string) funding.Project {
	for _, p := range r.Projects {
		if p.Project == project {
			return p
		}
	}
	return funding.Project{Project: project}
}

func TestListedProjectsAreInTheResult(t *testing.T) {
	r, err := funding.NewRound(funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(10)})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"pond", "Garden", "école", "pond"} {
		if err := r.List(id); err != nil {
			t.Fatal(err)
		}
	}
	got, err := r.Match()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Garden": "0", "pond": "0", "école": "0"}
	if diff := cmp.Diff(want, amounts(got)); diff != "" || got.Projects[2].Project != "école" || got.Unallocated != funding.Units(10) {
		t.Errorf("%v left of 10, projects (-want +got):\n%s", got.Unallocated, diff)
	}
	// sha256sum of "Garden=0\npond=0\nécole=0"
	if want := "d38e38c88c5884dd7e3940cfc36efe5912a437d52b25fbb58ca9f179a5ba81e3"; got.Digest.String() != want {
		t.Errorf("digest %v, want %s", got.Digest, want)
	}
}

// Two units are left over among three equal remainders: the smaller ids get them.
func TestTiesGoToTheSmallerId(t *testing.T) {
	var contributions []funding.Contribution
	for _, p := range []string{"c", "a", "b"} {
		for _, d := range []string{"x", "y"} {
			contributions = append(contributions, funding.Contribution{Donor: d, Project: p, Amount: funding.Units(100)})
		}
	}
	r, err := funding.Match(funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(101)}, contributions, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "34", "b": "34", "c": "33"}, amounts(r)); diff != "" {
		t.Errorf("amounts (-want +got):\n%s", diff)
	}
}

func TestSheetShowsTheNumbersOfTheResult(t *testing.T) {
	r, err := funding.Match(funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(7)},
		[]funding.Contribution{{Donor: "x", Project: "a", Amount: funding.Units(4)}, {Donor: "y", Project: "a", Amount: funding.Units(9)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := funding.Sheet(r)
	if err != nil {
		t.Fatal(err)
	}
	// roots 2 and 3 in 2^-32; W = 2·2·3 in 2^-64
	want := "project,donors,sum,weighted,roots,squares,raw,share,remainder,capped,amount\n" +
		"a,2,13,13,21474836480,239807672958224171008,221360928884514619392,7,0,false,7\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("sheet (-want +got):\n%s", diff)
	}
}
