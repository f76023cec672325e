package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"kleroterion/service"
)

func (s suite) isolation(t *testing.T) {
	s.run(t, []check{
		{"a transaction sees its own writes", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error {
				if err := everything(tx); err != nil {
					return err
				}
				head, err := tx.LogHead()
				if err != nil || head.Size != 1 {
					return fmt.Errorf("size of the log is %d, want 1: %w", head.Size, err)
				}
				if path, err := tx.InclusionPath(0, 1); err != nil || len(path) != 0 {
					return fmt.Errorf("proof of %d hashes, want none: %w", len(path), err)
				}
				_, err = tx.Register("r1")
				return err
			})
		}},
		{"a reading transaction stays on its snapshot", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			read(t, s, func(tx service.Tx) error {
				before, err := tx.Cities("", 9)
				if err != nil {
					return err
				}
				addCity(t, s, "kiel")
				write(t, s, func(tx service.Tx) error { _, err := beat(tx); return err })
				after, err := tx.Cities("", 9)
				if err != nil {
					return err
				}
				same(t, "cities", after, before)
				head, err := tx.LogHead()
				same(t, "size of the log", head.Size, int64(0))
				return err
			})
			same(t, "cities afterwards", slugs(t, s, "", 9), []string{"bonn", "kiel"})
		}},
		{"what is read and then written is not lost", lostUpdate},
		{"two transactions cannot each overlook what the other adds", writeSkew},
	})
}

// lostUpdate counts in one row: a transaction that builds on a row that changed meanwhile is run
// again by the store, so no update fails and none is lost.
func lostUpdate(t *testing.T, s service.Store) {
	const workers, each = 8, 15
	addCity(t, s, "bonn")
	r := service.Register{ID: "r1", City: "bonn", Name: "jury", State: service.RegisterDraft}
	addRegisters(t, s, r)
	together(workers, func(int) {
		for range each {
			err := s.Write(t.Context(), func(tx service.Tx) error {
				r, err := tx.Register("r1")
				if err != nil {
					return err
				}
				r.Rows++
				return tx.UpdateRegister(r)
			})
			if err != nil {
				t.Errorf("count: %v", err)
			}
		}
	})
	got := oneRegister(t, s, "r1")
	same(t, "count", got.Rows, int64(workers*each))
	same(t, "version", got.Version, int64(workers*each))
}

// writeSkew lets many transactions each look for any city and add one of its own only where there is
// none: their rows do not collide, only what they read does.
func writeSkew(t *testing.T, s service.Store) {
	for round := range 5 {
		kind := service.JobDraw
		together(8, func(worker int) {
			id := fmt.Sprintf("round-%d-worker-%d", round, worker)
			err := s.Write(t.Context(), func(tx service.Tx) error {
				for other := range 8 {
					_, err := tx.Job(fmt.Sprintf("round-%d-worker-%d", round, other))
					if err == nil {
						return nil
					}
					if !errors.Is(err, service.ErrNotFound) {
						return err
					}
				}
				return tx.AddJob(service.Job{ID: id, Kind: kind, DedupeKey: id, State: service.JobPending})
			})
			if err != nil {
				t.Errorf("worker %d: %v", worker, err)
			}
		})
		same(t, "added", len(claim(t, s, 1, 1<<40, 100)), 1)
	}
}

// together runs fn on n goroutines that start at the same time, and waits for all.
func together(n int, fn func(worker int)) {
	start := make(chan struct{})
	var running sync.WaitGroup
	for worker := range n {
		running.Go(func() {
			<-start
			fn(worker)
		})
	}
	close(start)
	running.Wait()
}
