package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"kleroterion/service"
	"kleroterion/service/audit"
)

func (s suite) races(t *testing.T) {
	s.run(t, []check{
		{"64 writers at once each get their own answer", groupCommit},
		{"a request that 16 send at once takes effect once", raceClaims},
		{"appends from everywhere make one tree and whole chains", raceAppends},
	})
}

// groupCommit lets writers that succeed, fail, spoil their transaction and panic run side by side.
// What was acknowledged is there, what was not is absent.
func groupCommit(t *testing.T, s service.Store) {
	const writers, each = 64, 8
	var acknowledged sync.Map
	together(writers, func(worker int) {
		for i := range each {
			slug := fmt.Sprintf("%02d-%d", worker, i)
			if err := oneOfMany(t, s, slug, (worker+i)%4); err == nil {
				acknowledged.Store(slug, true)
			}
		}
	})
	var want []string
	for worker := range writers {
		for i := range each {
			slug := fmt.Sprintf("%02d-%d", worker, i)
			_, ok := acknowledged.Load(slug)
			if ok != ((worker+i)%4 == 0) {
				t.Errorf("%s: acknowledged: %v", slug, ok)
			}
			if ok {
				want = append(want, slug)
			}
		}
	}
	same(t, "cities", slugs(t, s, "", writers*each+1), want)
	same(t, "size of the log", CheckLog(t, s).Size, int64(len(want)))
}

// oneOfMany adds a city and a record, and then succeeds or fails in one of three ways.
func oneOfMany(t *testing.T, s service.Store, slug string, fate int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return s.Write(t.Context(), func(tx service.Tx) error {
		if err := tx.AddCity(service.City{Slug: slug, Name: slug}); err != nil {
			return err
		}
		if _, err := beat(tx); err != nil {
			return err
		}
		switch fate {
		case 1:
			return errOurs
		case 2:
			_ = tx.AddRegister(sampleRegister(slug, "no such city", slug))
		case 3:
			panic(slug)
		}
		return nil
	})
}

func raceClaims(t *testing.T, s service.Store) {
	const rounds, senders = 5, 16
	for round := range rounds {
		key := fmt.Sprintf("request-%d", round)
		var won, replayed atomic.Int64
		together(senders, func(sender int) {
			answer := []byte(fmt.Sprintf("answer of %d", sender))
			err := s.Write(t.Context(), func(tx service.Tx) error {
				if _, err := beat(tx); err != nil {
					return err
				}
				return tx.Claim(service.Once{Principal: "key:1", Key: key, Answer: answer})
			})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, service.ErrExists):
				get(t, s, func(tx service.Tx) (service.Once, error) { return tx.Claimed("key:1", key) })
				replayed.Add(1)
			default:
				t.Errorf("sender %d: %v", sender, err)
			}
		})
		same(t, "effects", won.Load(), int64(1))
		same(t, "replays", replayed.Load(), int64(senders-1))
	}
	same(t, "size of the log", CheckLog(t, s).Size, int64(rounds))
}

// raceAppends appends on one subject that all share and on one of each worker's own, with a domain
// row in the same transaction.
func raceAppends(t *testing.T, s service.Store) {
	const workers, each = 16, 10
	together(workers, func(worker int) {
		for i := range each {
			own := fmt.Sprintf("city/c%02d-%d", worker, i)
			err := s.Write(t.Context(), func(tx service.Tx) error {
				if _, err := voided(tx, own, "before"); err != nil {
					return err
				}
				if err := tx.AddCity(service.City{Slug: own, Name: own}); err != nil {
					return err
				}
				if _, err := beat(tx); err != nil {
					return err
				}
				_, err := voided(tx, own, "after")
				return err
			})
			if err != nil {
				t.Errorf("%s: %v", own, err)
			}
		}
	})
	same(t, "size", CheckLog(t, s).Size, int64(3*workers*each))
	shared := get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesOf(audit.LogSubject) })
	same(t, "records on the shared subject", len(shared), workers*each)
	for _, slug := range slugs(t, s, "", workers*each+1) {
		of := get(t, s, func(tx service.Tx) ([]service.LogEntry, error) { return tx.EntriesOf(slug) })
		same(t, "records of "+slug, len(of), 2)
	}
}
