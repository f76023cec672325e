package storetest

import (
	"errors"
	"fmt"
	"testing"

	"kleroterion/funding"
	"kleroterion/service"
)

// sampleGift is a gift that its donor signed.
func sampleGift(round string, n int64, donor string) service.Gift {
	once := fmt.Sprintf("%s %d", donor, n)
	return service.Gift{
		Round: round, N: n, Donor: donor, Once: once, Same: sum(once), Project: "garden", Amount: funding.Units(500), At: 100 + n,
	}
}

func (s suite) gifts(t *testing.T) {
	s.run(t, []check{
		{"a gift is read back as it was added", readGifts},
		{"a signed gift raises its giver's and its round's counts", countSigned},
		{"a paid gift raises its round's count alone", countPaid},
		{"the time of a round's newest record never goes back", func(t *testing.T, s service.Store) {
			giveIn(t, s, "r1", 0)
			for i, at := range []int64{7, 9, 8} {
				g := sampleGift("r1", int64(i+1), "members/1")
				g.At = at
				addGift(t, s, g, nil)
				same(t, "last time", oneRound(t, s, "r1").LastAt, []int64{7, 9, 9}[i])
			}
		}},
		{"a gift is stale where the giver or the round is not as it was read", staleGifts},
		{"a gift that was recorded under the same name is refused", takenGifts},
		{"a number that is taken and a giver of another gift are defects", wrongGifts},
		{"a gift and its record are one effect", giftAndRecord},
		{"gifts are listed by number, of one donor or all", giftsByNumber},
		{"a gift is refunded once", refunds},
		{"of gifts at once on one count of a giver one is recorded", raceGiver},
		{"of gifts at once under one name one is recorded", raceOnce},
		{"no gift is counted behind the close", raceRoundClose},
	})
}

func readGifts(t *testing.T, s service.Store) {
	giveIn(t, s, "r1", 0)
	giveIn(t, s, "r2", 0)
	full := service.Gift{
		Round: "r1", N: 1 << 40, Donor: "members/m1", Once: "stripe ä\"1", Same: sum("same"), Project: "garden",
		Amount: most(t), Paid: true, At: 1 << 41, Refunded: true,
	}
	sealed := service.Gift{Round: "r1", N: 2, Donor: "members/m2", Once: "x"}
	addGift(t, s, full, nil)
	addGift(t, s, sealed, nil)
	same(t, "full", oneGift(t, s, "r1", full.N), full)
	same(t, "sealed", oneGift(t, s, "r1", 2), sealed)
	same(t, "by name", get(t, s, func(tx service.Tx) (service.Gift, error) { return tx.GiftByOnce("r1", full.Once) }), full)
	missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift("r1", 3) })
	missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift("r2", 2) })
	missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.GiftByOnce("r1", "y") })
	missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.GiftByOnce("r2", "x") })
	again := sealed
	again.Round = "r2" // what names a gift does so within its round
	addGift(t, s, again, nil)
	same(t, "in another round", oneGift(t, s, "r2", 2), again)
}

func countSigned(t *testing.T, s service.Store) {
	one, two := giveIn(t, s, "r1", 3), giveIn(t, s, "r2", 3)
	give := func(n int64, giver service.Giver) {
		t.Helper()
		addGift(t, s, sampleGift("r1", n, giver.Donor), &giver)
	}
	give(2, one[0])
	give(3, one[1])
	one[0].Gifts++
	give(5, one[0])
	want := openRound("r1")
	want.Gifts, want.LastAt = 3, 105
	same(t, "round", oneRound(t, s, "r1"), want)
	same(t, "other round", oneRound(t, s, "r2"), openRound("r2"))
	for i, gifts := range []int64{2, 1, 0} {
		one[i].Gifts = gifts
		same(t, one[i].Donor, oneGiver(t, s, "r1", one[i].Donor), one[i])
		same(t, one[i].Donor+" elsewhere", oneGiver(t, s, "r2", one[i].Donor), two[i])
	}
}

func countPaid(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 1)
	g := sampleGift("r1", 2, roll[0].Donor)
	g.Paid = true
	addGift(t, s, g, nil)
	want := openRound("r1")
	want.Gifts, want.LastAt = 1, 102
	same(t, "round", oneRound(t, s, "r1"), want)
	same(t, "giver", oneGiver(t, s, "r1", roll[0].Donor), roll[0])
}

func staleGifts(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 1)
	addGift(t, s, sampleGift("r1", 1, "members/1"), &roll[0])
	addGivers(t, s, service.Giver{Round: "r9", Donor: "members/1"}) // of no round
	giveIn(t, s, "r2", 0)
	for _, state := range []service.RoundState{service.RoundClosed, service.RoundFinal, service.RoundVoid} {
		r := openRound(string(state))
		r.State = state
		addRounds(t, s, r)
		addGivers(t, s, service.Giver{Round: r.ID, Donor: "members/1"})
	}
	kept := oneRound(t, s, "r1")
	for name, giver := range map[string]service.Giver{
		"fewer gifts than kept": {Round: "r1", Donor: "members/1", Gifts: 0},
		"more gifts than kept":  {Round: "r1", Donor: "members/1", Gifts: 2},
		"no such giver":         {Round: "r1", Donor: "members/2"},
		"giver of another":      {Round: "r2", Donor: "members/1", Gifts: 1},
		"no such round":         {Round: "r9", Donor: "members/1"},
		"closed round":          {Round: "closed", Donor: "members/1"},
		"final round":           {Round: "final", Donor: "members/1"},
		"void round":            {Round: "void", Donor: "members/1"},
	} {
		t.Run(name, func(t *testing.T) {
			g := sampleGift(giver.Round, 9, giver.Donor)
			refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.AddGift(g, &giver) })
			missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift(g.Round, 9) })
		})
	}
	for _, id := range []string{"closed", "final", "void", "r9"} {
		g := sampleGift(id, 9, "members/1")
		g.Paid = true
		refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.AddGift(g, nil) })
		missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift(id, 9) })
		same(t, id, oneGiver(t, s, id, "members/1"), service.Giver{Round: id, Donor: "members/1"})
	}
	for _, id := range []string{"closed", "final", "void"} {
		r := oneRound(t, s, id)
		same(t, "gifts and last time of "+id, [2]int64{r.Gifts, r.LastAt}, [2]int64{})
	}
	same(t, "round", oneRound(t, s, "r1"), kept)
	same(t, "other round", oneRound(t, s, "r2"), openRound("r2"))
	same(t, "giver", oneGiver(t, s, "r1", "members/1").Gifts, int64(1))
}

func takenGifts(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 2)
	first := sampleGift("r1", 1, "members/1")
	addGift(t, s, first, &roll[0])
	roll[0].Gifts++
	kept := oneRound(t, s, "r1")
	again, others, paid := first, sampleGift("r1", 3, "members/2"), sampleGift("r1", 4, "members/1")
	again.N, others.Once, paid.Once, paid.Paid = 2, first.Once, first.Once, true
	for _, c := range []struct {
		gift  service.Gift
		giver *service.Giver
	}{{again, &roll[0]}, {others, &roll[1]}, {paid, nil}} {
		refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddGift(c.gift, c.giver) })
		missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift("r1", c.gift.N) })
	}
	same(t, "gift", oneGift(t, s, "r1", 1), first)
	same(t, "round", oneRound(t, s, "r1"), kept)
	for _, g := range roll {
		same(t, g.Donor, oneGiver(t, s, "r1", g.Donor), g)
	}
}

// wrongGifts are no ordinary outcomes: the transaction must not commit, whoever overlooks the error.
func wrongGifts(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 2)
	first := sampleGift("r1", 1, "members/1")
	addGift(t, s, first, nil)
	kept := oneRound(t, s, "r1")
	number, other := sampleGift("r1", 1, "members/2"), sampleGift("r1", 2, "members/2")
	for _, g := range []service.Gift{number, other} {
		err := s.Write(t.Context(), func(tx service.Tx) error {
			_ = tx.AddGift(g, &roll[0])
			return nil
		})
		if err == nil || errors.Is(err, service.ErrExists) || errors.Is(err, service.ErrStale) {
			t.Errorf("gift %d of %s with the giver %s: got error %v, want a defect", g.N, g.Donor, roll[0].Donor, err)
		}
	}
	err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddGift(number, nil) })
	if err == nil || errors.Is(err, service.ErrExists) || errors.Is(err, service.ErrStale) {
		t.Errorf("number that is taken: got error %v, want a defect", err)
	}
	same(t, "round", oneRound(t, s, "r1"), kept)
	same(t, "gift", oneGift(t, s, "r1", 1), first)
	same(t, "giver", oneGiver(t, s, "r1", "members/1"), roll[0])
}

// giftAndRecord fails after both were written, in fn's way and in the database's.
func giftAndRecord(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 1)
	both := func(tx service.Tx) error {
		e, err := voided(tx, "community/coop/round/r1", "a gift")
		if err != nil {
			return err
		}
		return tx.AddGift(sampleGift("r1", e.N, "members/1"), &roll[0])
	}
	err := s.Write(t.Context(), func(tx service.Tx) error { return errors.Join(both(tx), errOurs) })
	if !errors.Is(err, errOurs) {
		t.Errorf("got error %v, want that of fn", err)
	}
	err = s.Write(t.Context(), func(tx service.Tx) error {
		if err := both(tx); err != nil {
			return err
		}
		return both(tx) // builds on a count that is not kept any more
	})
	if !errors.Is(err, service.ErrStale) {
		t.Errorf("got error %v, want %v", err, service.ErrStale)
	}
	same(t, "size of the log", CheckLog(t, s).Size, int64(0))
	same(t, "round", oneRound(t, s, "r1"), openRound("r1"))
	same(t, "giver", oneGiver(t, s, "r1", "members/1"), roll[0])
	missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift("r1", 1) })
	write(t, s, both)
	same(t, "size of the log", CheckLog(t, s).Size, int64(1))
	same(t, "gift", oneGift(t, s, "r1", 1), sampleGift("r1", 1, "members/1"))
}

func giftsByNumber(t *testing.T, s service.Store) {
	giveIn(t, s, "r1", 0)
	giveIn(t, s, "r2", 0)
	a, b, c := sampleGift("r1", 20, "members/1"), sampleGift("r1", 3, "members/2"), sampleGift("r1", 1, "members/1")
	for _, g := range []service.Gift{a, b, c, sampleGift("r2", 2, "members/1")} {
		addGift(t, s, g, nil)
	}
	list := func(donor string, after int64, limit int) []service.Gift {
		return get(t, s, func(tx service.Tx) ([]service.Gift, error) { return tx.Gifts("r1", donor, after, limit) })
	}
	same(t, "all", list("", 0, 9), []service.Gift{c, b, a})
	same(t, "page", list("", 1, 1), []service.Gift{b})
	same(t, "of a donor", list("members/1", 0, 9), []service.Gift{c, a})
	same(t, "rest of a donor's", list("members/1", 1, 9), []service.Gift{a})
	same(t, "end", list("", 20, 9), []service.Gift{})
	same(t, "of nobody", list("members/3", 0, 9), []service.Gift{})
}

func refunds(t *testing.T, s service.Store) {
	giveIn(t, s, "r1", 0)
	want, other := sampleGift("r1", 1, "members/1"), sampleGift("r1", 2, "members/1")
	addGift(t, s, want, nil)
	addGift(t, s, other, nil)
	round := oneRound(t, s, "r1")
	write(t, s, func(tx service.Tx) error { return tx.RefundGift("r1", 1) })
	want.Refunded = true
	same(t, "refunded", oneGift(t, s, "r1", 1), want)
	same(t, "other", oneGift(t, s, "r1", 2), other)
	refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.RefundGift("r1", 1) })
	refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.RefundGift("r1", 3) })
	refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.RefundGift("r2", 2) })
	same(t, "round", oneRound(t, s, "r1"), round)
	taken := want
	taken.N = 3
	refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddGift(taken, nil) })
}

func addGift(t testing.TB, s service.Store, g service.Gift, giver *service.Giver) {
	t.Helper()
	write(t, s, func(tx service.Tx) error { return tx.AddGift(g, giver) })
}

func oneGift(t testing.TB, s service.Store, round string, n int64) service.Gift {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift(round, n) })
}
