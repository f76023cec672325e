package seating_test

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/randomness/sortition/alternates"
	"kleroterion/service/seating"
)

func compare(a, b alternates.Measure) int {
	return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(a.Broken, b.Broken))
}

// best tries everybody who may be asked, or all pairs of them, and returns the least measure; false
// where nobody, or no pair, may be asked.
func (w *town) best(t *rapid.T, holding, asked []string, open int) (least alternates.Measure, ok bool) {
	for _, p := range w.people {
		if !w.free(p.ID, holding, asked) {
			continue
		}
		with := append(slices.Clone(holding), p.ID)
		m, found := alternates.Measure{}, true
		if open > 1 {
			m, found = w.best(t, with, asked, open-1)
		} else if measured, err := w.panel.Pool.Measure(with); err != nil {
			t.Fatal(err)
		} else {
			m = measured
		}
		if found && (!ok || compare(m, least) < 0) {
			least, ok = m, true
		}
	}
	return least, ok
}

// TestOneOrTwoDropoutsLeaveTheBestPanelThereIs lets people drop out, one or two at a time, in any way
// that there is, and compares who then holds seats with every other choice.
func TestOneOrTwoDropoutsLeaveTheBestPanelThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newPanelCrowd(t)
		c.Settle(t)
		asked := []string{}
		for range rapid.IntRange(1, 5).Draw(t, "rounds") {
			held := c.jury.Holding()
			gone := min(len(held), rapid.IntRange(1, 2).Draw(t, "dropouts"))
			for _, id := range rapid.Permutation(held).Draw(t, "who")[:gone] {
				c.leave(t, id)
				asked = append(asked, id)
			}
			least, ok := c.town.best(t, c.jury.Holding(), asked, gone)
			c.Settle(t)
			got, err := c.town.panel.Pool.Measure(c.jury.Holding())
			if err != nil {
				t.Fatal(err)
			}
			if ok && (compare(got, least) != 0 || len(c.jury.Holding()) != len(held)) {
				t.Fatalf("%d seats measure %+v, possible is %+v", len(c.jury.Holding()), got, least)
			}
		}
	})
}

// leave lets a person decline, or accept and withdraw.
func (c *crowd) leave(t *rapid.T, id string) {
	for _, s := range c.jury.Seats() {
		if s.Holder != id {
			continue
		}
		m := seating.Move{At: c.now, ID: id, Seat: s.N}
		if s.State == seating.Invited && rapid.Bool().Draw(t, "accepts first") {
			m.Act = seating.Accept
			apply(t, c.jury, m)
			s.State = seating.Serving
		}
		m.Act = seating.Decline
		if s.State == seating.Serving {
			m.Act = seating.Withdraw
		}
		c.dress(t, &m)
		apply(t, c.jury, m)
	}
}
