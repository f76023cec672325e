package service_test

import (
	"fmt"
	"testing"
	"time"

	"kleroterion/service"
	"kleroterion/service/grants"
)

// givesMany imports n payments of the members to the projects, all of different amounts.
func (c *polity) givesMany(r service.RoundView, n, members int, projects []string) {
	c.t.Helper()
	for from := 0; from < n; from += 10_000 {
		var list []grants.GiftAdd
		for i := from; i < min(from+10_000, n); i++ {
			add, err := (grants.Paid{Amount: fmt.Sprint(100 + i*7919%100_003), Donor: donor(i % members), Project: projects[(i/members)%len(projects)],
				Reference: fmt.Sprint(i), Round: r.Hash}).Sign(person("bank"), "bank", 0)
			must(c.t, err)
			list = append(list, add)
		}
		_, err := c.ImportGifts(c.t.Context(), c.steward, r.ID, list)
		must(c.t, err)
	}
}

// largeRound has n gifts of members who own nothing, and is about to close.
func (c *polity) largeRound(n, members, projects int) service.RoundView {
	c.t.Helper()
	in := c.newRound("large")
	in.Self, in.Connectors = grants.SelfAllowed, []grants.Connector{{ID: "bank", Key: publicKey(person("bank"))}}
	r := c.openedRound(in)
	names := make([]string, projects)
	for i := range names {
		names[i] = fmt.Sprintf("p%03d", i)
		c.movedProject(c.owned(r, grants.Apply, i%members, names[i]))
		c.reviewed(r, names[i], "rita", true)
	}
	c.clock.Store(r.GiftsStart)
	c.givesMany(r, n, members, names)
	return r
}

func TestRecordsOfAllPagesAreRead(t *testing.T) {
	c := newGivers(t, 6)
	r := c.final(c.largeRound(40, 6, 3))
	for _, size := range []int{1, 2, 24, 49, 50, 1000} { // an opening, 6 moves, 40 gifts, a close and a result
		gifts, versions, err := c.Retell(t.Context(), r.ID, size)
		if err != nil || gifts != 40 || len(versions) != 1 {
			t.Errorf("pages of %d: %d gifts, %d versions, %v", size, gifts, len(versions), err)
		}
	}
	c.audited(r)
}

func BenchmarkRoundOf10000GiftsIsFinalised(b *testing.B) {
	c := newGivers(b, 50)
	r := c.largeRound(10_000, 50, 50)
	c.clock.Store(r.GiftsEnd)
	_, err := c.Step(b.Context()) // closes it
	must(b, err)
	for b.Loop() {
		_, err := c.Step(b.Context())
		must(b, err)
	}
	if c.now(r).State != service.RoundFinal {
		b.Fatal("not final")
	}
	for i := range 3 { // the first is worked out from the records, the others from what it left
		began := time.Now()
		_, err := c.ProjectSheet(b.Context(), r.ID, 0, fmt.Sprintf("p%03d", i))
		must(b, err)
		b.Logf("sheet %d: %s", i, time.Since(began))
	}
}
