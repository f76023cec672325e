package service

import (
	"context"

	"kleroterion/randomness/sortition/panels"
)

// Step performs the jobs that are due now, one after the other, and returns how many.
func (s *Service) Step(ctx context.Context) (int, error) {
	var jobs []Job
	err := s.Store.Write(ctx, func(tx Tx) (err error) {
		if err := s.sweep(tx); err != nil {
			return err
		}
		jobs, err = tx.ClaimJobs(s.now(), s.now()+leaseFor, 100)
		return err
	})
	for _, job := range jobs {
		s.perform(ctx, &lease{Job: job, svc: s, renewed: s.now()})
	}
	return len(jobs), err
}

// Claim leases the jobs that are due now and performs none of them.
func (s *Service) Claim(ctx context.Context) (jobs []Job, err error) {
	err = s.Store.Write(ctx, func(tx Tx) (err error) {
		jobs, err = tx.ClaimJobs(s.now(), s.now()+leaseFor, 100)
		return err
	})
	return jobs, err
}

// ClaimPlaced leases the jobs for which a process that does nothing yet has a place.
func (s *Service) ClaimPlaced(ctx context.Context) (jobs []Job, err error) {
	err = s.Store.Write(ctx, func(tx Tx) (err error) {
		jobs, err = s.claimPlaced(tx, newCrew())
		return err
	})
	return jobs, err
}

// Perform does a claimed job.
func (s *Service) Perform(ctx context.Context, job Job) {
	s.perform(ctx, &lease{Job: job, svc: s, renewed: s.now()})
}

// Watched does work under the lease of a claimed job.
func (s *Service) Watched(ctx context.Context, job Job, do func(context.Context, func(panels.Progress)) error) error {
	return (&lease{Job: job, svc: s, renewed: s.now()}).watched(ctx, do)
}
