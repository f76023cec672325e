package verify

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/alternates"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/seating"
)

// threeOfEach is a lottery over 20 panels with three people of each district, made by hand so that bundles have
// fixed bytes. Its proof has a gap, for the districts are not equally large.
func threeOfEach(p *quota.Problem) *panels.Result {
	r := &panels.Result{V: 1, Method: panels.Leximin, Panels: 20, Lottery: []panels.Panel{{Copies: 20}}, Unseatable: []panels.Unseatable{}, Cuts: []panels.Cut{},
		Levels: []panels.Level{{Probability: panels.Ratio{Rat: big.NewRat(9, p.People())}, Multipliers: []panels.Multiplier{{Row: 0, Times: 1}}}}}
	for t, ty := range p.Types {
		r.Lottery[0].Seats = append(r.Lottery[0].Seats, panels.Seats{Type: t, Count: 3})
		r.Probabilities = append(r.Probabilities, panels.Ratio{Rat: big.NewRat(3, int64(len(ty.Members)))})
	}
	return r
}

// drawPanel draws the jury from a panel of nine, with two to four people of each district.
func (c *commune) drawPanel() {
	c.t.Helper()
	terms := panelfile.Terms{Size: 9, Seated: []string{}, Excluded: []string{c.hexOf(0)}}
	for _, d := range []string{"east", "north", "south"} {
		terms.Quotas = append(terms.Quotas, quota.Quota{Feature: "district", Value: d, Min: 2, Max: 4})
	}
	problem, err := terms.Problem(panelfile.Entries(c.register))
	if err != nil {
		c.t.Fatal(err)
	}
	list, named, err := panelfile.Build(panelfile.Entries(c.register), terms, threeOfEach(problem))
	if err != nil {
		c.t.Fatal(err)
	}
	c.list()
	c.openPanels(1000, 123, list, named, func(m *sortition.Manifest) { m.OnePerHousehold = false })
	c.draw()
	c.panel = &seating.Panel{}
	if c.panel.Line, err = panelfile.Panel(list, panelfile.Entries(c.register), *c.result.Panel); err != nil {
		c.t.Fatal(err)
	}
	if c.panel.Pool, err = alternates.NewPool(problem, randomness.Seed(c.result.Seed)); err != nil {
		c.t.Fatal(err)
	}
}

// beneath is a community with a jury from a panel, ready to be asked.
func beneath(t testing.TB) *commune {
	t.Helper()
	c := newCommune(t)
	c.drawPanel()
	c.found(nil)
	c.people()
	c.seatJury()
	return c
}

func TestAPollWithAJuryFromAPanelHolds(t *testing.T) {
	c := beneath(t)
	c.openPoll(c.question(), nil)
	c.finishPoll()
	opts, checked := brought(t), 0
	opts.Progress = func(step string, done, _ int64) {
		if step == "panels" && done == 0 {
			checked++
		}
	}
	r := checkBundle(t, c.packPoll(), opts)
	if !r.OK || checked != 1 {
		t.Fatalf("list checked %d times, report:\n%s", checked, text(t, r))
	}
	for no, want := range map[int]string{6: "9 people drawn among 200 people; each of 20 panels has 9 people", 7: "jury: 9 of 9 seats held, 5 replacements, none out of order",
		8: "jury 1/5 with 8 electors, 1 juror recused"} {
		if got := r.Checks[no-1].Evidence; !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

// panelMutants are polls with a false jury from a panel.
func panelMutants() []mutant {
	return []mutant{
		{"a seat offered to whom the rule does not name", []int{7}, "is not the next move by rule", func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			c.seat(c.answer(seating.Withdraw, 8))
			next := c.jury.Due(c.now)[0]
			next.ID = c.stranger(next.ID)
			c.log(audit.KindSeatMove, seatsSubject, audit.SeatMove{Move: next})
			c.finishPoll()
			return c.packPoll()
		}},
		{"a draw without its list of panels", []int{6}, "check 10 of the draw, draw recomputed: draw 1: the list of panels", repacked(func(c *commune, p *bundle.PollContents) {
			d := c.drawContents(c.note())
			d.Blobs = slices.Delete(d.Blobs, 1, 2)
			p.Draws = []bundle.Draw{drawOf(packed(c.t, d))}
		})},
	}
}

func TestFalseJuriesFromPanelsAreFound(t *testing.T) {
	for _, m := range panelMutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			r := checkBundle(t, m.make(beneath(t)), brought(t))
			if got := failed(r); !slices.Equal(got, m.fails) || !strings.Contains(r.Checks[m.fails[0]-1].Evidence, m.says) {
				t.Errorf("failed %v, want %v and %q:\n%s", got, m.fails, m.says, text(t, r))
			}
		})
	}
}

// stranger is a resident who was never offered a seat, and is not the one named.
func (c *commune) stranger(not string) string {
	c.t.Helper()
	for i := range c.register.Size() {
		id := c.hexOf(i)
		asked := slices.ContainsFunc(c.jury.Seats(), func(s seating.Seat) bool {
			return slices.ContainsFunc(s.History, func(o seating.Offer) bool { return o.ID == id })
		})
		if !asked && id != not && i > 0 {
			return id
		}
	}
	c.t.Fatal("everybody was asked")
	return ""
}
