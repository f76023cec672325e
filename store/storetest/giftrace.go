package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"kleroterion/service"
)

// raceGiver lets workers each give in the name of a donor whose count all of them have read.
func raceGiver(t *testing.T, s service.Store) {
	const rounds, workers = 6, 4
	giveIn(t, s, "r1", 1)
	for round := range rounds {
		before := oneGiver(t, s, "r1", "members/1")
		var recorded, n atomic.Int64
		together(workers, func(worker int) {
			g := sampleGift("r1", int64(workers*round+worker+1), "members/1")
			switch err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddGift(g, &before) }); {
			case err == nil:
				recorded.Add(1)
				n.Store(g.N)
			case !errors.Is(err, service.ErrStale):
				t.Errorf("worker %d: %v", worker, err)
			}
		})
		same(t, "recorded", recorded.Load(), int64(1))
		same(t, "newest", oneGift(t, s, "r1", n.Load()).N, n.Load())
	}
	same(t, "of the giver", oneGiver(t, s, "r1", "members/1").Gifts, int64(rounds))
	recordedGifts(t, s, rounds)
}

// raceOnce lets workers each record the same payment.
func raceOnce(t *testing.T, s service.Store) {
	const rounds, workers = 6, 4
	giveIn(t, s, "r1", 0)
	for round := range rounds {
		once := fmt.Sprintf("payment %d", round)
		var recorded, n atomic.Int64
		together(workers, func(worker int) {
			g := sampleGift("r1", int64(workers*round+worker+1), "members/1")
			g.Once, g.Paid = once, true
			switch err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddGift(g, nil) }); {
			case err == nil:
				recorded.Add(1)
				n.Store(g.N)
			case !errors.Is(err, service.ErrExists):
				t.Errorf("worker %d: %v", worker, err)
			}
		})
		same(t, "recorded", recorded.Load(), int64(1))
		got := get(t, s, func(tx service.Tx) (service.Gift, error) { return tx.GiftByOnce("r1", once) })
		same(t, "whose", got.N, n.Load())
	}
	recordedGifts(t, s, rounds)
}

// raceRoundClose closes a round while its donors give. What the close saw counted is what stays counted.
func raceRoundClose(t *testing.T, s service.Store) {
	const donors, each, before = 4, 400, 12
	roll := giveIn(t, s, "r1", donors)
	var recorded atomic.Int64
	begun := make(chan struct{})
	var atClose int64
	together(donors+1, func(worker int) {
		if worker == donors {
			<-begun
			atClose = closeRound(t, s, "r1")
			return
		}
		giver := roll[worker]
		for i := range each {
			g := sampleGift("r1", int64(worker*each+i+1), giver.Donor)
			err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddGift(g, &giver) })
			if err == nil {
				giver.Gifts++
				if recorded.Add(1) == before {
					close(begun)
				}
				continue
			}
			if !errors.Is(err, service.ErrStale) {
				t.Errorf("%s: %v", giver.Donor, err)
			}
			return
		}
		t.Errorf("donor %d met no closed round: the test did not test", worker)
	})
	same(t, "state", oneRound(t, s, "r1").State, service.RoundClosed)
	same(t, "at the close", atClose, recorded.Load())
	recordedGifts(t, s, recorded.Load())
}

// closeRound closes the round as it stands and says how many gifts it had then.
func closeRound(t testing.TB, s service.Store, id string) (gifts int64) {
	err := s.Write(t.Context(), func(tx service.Tx) error {
		r, err := tx.Round(id)
		if err != nil {
			return err
		}
		gifts, r.State = r.Gifts, service.RoundClosed
		return tx.UpdateRound(r)
	})
	if err != nil {
		t.Errorf("close: %v", err)
	}
	return gifts
}

// recordedGifts wants that round r1 has and counts so many.
func recordedGifts(t testing.TB, s service.Store, want int64) {
	t.Helper()
	same(t, "counted", oneRound(t, s, "r1").Gifts, want)
	all := get(t, s, func(tx service.Tx) ([]service.Gift, error) { return tx.Gifts("r1", "", 0, 10_000) })
	same(t, "kept", int64(len(all)), want)
}
