package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"kleroterion/funding"
)

// pool is larger than no round here, so that every unit of it is shared.
const pool = 50_000_000

func params(rule funding.Rule) funding.Params {
	p := funding.Params{Spec: funding.Spec, Rule: rule, Pool: funding.Units(pool)}
	if rule == funding.Pairwise {
		p.M = funding.Units(2500)
	}
	return p
}

// matchRows match n gifts that a round has taken by one rule, down to the digest; bound is what the figure must
// stay under, 0 where nothing is promised.
func matchRows(n int, rule funding.Rule, bound time.Duration) func(context.Context, *bench) ([]Row, error) {
	return func(ctx context.Context, b *bench) ([]Row, error) {
		list := gifts(n)
		r, err := roundOf(list, rule)
		if err != nil {
			return nil, err
		}
		match := func() error {
			_, err := r.Match()
			return err
		}
		peer := func() error {
			_, err := funding.AlloLinear(funding.Peer{Pool: funding.Units(pool)}, list)
			return err
		}
		once := func() error {
			if pass(list) == 0 {
				return errors.New("no gift")
			}
			return nil
		}
		t, err := b.medians(ctx, min(5, b.sizes.some()), timed(match), timed(once), timed(peer))
		if err != nil {
			return nil, err
		}
		name := "funding." + string(rule) + "." + short(n)
		row := Row{Name: name, What: "matching gifts that were taken, rule " + string(rule), Figure: took(t[0])}.
			against(took(t[1]), "one pass: a sum for each donor and project, and its root")
		if bound > 0 {
			row = row.promise(within(took(bound)))
		}
		rows := []Row{row}
		if rule == funding.Quadratic {
			rows = append(rows, Row{Name: name + ".peer", What: "the same gifts by the rule of Grants Stack, our port", Figure: took(t[2])})
		}
		return rows, nil
	}
}

// estimateRows ask what one more gift would change while n are there. The figure is what 99 of 100
// answers stay under, each after a gift was added.
func estimateRows(ctx context.Context, b *bench) ([]Row, error) {
	n := b.sizes.gifts
	var rows []Row
	for _, rule := range []funding.Rule{funding.Quadratic, funding.Pairwise} {
		e, err := estimateOf(gifts(n), rule)
		if err != nil {
			return nil, err
		}
		took99, err := slowest(ctx, e, gifts(n + 500)[n:])
		if err != nil {
			return nil, err
		}
		row := Row{Name: "funding.estimate." + string(rule) + "." + short(n), What: "one more gift taken and another asked about, 99 of 100", Figure: took(took99)}
		if n >= 100_000 {
			row = row.promise(within(took(5 * time.Millisecond)))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func estimateOf(list []funding.Contribution, rule funding.Rule) (*funding.Estimate, error) {
	r, err := roundOf(list, rule)
	if err != nil {
		return nil, err
	}
	return r.Estimate()
}

func roundOf(list []funding.Contribution, rule funding.Rule) (*funding.Round, error) {
	r, err := funding.NewRound(params(rule))
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if err := r.Add(c); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func slowest(ctx context.Context, e *funding.Estimate, more []funding.Contribution) (time.Duration, error) {
	times := make([]time.Duration, 0, len(more))
	for _, c := range more {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := e.Add(c); err != nil {
			return 0, err
		}
		if _, err := e.What(c); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return times[len(times)*99/100], nil
}
