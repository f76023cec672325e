package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"kleroterion/service"
)

// together is about transactions that record many gifts or ballots: they are promised one by one, and all
// that the transaction asks for shows them.
func (s suite) together(t *testing.T) {
	s.run(t, []check{
		{"many gifts of one transaction are recorded as if one by one", manyGifts},
		{"many ballots of one transaction are recorded as if one by one", manyBallots},
		{"a transaction reads what it has promised", readPromises},
		{"a transaction that promised leaves nothing where it fails", failPromises},
		{"what is foreseen changes no answer", foreseeRows},
	})
}

// promise appends the record of a gift and adds it.
func promise(tx service.Tx, donor, name string) error {
	e, err := voided(tx, "community/coop/round/r1", name)
	if err != nil {
		return err
	}
	giver, err := tx.Giver("r1", donor)
	if err != nil {
		return err
	}
	g := sampleGift("r1", e.N, donor)
	g.Once = name
	return tx.AddGift(g, &giver)
}

func manyGifts(t *testing.T, s service.Store) {
	const donors, gifts = 7, 203
	roll := giveIn(t, s, "r1", donors)
	write(t, s, func(tx service.Tx) error {
		names, list := make([]string, gifts), make([]string, gifts)
		for i := range gifts {
			names[i], list[i] = fmt.Sprintf("name %d \"é\" <&>", i), roll[i%donors].Donor
		}
		if err := tx.ForeseeGifts("r1", list, names); err != nil {
			return err
		}
		for i := range gifts {
			if err := promise(tx, list[i], names[i]); err != nil {
				return err
			}
		}
		return nil
	})
	same(t, "size of the log", CheckLog(t, s).Size, int64(gifts))
	same(t, "gifts of the round", oneRound(t, s, "r1").Gifts, int64(gifts))
	for _, g := range roll {
		same(t, g.Donor, oneGiver(t, s, "r1", g.Donor).Gifts, int64(gifts/donors))
	}
	list := get(t, s, func(tx service.Tx) ([]service.Gift, error) { return tx.Gifts("r1", "", 0, 2*gifts) })
	for i, g := range list {
		same(t, "gift", [3]any{g.N, g.Donor, g.Once}, [3]any{int64(i + 1), roll[i%donors].Donor, fmt.Sprintf("name %d \"é\" <&>", i)})
	}
	same(t, "gifts", len(list), gifts)
}

func manyBallots(t *testing.T, s service.Store) {
	const voters, ballots = 7, 70
	roll := openWith(t, s, "p1", voters)
	write(t, s, func(tx service.Tx) error {
		names := make([]string, voters)
		for i, e := range roll {
			names[i] = e.Voter
		}
		if err := tx.ForeseeElectors("p1", append(names, "nobody")); err != nil {
			return err
		}
		for i := range ballots {
			e, err := tx.Elector("p1", names[i%voters])
			if err != nil {
				return err
			}
			e.Last = int64(i + 1)
			if err := tx.CastBallot(e); err != nil {
				return err
			}
		}
		return nil
	})
	p := get(t, s, func(tx service.Tx) (service.Poll, error) { return tx.Poll("p1") })
	same(t, "ballots and voters", [2]int64{p.Ballots, p.Voters}, [2]int64{ballots, voters})
	for i, e := range roll {
		got := get(t, s, func(tx service.Tx) (service.Elector, error) { return tx.Elector("p1", e.Voter) })
		same(t, e.Voter, [2]int64{got.Casts, got.Last}, [2]int64{ballots / voters, int64(ballots - voters + i + 1)})
	}
}

func readPromises(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 1)
	write(t, s, func(tx service.Tx) error {
		for n := int64(1); n <= 3; n++ {
			if err := promise(tx, roll[0].Donor, fmt.Sprint("name ", n)); err != nil {
				return err
			}
			r, err := tx.Round("r1")
			g, err2 := tx.Gift("r1", n)
			list, err3 := tx.Gifts("r1", "", 0, 9)
			named, err4 := tx.GiftByOnce("r1", g.Once)
			giver, err5 := tx.Giver("r1", g.Donor)
			last, err6 := tx.LastEntry("community/coop/round/r1")
			head, err7 := tx.LogHead()
			if err := errors.Join(err, err2, err3, err4, err5, err6, err7); err != nil {
				return err
			}
			got := []int64{r.Gifts, g.N, int64(len(list)), named.N, giver.Gifts, last.N, head.Size}
			same(t, "what it reads", got, slices.Repeat([]int64{n}, 7))
		}
		return nil
	})
	same(t, "size of the log", CheckLog(t, s).Size, int64(3))
}

func failPromises(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 1)
	err := s.Write(t.Context(), func(tx service.Tx) error { return errors.Join(promise(tx, roll[0].Donor, "x"), errOurs) })
	if !errors.Is(err, errOurs) {
		t.Errorf("got error %v, want that of fn", err)
	}
	refused(t, s, service.ErrExists, func(tx service.Tx) error {
		return errors.Join(promise(tx, roll[0].Donor, "x"), promise(tx, roll[0].Donor, "x"))
	})
	same(t, "gifts", oneRound(t, s, "r1").Gifts, int64(1)) // who overlooks the refusal has the first
	number := sampleGift("r1", 1, "members/9")
	err = s.Write(t.Context(), func(tx service.Tx) error {
		return errors.Join(promise(tx, roll[0].Donor, "y"), tx.AddGift(number, nil))
	})
	if err == nil || errors.Is(err, service.ErrExists) && errors.Is(err, service.ErrStale) {
		t.Errorf("a number that is taken: got error %v", err)
	}
	same(t, "gifts", oneRound(t, s, "r1").Gifts, int64(1))
	missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.GiftByOnce("r1", "y") })
}

func foreseeRows(t *testing.T, s service.Store) {
	roll := giveIn(t, s, "r1", 2)
	addGift(t, s, sampleGift("r1", 1, roll[0].Donor), &roll[0])
	before := sampleGift("r1", 1, roll[0].Donor)
	read(t, s, func(tx service.Tx) error {
		if err := tx.ForeseeGifts("r1", []string{roll[0].Donor, "members/9", roll[0].Donor}, []string{before.Once, "none"}); err != nil {
			return err
		}
		giver, err := tx.Giver("r1", roll[0].Donor)
		same(t, "giver", giver.Gifts, int64(1))
		same(t, "key", string(giver.Key), string(roll[0].Key))
		g, err2 := tx.GiftByOnce("r1", before.Once)
		same(t, "gift", g, before)
		_, none := tx.Giver("r1", "members/9")
		_, unnamed := tx.GiftByOnce("r1", "none")
		same(t, "absent", errors.Is(none, service.ErrNotFound) && errors.Is(unnamed, service.ErrNotFound), true)
		return errors.Join(err, err2)
	})
	refused(t, s, service.ErrExists, func(tx service.Tx) error {
		if err := tx.ForeseeGifts("r1", []string{roll[1].Donor}, []string{before.Once}); err != nil {
			return err
		}
		again := before
		again.N, again.Donor = 2, roll[1].Donor
		return tx.AddGift(again, &roll[1])
	})
}
