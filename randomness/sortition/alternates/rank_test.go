package alternates_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/sortition/quota"
)

// expected is the sum over members of what the panel costs when that one drops out, with the best of
// the list or an empty seat.
func (w *world) expected(panel, list []string) int64 {
	var sum int64
	for i := range panel {
		rest := slices.Delete(slices.Clone(panel), i, i+1)
		best := w.measure(rest).Cost
		for _, id := range list {
			best = min(best, w.measure(append(slices.Clone(rest), id)).Cost)
		}
		sum += best
	}
	return sum
}

// panel seats people by ticket, one of a household.
func (w *world) panel() []string {
	var out []string
	for int64(len(out)) < w.problem.Size {
		free := w.free(out, nil)
		if len(free) == 0 {
			break
		}
		out = append(out, free[0].ID)
	}
	return out
}

// lists visits every list of n people who may stand together as alternates.
func (w *world) lists(panel, list []string, n int, visit func([]string)) {
	if n == 0 {
		visit(list)
		return
	}
	free := w.free(append(slices.Clone(panel), list...), nil)
	if len(free) == 0 {
		visit(list)
	}
	for _, p := range free {
		w.lists(panel, append(slices.Clone(list), p.ID), n-1, visit)
	}
}

func TestRankTakesOffWhatItsBoundPromises(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	compared, best := 0, 0
	for range 120 {
		w := random(t, rng, 6+rng.IntN(5))
		panel := w.panel()
		list, err := w.pool.Rank(panel, 3)
		if err != nil {
			t.Fatal(err)
		}
		empty := w.expected(panel, nil)
		for n := range len(list) + 1 {
			least := empty
			w.lists(panel, nil, n, func(l []string) { least = min(least, w.expected(panel, l)) })
			got := empty - w.expected(panel, list[:n])
			compared++
			if got == empty-least {
				best++
			}
			bound := int64(5000) // where people share households
			if len(w.problem.Classes) == 0 {
				bound = 6321
			}
			if 10000*got < bound*(empty-least) || n <= 1 && got != empty-least {
				t.Fatalf("%d alternates take off %d, %d is possible", n, got, empty-least)
			}
		}
	}
	t.Logf("%d of %d lists are the best possible", best, compared)
	if compared < 250 || best*20 < compared*19 {
		t.Errorf("%d of %d lists are the best possible", best, compared)
	}
}

func TestAListIsALongerOnesBeginningAndHasEachHouseholdOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 200 {
		w := random(t, rng, 12)
		panel := w.panel()
		all, err := w.pool.Rank(panel, 12)
		if err != nil {
			t.Fatal(err)
		}
		n := rng.IntN(len(all) + 1)
		short, err := w.pool.Rank(panel, n)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all[:n], short); diff != "" {
			t.Fatal(diff)
		}
		for i := range all {
			may := func(p quota.Person) bool { return p.ID == all[i] }
			if !slices.ContainsFunc(w.free(append(slices.Clone(panel), all[:i]...), nil), may) {
				t.Fatalf("%s may not be listed", all[i])
			}
		}
		if rest := w.free(append(slices.Clone(panel), all...), nil); len(rest) > 0 {
			t.Fatalf("%d people are left out", len(rest))
		}
	}
}

func TestRankRefusesWhatIsNoPanel(t *testing.T) {
	w := pairWorld(t)
	for _, panel := range [][]string{{idOf(99)}, {idOf(1), idOf(1)}, {idOf(1), idOf(2), idOf(3)}} {
		if got, err := w.pool.Rank(panel, 1); err == nil {
			t.Errorf("ranked %v", got)
		}
	}
	if got, err := w.pool.Rank([]string{idOf(1)}, -1); err == nil {
		t.Errorf("ranked %v", got)
	}
}
