package storetest

import (
	"testing"

	"kleroterion/service"
)

func (s suite) reports(t *testing.T) {
	s.run(t, []check{
		{"of failed jobs on a target are dropped", func(t *testing.T, s service.Store) { dropReports(t, s, "one", 20, "b", "c", "d") }},
		{"of all failed jobs are dropped", func(t *testing.T, s service.Store) { dropReports(t, s, "", 20, "c", "d") }},
		{"of later jobs stay", func(t *testing.T, s service.Store) { dropReports(t, s, "", 9, "a", "b", "c", "d") }},
	})
}

// dropReports adds four jobs, drops reports, and wants those of the named jobs to be left.
func dropReports(t *testing.T, s service.Store, target string, finished int64, left ...string) {
	t.Helper()
	jobs := []service.Job{
		{ID: "a", Target: "one", State: service.JobFailed, FinishedAt: 10},
		{ID: "b", Target: "two", State: service.JobFailed, FinishedAt: 10},
		{ID: "c", Target: "one", State: service.JobDone, FinishedAt: 10},
		{ID: "d", Target: "one", State: service.JobFailed, FinishedAt: 30},
	}
	write(t, s, func(tx service.Tx) error {
		for _, j := range jobs {
			j.Kind, j.DedupeKey, j.Report = service.JobImportRegister, j.ID, []byte("report of "+j.ID)
			if err := tx.AddJob(j); err != nil {
				return err
			}
		}
		return tx.DropReports(target, finished)
	})
	want := map[string]bool{}
	for _, id := range left {
		want[id] = true
	}
	read(t, s, func(tx service.Tx) error {
		for _, j := range jobs {
			got, err := tx.Job(j.ID)
			if err != nil {
				return err
			}
			if (len(got.Report) > 0) != want[j.ID] {
				t.Errorf("report of %s is %q", j.ID, got.Report)
			}
		}
		return nil
	})
}
