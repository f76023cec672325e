package service

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	pollEvery  = 500 * time.Millisecond
	leaseFor   = 30 // seconds; progress renews it
	workers    = 2
	lotterers  = 1  // lotteries beside them: one may take minutes, and no draw or poll waits
	notifiers  = 2  // jobs beside them that tell others: these may be slow or away, and no draw or poll waits
	claimed    = 64 // jobs looked at together
	queuePause = 5  // seconds after which a notice that found no place is looked at again

	keepOnce    = 48 * 3600 // seconds
	keepParts   = 24 * 3600
	keepCodes   = 24 * 3600 // after their deadline
	keepReports = 30 * 24 * 3600
)

// lease is a claimed job. Every write that belongs to the job goes through it, in the transaction
// of the work: a worker that stalled and lost its lease then fails with ErrStale and changes nothing.
type lease struct {
	Job
	svc     *Service
	renewed int64
}

// Run performs due jobs until ctx ends, and returns when all of its workers have stopped. Any number
// of processes may run it on one store.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	c := newCrew()
	defer c.running.Wait()
	for {
		s.claim(ctx, c)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// crew are the places for running jobs.
type crew struct {
	work, lotteries, notices chan struct{}
	running                  sync.WaitGroup
}

func newCrew() *crew {
	return &crew{work: make(chan struct{}, workers), lotteries: make(chan struct{}, lotterers), notices: make(chan struct{}, notifiers)}
}

func (c *crew) placesFor(kind JobKind) chan struct{} {
	switch kind {
	case JobMail, JobHook:
		return c.notices
	case JobLottery:
		return c.lotteries
	}
	return c.work
}

// claim leases due jobs and starts those for which there is a place.
func (s *Service) claim(ctx context.Context, c *crew) {
	if len(c.work) == cap(c.work) || ctx.Err() != nil {
		return
	}
	var jobs []Job
	err := s.Store.Write(ctx, func(tx Tx) (err error) {
		if err := s.sweep(tx); err != nil {
			return err
		}
		jobs, err = s.claimPlaced(tx, c)
		return err
	})
	if err != nil && ctx.Err() == nil {
		s.Logger.ErrorContext(ctx, "claiming jobs", "error", err)
		return
	}
	for _, job := range jobs {
		places := c.placesFor(job.Kind)
		places <- struct{}{}
		c.running.Go(func() {
			defer func() { <-places }()
			s.perform(ctx, &lease{Job: job, svc: s, renewed: s.now()})
		})
	}
}

// claimPlaced leases due jobs and gives back at once those that find no place. Notices and
// lotteries wait a little, so that any number of them does not stand before the work behind them.
func (s *Service) claimPlaced(tx Tx, c *crew) (jobs []Job, err error) {
	due, err := tx.ClaimJobs(s.now(), s.now()+leaseFor, claimed)
	if err != nil {
		return nil, err
	}
	free := map[chan struct{}]int{}
	for _, places := range []chan struct{}{c.work, c.lotteries, c.notices} {
		free[places] = cap(places) - len(places)
	}
	for _, job := range due {
		places, again := c.placesFor(job.Kind), job.RunAt
		if free[places]--; free[places] >= 0 {
			jobs = append(jobs, job)
			continue
		}
		if places != c.work {
			again = s.now() + queuePause
		}
		if err := (&lease{Job: job, svc: s}).postpone(tx, again); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// perform runs one job. An error that is a refusal ends the job; any other leaves it to be tried
// again, later each time. If the process dies here the lease runs out and another worker begins anew.
func (s *Service) perform(ctx context.Context, job *lease) {
	kinds := map[JobKind]func(context.Context, *lease) error{
		JobCheckRegister: s.checkRegister, JobImportRegister: s.importRegister,
		JobFreezeRegister: s.freezeRegister, JobDraw: s.performDraw, JobHeartbeat: s.heartbeat,
		JobSeats: s.performSeats, JobPoll: s.performPoll, JobRound: s.performRound, JobCorrection: s.performCorrection,
		JobMail: s.performMail, JobHook: s.performHook, JobLottery: s.performLottery,
	}
	err := kinds[job.Kind](ctx, job)
	var refusal *Error
	switch {
	case err == nil:
		s.Logger.InfoContext(ctx, "job done", "job", job.ID, "kind", job.Kind, "target", job.Target)
	case errors.Is(err, ErrStale):
		s.Logger.InfoContext(ctx, "job left to another worker", "job", job.ID, "kind", job.Kind)
	case ctx.Err() != nil:
		s.Logger.InfoContext(ctx, "job given back", "job", job.ID, "kind", job.Kind)
		s.putBack(context.WithoutCancel(ctx), job, 0)
	case errors.As(err, &refusal) && refusal.Kind == KindInvalid:
		s.Logger.InfoContext(ctx, "job refused", "job", job.ID, "kind", job.Kind, "code", refusal.Code)
	default:
		s.Logger.WarnContext(ctx, "job will be tried again", "job", job.ID, "kind", job.Kind, "attempt", job.Attempt, "error", err)
		s.again(ctx, job)
	}
}

// again puts a job back, with a delay that doubles up to a minute.
func (s *Service) again(ctx context.Context, job *lease) {
	s.putBack(ctx, job, min(int64(1)<<min(job.Attempt, 6), 60))
}

// putBack gives up the lease. When that fails, the lease ends by itself.
func (s *Service) putBack(ctx context.Context, job *lease, delay int64) {
	err := s.Store.Write(ctx, func(tx Tx) error { return job.postpone(tx, s.now()+delay) })
	if err != nil && !errors.Is(err, ErrStale) {
		s.Logger.WarnContext(ctx, "job keeps its lease until it ends", "job", job.ID, "error", err)
	}
}

// postpone releases the job until at.
func (l *lease) postpone(tx Tx, at int64) error {
	l.RunAt, l.LeaseUntil = at, 0
	return tx.UpdateJob(l.Job)
}

// progress records how far the job is and renews the lease.
func (l *lease) progress(tx Tx, step string, done, total int64) error {
	l.Step, l.Done, l.Total = step, done, total
	l.LeaseUntil = l.svc.now() + leaseFor
	l.renewed = l.svc.now()
	return tx.UpdateJob(l.Job)
}

// tell records progress in a transaction of its own, at most once a second.
func (l *lease) tell(ctx context.Context, step string, done, total int64) error {
	if l.renewed == l.svc.now() && l.Step == step {
		return nil
	}
	return l.svc.Store.Write(ctx, func(tx Tx) error { return l.progress(tx, step, done, total) })
}

// finish ends the job well; report is JSON for the caller.
func (l *lease) finish(tx Tx, at int64, report []byte) error {
	l.State, l.Step, l.FinishedAt, l.Report = JobDone, "done", at, report
	if l.Total > 0 {
		l.Done = l.Total
	}
	return tx.UpdateJob(l.Job)
}

// fail ends the job with the code of a refusal.
func (l *lease) fail(tx Tx, at int64, code string, report []byte) error {
	l.State, l.Step, l.FinishedAt, l.Report, l.Error = JobFailed, "refused", at, report, code
	return tx.UpdateJob(l.Job)
}

// sweep queues the day's heartbeat, for which a second worker's row is refused as existing, and once
// a day drops what no one will ask for again.
func (s *Service) sweep(tx Tx) error {
	day := time.Unix(s.now(), 0).UTC().Format(time.DateOnly)
	if _, err := tx.Job("heartbeat-" + day); !errors.Is(err, ErrNotFound) {
		return err
	}
	beat := Job{ID: "heartbeat-" + day, Kind: JobHeartbeat, DedupeKey: day, State: JobPending, RunAt: s.now(), CreatedAt: s.now()}
	if err := tx.AddJob(beat); err != nil {
		return err
	}
	if err := tx.DropReports("", s.now()-keepReports); err != nil {
		return err
	}
	if err := tx.DropClaimsBefore(s.now() - keepOnce); err != nil {
		return err
	}
	if err := tx.DropCodesBefore(s.now() - keepCodes); err != nil {
		return err
	}
	return tx.DropUploadsBefore(s.now() - keepParts)
}

// Job returns a job to those who may see its city's.
func (s *Service) Job(ctx context.Context, a Actor, id string) (job Job, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { job, err = tx.Job(id); return err })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Job{}, err
	}
	if auth := a.authorise(readJobs, job.City); auth != nil {
		return Job{}, auth
	}
	if a.Role != RoleRegistrar && len(job.Report) > 0 && job.State == JobFailed {
		job.Report = nil // the report of a refused file quotes its cells
	}
	return job, absent(err, "job")
}
