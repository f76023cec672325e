package funding

import (
	"fmt"
	"math/big"
	"testing"
)

// ledgerOf is a round of 60 donors and 9 projects, in which donors differ in how many projects they know.
func ledgerOf(t *testing.T, rule Rule) *ledger {
	t.Helper()
	p := Params{Spec: Spec, Rule: rule}
	if rule == Pairwise {
		p.M = Units(2500)
	}
	r, err := NewRound(p)
	if err != nil {
		t.Fatal(err)
	}
	for d := range 60 {
		for k := range 1 + d%5 {
			c := Contribution{fmt.Sprintf("d%02d", d), fmt.Sprintf("p%d", (d*d+k*(d%3+1))%9), Units(uint64(100 + d*d*(k+1)*37%5000))}
			if err := r.Add(c); err != nil {
				t.Fatal(err)
			}
		}
	}
	l, err := r.ledger()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func wantSame(t *testing.T, what string, want, got []*big.Int) {
	t.Helper()
	positive := 0
	for i := range want {
		positive += want[i].Sign()
		if want[i].Cmp(got[i]) != 0 {
			t.Errorf("%s: project %d has %v, want %v", what, i, got[i], want[i])
		}
	}
	if positive == 0 {
		t.Errorf("%s: nothing is matched", what)
	}
}

func TestPairwiseIsTheSameOnEveryPath(t *testing.T) {
	l, m := ledgerOf(t, Pairwise), Units(2500)
	want := pairwise(l, m, 1)
	for _, workers := range []int{2, 3, 8, 100} {
		wantSame(t, fmt.Sprint(workers, " workers"), want, pairwise(l, m, workers))
	}
	lists, at := l.lists()
	wantSame(t, "large", want, l.pairwiseLarge(m, lists, at))
}

func TestClusterIsTheSameOnEveryPath(t *testing.T) {
	l := ledgerOf(t, Cluster)
	want := cluster(l, 1, clusterCache)
	for _, workers := range []int{2, 3, 8, 100} {
		wantSame(t, fmt.Sprint(workers, " workers"), want, cluster(l, workers, clusterCache))
	}
	wantSame(t, "without room", want, cluster(l, 2, 0))
}

// The bounds of the fast path are where they are said to be: one bit more and it is not taken.
func TestPairsAreSmallUpToTheirBounds(t *testing.T) {
	for name, c := range map[string]struct {
		m, gift Amount
		want    bool
	}{
		"cents":            {Units(2500), Units(100000), true},
		"at the bound":     {Units(1<<30 - 1), Units(1<<31 - 1), true},
		"m too large":      {Units(1 << 61), Units(1), false},
		"gift too large":   {Units(1), Units(1 << 61), false},
		"product too":      {Units(1 << 30), Units(1 << 31), false},
		"gift of 65 bits":  {Units(1), Amount{wide{1, 0}}, false},
		"bound of 65 bits": {Amount{wide{1, 0}}, Units(1), false},
	} {
		r, err := NewRound(Params{Spec: Spec, Rule: Pairwise, M: c.m})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []string{"a", "b"} {
			if err := r.Add(Contribution{d, "p", c.gift}); err != nil {
				t.Fatal(err)
			}
		}
		l, err := r.ledger()
		if err != nil {
			t.Fatal(err)
		}
		if got := l.smallPairs(c.m); got != c.want {
			t.Errorf("%s: small is %v, want %v", name, got, c.want)
		}
		lists, at := l.lists()
		wantSame(t, name, l.pairwiseLarge(c.m, lists, at), pairwise(l, c.m, 2))
	}
}
