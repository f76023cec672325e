package service

import (
	"context"
	"errors"
	"time"

	"kleroterion/randomness/sortition/quota"
)

// checkFor bounds one look at quotas while somebody waits for the answer.
const checkFor = 20 * time.Second

// CheckQuotas says at once whether quotas can be met, and what to change where they cannot. Nothing is
// stored. What is not decided in time is named as such.
func (s *Service) CheckQuotas(ctx context.Context, a Actor, in NewLottery) (QuotaCheck, error) {
	reg, err := s.lotteryRegister(ctx, a, in.RegisterID)
	if err != nil {
		return QuotaCheck{}, err
	}
	_, p, err := s.pool(ctx, reg, in)
	if err != nil {
		return QuotaCheck{}, err
	}
	// One at a time: it takes a processor, and others wait for theirs.
	select {
	case s.checking <- struct{}{}:
		defer func() { <-s.checking }()
	case <-ctx.Done():
		return QuotaCheck{}, ctx.Err()
	}
	limited, stop := context.WithTimeout(ctx, checkFor)
	defer stop()
	check, err := examine(limited, p)
	return check, firstOf(ctx.Err(), err)
}

// examine says of quotas what package quota knows. Where the context ends by its deadline, the rest is
// undecided; where it is cancelled, that is the error.
func examine(ctx context.Context, p *quota.Problem) (QuotaCheck, error) {
	c := QuotaCheck{Problems: []string{}, Nearest: []quota.Change{}, Never: []NeverSeated{}, Undecided: []string{}}
	for _, finding := range quota.CrossCheck(p) {
		c.Problems = append(c.Problems, finding.Message)
	}
	answer, err := quota.Feasible(ctx, p)
	switch {
	case err != nil:
		return c, c.leave("whether the quotas can be met", err)
	case answer.Conflict == nil:
		c.Feasible = true
		return c, c.addNever(ctx, p)
	}
	c.Conflict = answer.Conflict.Reason
	return c, c.addNearest(ctx, p)
}

// leave notes what a search did not decide; any other error stays one.
func (c *QuotaCheck) leave(what string, err error) error {
	if !errors.Is(err, quota.ErrUndecided) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	c.Undecided = append(c.Undecided, what)
	return nil
}

func (c *QuotaCheck) addNever(ctx context.Context, p *quota.Problem) error {
	list, err := quota.Unseatable(ctx, p)
	if err != nil {
		return c.leave("who can never be chosen", err)
	}
	for _, conflict := range list {
		if conflict.Type < 0 {
			continue
		}
		t := p.Types[conflict.Type]
		c.Never = append(c.Never, NeverSeated{Values: valuesOf(p, t), People: int64(len(t.Members)), Why: conflict.Reason})
	}
	return nil
}

func (c *QuotaCheck) addNearest(ctx context.Context, p *quota.Problem) error {
	x, err := quota.Nearest(ctx, p)
	if err != nil {
		return c.leave("the nearest quotas", err)
	}
	if x.Conflict != nil {
		c.Rigid = x.Conflict.Reason
		return nil
	}
	c.Nearest, c.NearestProved = append(c.Nearest, x.Changes...), x.Proved
	return nil
}
