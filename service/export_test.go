package service

import "context"

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
