package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service"
)

func (s suite) counts(t *testing.T) {
	s.run(t, []check{{"of an empty instance are zero", countsNothing}, {"see due jobs and draws by state", countsAll}})
}

func countsNothing(t *testing.T, s service.Store) {
	wantCounts(t, s, 100, service.Counts{Draws: map[service.DrawState]int64{}})
}

func countsAll(t *testing.T, s service.Store) {
	write(t, s, func(tx service.Tx) error {
		for _, j := range []service.Job{
			{ID: "a", Kind: service.JobDraw, DedupeKey: "a", State: service.JobPending, RunAt: 90},
			{ID: "b", Kind: service.JobDraw, DedupeKey: "b", State: service.JobPending, RunAt: 80},
			{ID: "c", Kind: service.JobDraw, DedupeKey: "c", State: service.JobPending, RunAt: 101},
			{ID: "d", Kind: service.JobDraw, DedupeKey: "d", State: service.JobDone, RunAt: 10},
		} {
			if err := tx.AddJob(j); err != nil {
				return err
			}
		}
		return nil
	})
	wantCounts(t, s, 100, service.Counts{JobsDue: 2, OldestDue: 80, Draws: map[service.DrawState]int64{}})
	wantCounts(t, s, 101, service.Counts{JobsDue: 3, OldestDue: 80, Draws: map[service.DrawState]int64{}})
}

func wantCounts(t *testing.T, s service.Store, now int64, want service.Counts) {
	t.Helper()
	read(t, s, func(tx service.Tx) error {
		got, err := tx.Counts(now)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("counts at %d: %s", now, diff)
		}
		return err
	})
}
