package quota

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// twoPairs is six people, three of them "A" and "x", three "B" and "y".
func twoPairs(t *testing.T, a, b, x, y Quota) *Problem {
	a.Feature, a.Value, b.Feature, b.Value = "one", "A", "one", "B"
	x.Feature, x.Value, y.Feature, y.Value = "two", "x", "two", "y"
	return problem(t, 4, []Quota{a, b, x, y}, []string{"3", "A", "x"}, []string{"3", "B", "y"})
}

func TestNearestQuotasMoveAsLittleAsPossible(t *testing.T) {
	p := twoPairs(t, q("", "", 3, 3), q("", "", 1, 1), q("", "", 1, 1), q("", "", 3, 3))
	got, err := Nearest(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	// Three seats lowered by 1000 + 2000/3 and raised by 1000 twice, whichever pair gives way.
	if got.Cost != 5332 || !got.Proved {
		t.Errorf("%+v", got)
	}
}

func TestNearestQuotasStayWithinTheFlexibleBounds(t *testing.T) {
	firm := func(n int64) Quota { return flexible(q("", "", n, n), n, n) }
	p := twoPairs(t, firm(3), firm(1), q("", "", 1, 1), flexible(q("", "", 3, 3), 0, 3))
	got, err := Nearest(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	changes := []Change{{Feature: "two", Value: "x", Raise: 2}, {Feature: "two", Value: "y", Lower: 2}}
	if diff := cmp.Diff(changes, got.Changes); diff != "" || got.Cost != 5332 || !got.Proved {
		t.Errorf("%+v\n%s", got, diff)
	}
	p = twoPairs(t, firm(3), firm(1), flexible(q("", "", 1, 1), 0, 2), firm(3))
	if got, err = Nearest(t.Context(), p); err != nil || got.Conflict == nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := got.Conflict.Check(p.Flexible()); err != nil {
		t.Error(err)
	}
}

func TestChangesAreOfTheWholePanel(t *testing.T) {
	quotas := gender([2]int64{0, 1}, [2]int64{1, 2})
	people := []Person{{ID: "a", Values: []string{"m"}, Standing: Seated}, {ID: "b", Values: []string{"m"}, Standing: Seated}, {ID: "c", Values: []string{"m"}}, {ID: "d", Values: []string{"m"}}}
	p, err := New(3, quotas, people)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Nearest(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := gender([2]int64{0, 1}, [2]int64{1, 3})
	if diff := cmp.Diff(want, got.Apply(quotas)); diff != "" {
		t.Error(diff)
	}
}

func TestNearestQuotasAreThoseOfAllPanelsOfTinyPools(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, people := tinyPool(t)
		best, found := cheapest(p)
		got, err := Nearest(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			if got.Conflict == nil {
				t.Fatalf("%+v, and no panel is within the flexible bounds", got)
			}
			if err := got.Conflict.Check(p.Flexible()); err != nil {
				t.Fatal(err)
			}
			return
		}
		if got.Conflict != nil || got.Cost != best || !got.Proved {
			t.Fatalf("%+v, the cheapest changes cost %d", got, best)
		}
		quotas := []Quota{}
		for _, r := range p.Rows {
			if r.Kind == OfQuota {
				quotas = append(quotas, q(r.Feature, r.Value, r.Min, r.Max))
			}
		}
		changed, err := New(p.Size, got.Apply(quotas), people)
		if err != nil {
			t.Fatal(err)
		}
		if !newSystem(changed, nil).holds(got.Panel) {
			t.Fatalf("panel %v does not meet the changed quotas", got.Panel)
		}
	})
}

// cheapest prices every vector of seats within the flexible bounds.
func cheapest(p *Problem) (best int64, found bool) {
	wide, n := newSystem(p.Flexible(), nil), newNearest(p)
	var walk func(x []int64)
	walk = func(x []int64) {
		if len(x) < len(p.Types) {
			for v := range p.Types[len(x)].Cap + 1 {
				walk(append(x, v))
			}
			return
		}
		if !wide.holds(x) {
			return
		}
		if _, cost := n.price(x); !found || cost < best {
			best, found = cost, true
		}
	}
	walk(nil)
	return best, found
}
