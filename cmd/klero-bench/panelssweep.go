package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// sweep is many invented pools of one shape.
type sweep struct {
	pools int
	shape invented
}

// sweeps are 400 pools, from small ones to those with eight features whose quotas leave hardly any room.
func sweeps() []sweep {
	return []sweep{
		{100, invented{people: 70, seats: 24, features: 5, values: 5}},
		{100, invented{people: 60, seats: 20, features: 6, values: 4}},
		{60, invented{people: 161, seats: 44, features: 7, values: 6, slack: 1}},
		{40, invented{people: 250, seats: 20, features: 6, values: 6}},
		{40, invented{people: 825, seats: 75, features: 4, values: 8, slack: 1}},
		{30, invented{people: 400, seats: 40, features: 6, values: 8, slack: 1}},
		{20, invented{people: 1000, seats: 100, features: 6, values: 8, slack: 1}},
		{10, invented{people: 320, seats: 30, features: 8, values: 8, slack: 1}},
	}
}

// swept is what became of the pools of a sweep.
type swept struct {
	impossible, proved int // pools that no panel meets, and lotteries that are proved
	open               []uint64
	widest             *big.Rat // the largest gap of those that are not
	times              []time.Duration
}

// sweepRows compute the lotteries of all sweeps, a row each. Every result is proved or says its gap.
func sweepRows(ctx context.Context, b *bench) ([]Row, error) {
	var rows []Row
	for _, s := range sweeps() {
		out := swept{widest: new(big.Rat)}
		for seed := range uint64(s.pools) {
			b.status.say("%d people, pool %d of %d", s.shape.people, seed+1, s.pools)
			if err := out.add(ctx, s.shape, seed+1); err != nil {
				return rows, fmt.Errorf("%d people, seed %d: %w", s.shape.people, seed+1, err)
			}
		}
		rows = append(rows, out.row(s))
	}
	return rows, nil
}

func (o *swept) add(ctx context.Context, in invented, seed uint64) error {
	in.seed = seed
	quotas, people := in.make()
	p, err := quota.New(in.seats, quotas, people)
	if err != nil {
		return err
	}
	var result *panels.Result
	t, err := onCore(func() (err error) {
		result, err = panels.Solve(ctx, p, panels.Options{})
		return err
	})(ctx)
	if errors.Is(err, panels.ErrInfeasible) {
		o.impossible++
		return nil
	}
	if err != nil {
		return err
	}
	o.times = append(o.times, t)
	v, err := panels.Verify(p, result)
	if err != nil {
		return err
	}
	if v.Optimal {
		o.proved++
		return nil
	}
	o.open = append(o.open, seed)
	if v.Gap.Cmp(o.widest) > 0 {
		o.widest = v.Gap
	}
	return nil
}

// row is the time of all pools together.
func (o *swept) row(s sweep) Row {
	slices.Sort(o.times)
	sum := time.Duration(0)
	for _, t := range o.times {
		sum += t
	}
	gaps := "none with a gap"
	if len(o.open) > 0 {
		gaps = fmt.Sprintf("with a gap those of seed %d, the widest %s", o.open, o.widest.FloatString(5))
	}
	what := fmt.Sprintf("%d pools, %d features: %d without any panel, %d proved, %s", s.pools, s.shape.features, o.impossible, o.proved, gaps)
	if n := len(o.times); n > 0 {
		what += fmt.Sprintf("; each %s (median), %s (of 9 in 10), %s at most", took(o.times[n/2]), took(o.times[n*9/10]), took(o.times[n-1]))
	}
	return Row{Name: fmt.Sprintf("panels.sweep.%d_%d", s.shape.people, s.shape.seats), What: what, Figure: took(sum)}
}
