package seating_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/randomness"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service/seating"
)

// town is a draw of panels whose people can be looked at one by one.
type town struct {
	people []quota.Person // person n stands at n-1
	panel  seating.Panel
}

// newTown makes a small pool, quotas that may be impossible, and a line of people who may sit together.
func newTown(t *rapid.T) *town {
	w := &town{}
	features := rapid.IntRange(1, 2).Draw(t, "features")
	for n := range rapid.IntRange(2, 10).Draw(t, "people") {
		p := quota.Person{ID: person(n + 1)}
		if home := rapid.IntRange(0, 6).Draw(t, "home"); home < 3 {
			p.Household = fmt.Sprint("home ", home)
		}
		for range features {
			p.Values = append(p.Values, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "value"))
		}
		w.people = append(w.people, p)
	}
	seated := int64(0)
	if rapid.Bool().Draw(t, "somebody seated before") {
		w.people[0].Standing, seated = quota.Seated, 1
		w.people[1].Household = "" // somebody may sit beside them
	}
	taken := map[string]bool{w.people[0].Household: seated == 1}
	for _, p := range w.people[seated:] {
		if len(w.panel.Line) < 4 && (p.Household == "" || !taken[p.Household]) && (len(w.panel.Line) == 0 || rapid.Bool().Draw(t, "drawn")) {
			w.panel.Line = append(w.panel.Line, p.ID)
			taken[p.Household] = true
		}
	}
	w.pool(t, features, int64(len(w.panel.Line))+seated)
	return w
}

func (w *town) pool(t *rapid.T, features int, size int64) {
	var quotas []quota.Quota
	for f := range features {
		for _, v := range []string{"a", "b"} {
			least := rapid.Int64Range(0, 2).Draw(t, "least")
			q := quota.Quota{Feature: fmt.Sprint("f", f), Value: v, Min: least, Max: least + rapid.Int64Range(1, 3).Draw(t, "more")}
			quotas = append(quotas, q)
		}
	}
	p, err := quota.New(size, quotas, w.people)
	if err != nil {
		t.Fatal(err)
	}
	if w.panel.Pool, err = alternates.NewPool(p, randomness.Seed{9}); err != nil {
		t.Fatal(err)
	}
}

// free says whether the person may be asked: a candidate, never asked, of nobody's household who holds.
func (w *town) free(id string, holding, asked []string) bool {
	var who quota.Person
	for _, p := range w.people {
		if p.ID == id {
			who = p
		}
	}
	if who.ID == "" || who.Standing != quota.Candidate || slices.Contains(holding, id) || slices.Contains(asked, id) {
		return false
	}
	return !slices.ContainsFunc(w.people, func(p quota.Person) bool {
		return p.Household != "" && p.Household == who.Household && (p.Standing == quota.Seated || slices.Contains(holding, p.ID))
	})
}

func newPanelCrowd(t *rapid.T) *crowd {
	w := newTown(t)
	drawn := int64(0)
	c := &crowd{result: sortition.Result{Commit: beacon.Hash{1}, Panel: &drawn, V: 1}, now: opened, town: w, ids: people(1, len(w.people)+2)}
	c.jury = c.fresh(t)
	return c
}

// Tempt tries the offers that are due in another order, and to others.
func (c *crowd) Tempt(t *rapid.T) {
	due := c.jury.Due(c.now)
	if len(due) == 0 {
		return
	}
	m := rapid.SampledFrom(due).Draw(t, "of those due")
	switch rapid.IntRange(0, 4).Draw(t, "how") {
	case 0:
		m.Seat = rapid.Int64Range(1, 4).Draw(t, "seat")
	case 1:
		if m.ID != "" {
			m.ID = rapid.SampledFrom(c.ids).Draw(t, "id")
		}
	case 2:
		m = seating.Move{Act: seating.Exhaust, At: m.At, Seat: m.Seat}
	}
	_ = c.try(t, m)
}

// tale tells the accepted moves again, with a filling made at once after each record that vacates a seat.
type tale struct {
	*town
	holders   []string // by seat; "" where it is vacant or empty
	deadlines []int64
	first     int // seats offered so far to the line
	empty     map[int]bool
	asked     []string
	filling   []string
}

// holding counts those of the line who are still to be invited.
func (w *tale) holding() []string {
	out := slices.Clone(w.panel.Line[w.first:])
	for _, id := range w.holders {
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

func (w *tale) vacant() (out []int) {
	for i := range w.first {
		if w.holders[i] == "" && !w.empty[i] {
			out = append(out, i)
		}
	}
	return out
}

func (c *crowd) checkFillings(t *rapid.T) {
	line := c.town.panel.Line
	w := &tale{town: c.town, holders: make([]string, len(line)), deadlines: make([]int64, len(line)), empty: map[int]bool{}}
	for _, m := range c.log {
		switch m.Act {
		case seating.Invite, seating.Exhaust:
			w.offer(t, m)
		case seating.Accept:
			w.deadlines[m.Seat-1] = 0
		case seating.Decline, seating.Defer, seating.Expire, seating.Undeliverable, seating.Withdraw:
			w.vacate(t, m)
		}
	}
}

func (w *tale) offer(t *rapid.T, m seating.Move) {
	seat := int(m.Seat - 1)
	for i, d := range w.deadlines {
		if d != 0 && d <= m.At {
			t.Fatalf("%+v while seat %d is past its deadline", m, i+1)
		}
	}
	switch {
	case w.first < len(w.panel.Line):
		if m.Act != seating.Invite || seat != w.first || m.ID != w.panel.Line[seat] {
			t.Fatalf("%+v before the line was invited", m)
		}
		w.first++
	case seat != w.vacant()[0]:
		t.Fatalf("%+v, vacant are %v", m, w.vacant())
	case m.Act == seating.Exhaust:
		if len(w.filling) > 0 {
			t.Fatalf("%+v with %v to come", m, w.filling)
		}
		w.empty[seat] = true
		return
	case len(w.filling) == 0 || m.ID != w.filling[0] || !w.free(m.ID, w.holding(), w.asked):
		t.Fatalf("%+v, the filling is %v", m, w.filling)
	default:
		w.filling = w.filling[1:]
	}
	w.holders[seat], w.deadlines[seat] = m.ID, m.Deadline
}

func (w *tale) vacate(t *rapid.T, m seating.Move) {
	w.asked = append(w.asked, w.holders[m.Seat-1])
	w.holders[m.Seat-1], w.deadlines[m.Seat-1] = "", 0
	var err error
	w.filling, err = w.panel.Pool.Fill(alternates.State{Holding: w.holding(), Asked: w.asked, Open: int64(len(w.vacant()))})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhateverAnybodyTriesPanelAndSeedDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newPanelCrowd(t)
		t.Repeat(map[string]func(*rapid.T){
			"wait": c.Wait, "settle": c.Settle, "half": c.Half, "anything": c.Anything, "answer": c.Answer, "tempt": c.Tempt, "": c.Check,
		})
	})
}
