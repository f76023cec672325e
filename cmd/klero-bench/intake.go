package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kleroterion/service"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/poll"
)

// perVoter is how many ballots of a voter are sent in all, in rounds of equal length for each crowd.
const perVoter = 48

// intakeRounds are measured after one that warms up.
const intakeRounds = 2

// intakeRows cast ballots over HTTP into SQLite, and then verify the bundle of the poll.
func intakeRows(ctx context.Context, b *bench) (rows []Row, err error) {
	b.status.say("admitting members")
	h, err := newHall(ctx, filepath.Join(b.dir, "hall"), "", b.sizes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	rows, err = h.intake(ctx, b, "sqlite")
	if err != nil {
		return nil, err
	}
	bundle, err := h.bundleRows(ctx, b)
	return append(rows, bundle...), err
}

// intakePostgresRows cast ballots over HTTP into PostgreSQL, where there is one.
func intakePostgresRows(ctx context.Context, b *bench) (rows []Row, err error) {
	err = onPostgres(ctx, b, func(url string) error {
		h, err := newHall(ctx, filepath.Join(b.dir, "hall-postgres"), url, b.sizes)
		if err != nil {
			return err
		}
		rows, err = h.intake(ctx, b, "postgres")
		return errors.Join(err, h.close())
	})
	return rows, err
}

// intake measures each crowd beside bare durable writes by as many writers.
func (h *hall) intake(ctx context.Context, b *bench, name string) (rows []Row, err error) {
	n := len(h.electors) * perVoter / len(b.sizes.crowds) / (intakeRounds + 1)
	for _, clients := range b.sizes.crowds {
		t, err := b.medians(ctx, intakeRounds,
			timed(func() error { return together(clients, n, func() error { return h.cast(ctx) }) }),
			timed(func() error { return together(clients, n, func() error { return h.bare(ctx) }) }))
		if err != nil {
			return nil, err
		}
		row := Row{Name: fmt.Sprintf("polls.intake.%s.%d", name, clients), Figure: rate(n, t[0]),
			What: fmt.Sprintf("signed ballots over HTTP, durable and logged, %d clients, loopback", clients)}
		rows = append(rows, row.against(rate(n, t[1]), "durable writes of 700 bytes, same group commit, no HTTP"))
	}
	return rows, nil
}

// bundleRows verifies the bundle of the poll, with every ballot that was sent.
func (h *hall) bundleRows(ctx context.Context, b *bench) ([]Row, error) {
	b.status.say("counting")
	if err := h.counted(ctx); err != nil {
		return nil, err
	}
	path := filepath.Join(b.dir, "poll.klero")
	if err := h.writeBundle(ctx, path); err != nil {
		return nil, err
	}
	policy, err := checkpoint.LogPolicy(h.VKey)
	if err != nil {
		return nil, err
	}
	least, n, err := h.signatures()
	if err != nil {
		return nil, err
	}
	check := func() error { return verifyFile(ctx, path, policy) }
	t, err := b.medians(ctx, min(3, b.sizes.some()), timed(check), timed(least))
	if err != nil {
		return nil, err
	}
	grown, err := watch(check)
	if err != nil {
		return nil, err
	}
	row := Row{Name: "polls.bundle", What: fmt.Sprintf("all checks on the bundle of a poll with %d ballots of %d voters", n, len(h.electors)), Figure: took(t[0])}
	return []Row{row.against(took(t[1]), "Ed25519 verification of its ballots alone, on the same cores"),
		{Name: "polls.bundle.memory", What: "heap while verifying", Figure: size(grown.heap)}}, nil
}

// writeBundle waits until a checkpoint covers the result.
func (h *hall) writeBundle(ctx context.Context, path string) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := errors.Join(h.Service.PollBundle(ctx, h.poll.ID, f), f.Close()); service.KindOf(err) != service.KindTooEarly {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// signatures verifies one for every ballot that was sent.
func (h *hall) signatures() (func() error, int, error) {
	c := &crowd{electors: h.electors, hash: h.poll.Hash, m: &poll.Manifest{Mode: poll.ModeOpen}}
	_, casts, err := c.records()
	if err != nil {
		return nil, 0, err
	}
	each := c.signatures(casts)
	return func() error {
		for range perVoter {
			if err := each(); err != nil {
				return err
			}
		}
		return nil
	}, int(h.sent.Load()), nil
}
