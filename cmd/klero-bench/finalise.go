package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"kleroterion/service"
)

// finaliseRows match a round of n gifts through the use cases, from its close to its published result: the rows
// are read from the disk, held against what was signed, counted and matched.
func finaliseRows(n int) func(context.Context, *bench) ([]Row, error) {
	return func(ctx context.Context, b *bench) (rows []Row, err error) {
		file := filepath.Join(b.dir, fmt.Sprintf("round-%d.db", n))
		h, err := houseAt(ctx, "sqlite:"+file)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, h.close()) }()
		b.status.say("writing %s gifts", short(n))
		round, err := h.seed(ctx, file, gifts(n))
		if err != nil {
			return nil, err
		}
		b.status.say("bare reading of the same rows")
		bare, err := bareGifts(ctx, file)
		if err != nil {
			return nil, err
		}
		b.status.say("finalising %s gifts", short(n))
		var spent, core time.Duration
		grown, err := watch(func() (err error) {
			start := time.Now()
			core, err = onCore(func() error { return h.finalise(ctx, round) })(ctx)
			spent = time.Since(start)
			return err
		})
		if err != nil {
			return nil, err
		}
		return finalised("funding.finalise."+short(n), n, took(spent), bare, core, grown), nil
	}
}

func finalised(name string, n int, spent Quantity, bare bareRead, core time.Duration, grown memory) []Row {
	row := Row{Name: name, What: "a closed round to its result, the gifts read from SQLite, checked and matched", Figure: spent}.
		against(took(bare.spent), "reading the same rows on one connection, the texts of each in one piece, and nothing else")
	heap := Row{Name: name + ".heap", What: "heap while finalising", Figure: size(grown.heap)}
	switch n {
	case 1_000_000:
		row, heap = row.promise(within(took(4*time.Second))), heap.promise(within(size(1e9)))
	case 100_000:
		row = row.promise(within(took(time.Second)))
	}
	used := Row{Name: name + ".core", What: "processor time of the same, which others on the machine do not lengthen", Figure: took(core)}.
		against(took(bare.core), "processor time of that reading")
	return []Row{row, used, heap}
}

// finalise lets the workers do what is due and waits for the round's result.
func (h *house) finalise(ctx context.Context, round string) error {
	h.work(ctx)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var r service.Round
		var job service.Job
		err := h.db.Read(ctx, func(tx service.Tx) (err error) {
			if r, err = tx.Round(round); err != nil {
				return err
			}
			job, err = tx.Job("round-" + round)
			return err
		})
		switch {
		case err != nil:
			return err
		case r.State == service.RoundFinal:
			return nil
		case job.Attempt > 1 || job.State != service.JobPending:
			return fmt.Errorf("the round's job is %s after %d attempts: %s %s", job.State, job.Attempt, job.Error, job.Report)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// bareRead is what reading all gifts takes on one connection, in the quickest way through the driver that we know.
type bareRead struct{ spent, core time.Duration }

func bareGifts(ctx context.Context, file string) (out bareRead, err error) {
	db, err := sqliteFile(file)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	start := time.Now()
	out.core, err = onCore(func() error {
		rows, err := db.QueryContext(ctx, `SELECT n, at, paid, refunded,
			amount || x'1f' || project || x'1f' || donor || x'1f' || once || x'1f' || same FROM gifts ORDER BY round, n`)
		if err != nil {
			return err
		}
		defer rows.Close()
		var n, at int64
		var paid, refunded bool
		var texts string
		for rows.Next() {
			if err := rows.Scan(&n, &at, &paid, &refunded, &texts); err != nil {
				return err
			}
		}
		return rows.Err()
	})(ctx)
	out.spent = time.Since(start)
	return out, err
}
