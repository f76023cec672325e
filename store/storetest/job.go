package storetest

import (
	"fmt"
	"sync"
	"testing"

	"kleroterion/service"
)

// sampleJob has a different value in each field.
func sampleJob(id string) service.Job {
	return service.Job{
		ID: id, Kind: service.JobImportRegister, City: "bonn", Target: "r1", DedupeKey: "dedupe-" + id,
		State: service.JobPending, RunAt: 11, Step: "reading", Done: 12, Total: 13, Attempt: 14, Fence: 15,
		LeaseUntil: 16, Report: []byte(`{"rows":1}`), Error: "header", CreatedAt: 17, FinishedAt: 18,
	}
}

func (s suite) jobs(t *testing.T) {
	s.run(t, []check{
		{"a job is read back as it was added", func(t *testing.T, s service.Store) {
			bare := service.Job{ID: "j2", Kind: service.JobDraw, State: service.JobPending}
			addJobs(t, s, sampleJob("j1"), bare)
			same(t, "full", oneJob(t, s, "j1"), sampleJob("j1"))
			same(t, "bare", oneJob(t, s, "j2"), bare)
			missing(t, s, func(tx service.Tx) (service.Job, error) { return tx.Job("j3") })
		}},
		{"the same work is queued once", func(t *testing.T, s service.Store) {
			addJobs(t, s, sampleJob("j1"))
			again := sampleJob("j2")
			again.DedupeKey = "dedupe-j1"
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddJob(again) })
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddJob(sampleJob("j1")) })
			again.Kind = service.JobCheckRegister
			addJobs(t, s, again)
		}},
		{"due jobs are claimed in order, with a new fence", claimDue},
		{"a leased job is not claimed again before its lease has ended", claimLeased},
		{"an update writes what a worker may change", updateJob},
		{"an update with an old fence, or of a job that is over, is stale", updateStale},
		{"crashed and stalled workers leave no job undone and none done twice", crashAndStall},
	})
}

func pending(id string, runAt int64) service.Job {
	return service.Job{ID: id, Kind: service.JobDraw, DedupeKey: id, State: service.JobPending, RunAt: runAt}
}

func claimDue(t *testing.T, s service.Store) {
	done := pending("j0", 1)
	done.State = service.JobDone
	addJobs(t, s, done, pending("j3", 10), pending("j2", 10), pending("j1", 9), pending("later", 11))
	first := claim(t, s, 10, 40, 2)
	same(t, "first", jobIDs(first), []string{"j1", "j2"})
	for _, j := range first {
		want := pending(j.ID, j.RunAt)
		want.Fence, want.Attempt, want.LeaseUntil = 1, 1, 40
		same(t, "claimed", j, want)
		same(t, "stored", oneJob(t, s, j.ID), want)
	}
	same(t, "second", jobIDs(claim(t, s, 10, 40, 9)), []string{"j3"})
	same(t, "third", jobIDs(claim(t, s, 10, 40, 9)), []string{})
}

func claimLeased(t *testing.T, s service.Store) {
	addJobs(t, s, pending("j1", 1))
	same(t, "first", jobIDs(claim(t, s, 10, 40, 1)), []string{"j1"})
	same(t, "while it is leased", jobIDs(claim(t, s, 39, 60, 1)), []string{})
	again := claim(t, s, 40, 60, 1)
	same(t, "when the lease has ended", jobIDs(again), []string{"j1"})
	same(t, "fence", again[0].Fence, int64(2))
	same(t, "attempt", again[0].Attempt, int64(2))
}

func updateJob(t *testing.T, s service.Store) {
	addJobs(t, s, pending("j1", 1))
	j := claim(t, s, 10, 40, 1)[0]
	want := sampleJob("j1")
	want.Kind, want.DedupeKey, want.Fence, want.Attempt = j.Kind, j.DedupeKey, j.Fence, j.Attempt
	want.City, want.Target, want.CreatedAt = j.City, j.Target, j.CreatedAt
	changed := want
	changed.City, changed.Target, changed.CreatedAt, changed.Attempt = "x", "x", 99, 99
	write(t, s, func(tx service.Tx) error { return tx.UpdateJob(changed) })
	same(t, "job", oneJob(t, s, "j1"), want)
	cleared := j
	cleared.RunAt, cleared.LeaseUntil = 20, 0
	write(t, s, func(tx service.Tx) error { return tx.UpdateJob(cleared) })
	same(t, "cleared", oneJob(t, s, "j1"), cleared)
}

func updateStale(t *testing.T, s service.Store) {
	addJobs(t, s, pending("j1", 1))
	old := claim(t, s, 10, 40, 1)[0]
	current := claim(t, s, 40, 60, 1)[0]
	stale := func(j service.Job) {
		refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UpdateJob(j) })
	}
	old.State = service.JobFailed
	stale(old)
	same(t, "job", oneJob(t, s, "j1"), current)
	current.State = service.JobDone
	write(t, s, func(tx service.Tx) error { return tx.UpdateJob(current) })
	stale(current)
	current.State = service.JobPending
	stale(current)
	stale(service.Job{ID: "j2", State: service.JobDone})
	same(t, "claimed when over", jobIDs(claim(t, s, 99, 100, 1)), []string{})
}

// crashAndStall runs workers against a clock of its own. A worker crashes on every fifth attempt: it
// forgets the job. On every seventh it stalls: it comes back when the lease has long ended and
// somebody else holds the job. Each completion has an effect in its transaction, which must happen once.
func crashAndStall(t *testing.T, s service.Store) {
	const jobs, workers = 120, 8
	for i := range jobs {
		addJobs(t, s, pending(fmt.Sprintf("j%03d", i), 0))
	}
	w := &workshop{store: s, lease: 10}
	for len(w.done) < jobs {
		var running sync.WaitGroup
		for range workers {
			running.Go(func() { w.work(t) })
		}
		running.Wait()
		if t.Failed() {
			return
		}
		w.now += w.lease // leases that were forgotten end
	}
	for _, late := range w.stalled {
		refused(t, s, service.ErrStale, func(tx service.Tx) error { return w.complete(tx, late) })
	}
	if len(w.stalled) == 0 || w.crashes == 0 {
		t.Errorf("%d stalls and %d crashes, want some of both", len(w.stalled), w.crashes)
	}
	for id := range w.done {
		same(t, "state of "+id, oneJob(t, s, id).State, service.JobDone)
		get(t, s, func(tx service.Tx) (service.Once, error) { return tx.Claimed("effect", id) })
	}
}

// workshop is what the workers of crashAndStall share.
type workshop struct {
	store      service.Store
	now, lease int64

	mu      sync.Mutex
	n       int
	crashes int
	stalled []service.Job
	done    map[string]bool
}

// work claims a few jobs and completes, forgets or keeps each of them.
func (w *workshop) work(t *testing.T) {
	var jobs []service.Job
	err := w.store.Write(t.Context(), func(tx service.Tx) (err error) {
		jobs, err = tx.ClaimJobs(w.now, w.now+w.lease, 5)
		return err
	})
	if err != nil {
		t.Errorf("claim: %v", err)
	}
	for _, j := range jobs {
		if w.spared(j) {
			err := w.store.Write(t.Context(), func(tx service.Tx) error { return w.complete(tx, j) })
			w.finished(t, j, err)
		}
	}
}

// spared decides what becomes of a worker with this job.
func (w *workshop) spared(j service.Job) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	switch {
	case w.n%5 == 0:
		w.crashes++
		return false
	case w.n%7 == 0:
		w.stalled = append(w.stalled, j)
		return false
	}
	return true
}

func (w *workshop) complete(tx service.Tx, j service.Job) error {
	j.State = service.JobDone
	if err := tx.UpdateJob(j); err != nil {
		return err
	}
	return tx.Claim(service.Once{Principal: "effect", Key: j.ID})
}

func (w *workshop) finished(t *testing.T, j service.Job, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil || w.done[j.ID] {
		t.Errorf("job %s: error %v, done before: %v", j.ID, err, w.done[j.ID])
	}
	if w.done == nil {
		w.done = map[string]bool{}
	}
	w.done[j.ID] = true
}

func claim(t testing.TB, s service.Store, now, leaseUntil int64, limit int) (jobs []service.Job) {
	t.Helper()
	write(t, s, func(tx service.Tx) (err error) {
		jobs, err = tx.ClaimJobs(now, leaseUntil, limit)
		return err
	})
	return jobs
}

func addJobs(t testing.TB, s service.Store, jobs ...service.Job) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, j := range jobs {
			if err := tx.AddJob(j); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneJob(t testing.TB, s service.Store, id string) service.Job {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Job, error) { return tx.Job(id) })
}

func jobIDs(jobs []service.Job) []string {
	ids := []string{}
	for _, j := range jobs {
		ids = append(ids, j.ID)
	}
	return ids
}
