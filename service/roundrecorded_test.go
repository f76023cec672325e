package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// sameBothWays tells a round from its rows and from its records, and compares the bytes of all versions.
func (c *polity) sameBothWays(t testing.TB, r service.RoundView) (versions []string) {
	t.Helper()
	want, slow, err := c.Retell(t.Context(), r.ID, 1000)
	must(t, err)
	for _, size := range []int{1000, 1, 3} {
		n, fast, err := c.Recount(t.Context(), r.ID, size)
		must(t, err)
		if diff := cmp.Diff(slow, fast); diff != "" || n != want {
			t.Errorf("%d gifts from the rows by %d and %d from the records: %s", n, size, want, diff)
		}
	}
	return slow
}

// bankRound is an open round that a bank pays into, with three approved projects.
func (c *polity) bankRound(slug string) service.RoundView {
	in := c.newRound(slug)
	in.Connectors = []grants.Connector{{ID: "bank", Key: publicKey(person("bank"))}}
	r := c.openedRound(in)
	c.approvedProjects(r, "mill", "weir", "dam")
	c.clock.Store(r.GiftsStart)
	return r
}

// anyGiving does what numbers say while gifts are taken.
func (c *polity) anyGiving(r service.RoundView, step int, given *[]int64) {
	project, who, units := []string{"mill", "weir", "dam"}[step%3], 3+step/3%3, uint64(step%977+1)
	switch what := step / 64 % 16; what {
	case 0:
		_, err := c.TopUp(c.t.Context(), c.steward, r.ID, service.NewTopup{Amount: funding.Units(units), Reference: fmt.Sprint(step)})
		must(c.t, err)
	case 1:
		_, err := c.SetWeights(c.t.Context(), c.steward, r.ID, service.NewWeights{Source: "x", Weights: []funding.Weight{{Donor: donor(who), PPM: int64(step)}}})
		must(c.t, err)
	case 2, 3, 4:
		if len(*given) > 0 {
			i := step % len(*given)
			_, err := c.RefundGift(c.t.Context(), c.steward, r.ID, (*given)[i], grants.ForAsked)
			must(c.t, err)
			*given = slices.Delete(*given, i, i+1)
		}
	case 5, 6, 7, 8:
		x := grants.Paid{Amount: fmt.Sprint(units), Donor: donor(who), Project: project, Reference: fmt.Sprintf("no <%d> é", c.logSize()), Round: r.Hash}
		add, err := x.Sign(person("bank"), "bank", 0)
		must(c.t, err)
		receipt, err := c.Give(c.t.Context(), r.ID, add)
		must(c.t, err)
		*given = append(*given, receipt.Promise.N)
	default:
		*given = append(*given, c.donate(r, who, project, fmt.Sprint(units)).Promise.N)
	}
	c.clock.Add(int64(step % 5))
}

func TestARoundFromItsRowsIsTheRoundOfItsRecords(t *testing.T) {
	c := newGivers(t, 6)
	script := rapid.SliceOfN(rapid.IntRange(0, 1<<16), 24, 48)
	for i := range 6 {
		r := c.bankRound(fmt.Sprint("round-", i))
		var given []int64
		for _, step := range script.Example(i) {
			c.anyGiving(r, step, &given)
		}
		if i%2 == 1 {
			c.movedProject(c.owned(r, grants.Withdraw, 1, "weir"))
		}
		for who := range 3 {
			c.donate(r, 3+who, "dam", "7700")
		}
		c.final(r)
		c.corrected(r, "struck", grants.Correction{Donor: c.pseudonym(r, 4), What: grants.Struck})
		c.corrected(r, "struck", grants.Correction{Project: "mill", What: grants.Struck})
		must(t, c.pay(r, 3, "dam", "1", "a"))
		if versions := c.sameBothWays(t, r); len(versions) != 3 {
			t.Errorf("round %d has %d versions, want 3", i, len(versions))
		}
		c.audited(r)
	}
}

// altered is the real store, whose rows of gifts and acts read otherwise than they were written.
type altered struct {
	service.Store
	gifts func([]service.Gift) []service.Gift
	acts  func([]service.Act) []service.Act
	round func(*service.Round)
}

type alteredTx struct {
	service.Tx
	by altered
}

func (s altered) Read(ctx context.Context, fn func(service.Tx) error) error {
	return s.Store.Read(ctx, func(tx service.Tx) error { return fn(alteredTx{tx, s}) })
}

func (t alteredTx) Gifts(round, donor string, after int64, limit int) ([]service.Gift, error) {
	if t.by.gifts == nil {
		return t.Tx.Gifts(round, donor, after, limit)
	}
	list, err := t.Tx.Gifts(round, donor, 0, 1000)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(t.by.gifts(list), func(g service.Gift) bool { return g.N <= after })
	return list[:min(limit, len(list))], nil
}

func (t alteredTx) Acts(round string, kind audit.Kind, after int64, limit int) ([]service.Act, error) {
	list, err := t.Tx.Acts(round, kind, after, limit)
	if t.by.acts != nil && len(list) > 0 {
		list = t.by.acts(list)
	}
	return list, err
}

func (t alteredTx) Round(id string) (service.Round, error) {
	r, err := t.Tx.Round(id)
	if t.by.round != nil {
		t.by.round(&r)
	}
	return r, err
}

func TestRowsThatDoNotFitGiveNoResult(t *testing.T) {
	c := newGivers(t, 6)
	r := c.bankRound("spring")
	var given []int64
	for i := range 5 {
		given = append(given, c.donate(r, 3+i%3, "mill", fmt.Sprint(100+i)).Promise.N)
	}
	_, err := c.RefundGift(t.Context(), c.steward, r.ID, given[1], grants.ForAsked)
	must(t, err)
	given = append(given, c.donate(r, 3, "dam", "9").Promise.N)
	c.clock.Store(r.GiftsEnd)
	c.work()
	c.sameBothWays(t, r)
	last := len(given) - 1
	gone := func(i int) func([]service.Gift) []service.Gift {
		return func(l []service.Gift) []service.Gift { return slices.Delete(l, i, i+1) }
	}
	changed := func(i int, do func(*service.Gift)) func([]service.Gift) []service.Gift {
		return func(l []service.Gift) []service.Gift { do(&l[i]); return l }
	}
	for name, tc := range map[string]struct {
		as   altered
		want string
	}{
		"the first gift is gone":  {altered{gifts: gone(0)}, fmt.Sprintf("record %d is neither a gift nor an act", given[0])},
		"a gift is gone":          {altered{gifts: gone(2)}, fmt.Sprintf("record %d is neither a gift nor an act", given[2])},
		"the last gift is gone":   {altered{gifts: gone(last)}, "a row is missing"},
		"all gifts are gone":      {altered{gifts: func([]service.Gift) []service.Gift { return nil }}, "a row is missing"},
		"a gift too many":         {altered{gifts: func(l []service.Gift) []service.Gift { g := l[last]; g.N += 7; return append(l, g) }}, "whose numbers are no records"},
		"another amount":          {altered{gifts: changed(0, func(g *service.Gift) { g.Amount = funding.Units(1) })}, "what is kept of the gift"},
		"another project":         {altered{gifts: changed(0, func(g *service.Gift) { g.Project = "weir" })}, "what is kept of the gift"},
		"marked as refunded":      {altered{gifts: changed(0, func(g *service.Gift) { g.Refunded = true })}, "marked as refunded"},
		"not marked as refunded":  {altered{gifts: changed(1, func(g *service.Gift) { g.Refunded = false })}, "whose row does not say so"},
		"another count":           {altered{round: func(r *service.Round) { r.Gifts++ }}, "its row says"},
		"another pool":            {altered{round: func(r *service.Round) { r.Pool = funding.Units(1) }}, "its row says"},
		"the refund is gone":      {altered{acts: func(l []service.Act) []service.Act { return slices.Delete(l, len(l)-3, len(l)-2) }}, "neither a gift nor an act"},
		"the last record is gone": {altered{acts: func(l []service.Act) []service.Act { return l[:len(l)-1] }}, "the newest row is of record"},
	} {
		t.Run(name, func(t *testing.T) {
			o := c.Options
			tc.as.Store = c.Options.Store
			o.Store = tc.as
			s, err := service.New(o)
			must(t, err)
			for _, size := range []int{1000, 1, 2, 3, 4, 5, 6} { // wherever a page ends
				_, _, err = s.Recount(t.Context(), r.ID, size)
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("pages of %d: error %v, want %q", size, err, tc.want)
				}
			}
		})
	}
}

// A count of gifts in the close that is not that of the rows is refused by the rule of the close.
func TestACloseThatCountsOtherwiseIsRefused(t *testing.T) {
	c := newGivers(t, 6)
	r := c.bankRound("spring")
	c.donate(r, 3, "mill", "100")
	c.clock.Store(r.GiftsEnd)
	c.work()
	o := c.Options
	o.Store = altered{Store: o.Store, acts: func(l []service.Act) []service.Act {
		for i := range l {
			l[i].Body = []byte(strings.Replace(string(l[i].Body), `"gifts":1}`, `"gifts":2}`, 1))
		}
		return l
	}}
	s, err := service.New(o)
	must(t, err)
	_, _, err = s.Recount(t.Context(), r.ID, 1000)
	var refusal *grants.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != grants.RuleRecord {
		t.Errorf("error %v, want a refusal by rule %s", err, grants.RuleRecord)
	}
}
