package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/service"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/audit/verify"
	"kleroterion/store"
	"kleroterion/store/publish"
)

// perRound is how many records see the same round.
const perRound = 100

// ledger is a log in SQLite that grows.
type ledger struct {
	db      *store.DB
	network *devchain.Network
	appends int64           // counted in the transactions, of which SQLite runs one at a time
	beacons []beacon.Beacon // by round, from 1
}

func newLedger(ctx context.Context, path string) (*ledger, error) {
	network, err := rehearsal()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Options{URL: "sqlite:" + path})
	return &ledger{db: db, network: network}, err
}

// seen is the newest round when the next record is written: one for every perRound records.
func (l *ledger) seen() (*audit.Seen, error) {
	round := l.appends/perRound + 1
	l.appends++
	for int64(len(l.beacons)) < round {
		b, err := l.network.Sign(uint64(len(l.beacons) + 1))
		if err != nil {
			return nil, err
		}
		l.beacons = append(l.beacons, b)
	}
	return &audit.Seen{Chain: l.network.Chain().Hash, Beacon: l.beacons[round-1]}, nil
}

// grow appends n heartbeats in one transaction.
func (l *ledger) grow(ctx context.Context, n int) error {
	return l.db.Write(ctx, func(tx service.Tx) error {
		for range n {
			seen, err := l.seen()
			if err != nil {
				return err
			}
			if _, err := tx.Append(audit.KindHeartbeat, audit.LogSubject, seen, audit.Heartbeat{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// together lets writers do n things, each one at a time, and returns the first error.
func together(writers, n int, do func() error) error {
	var left atomic.Int64
	left.Store(int64(n))
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for errs[w] == nil && left.Add(-1) >= 0 {
				errs[w] = do()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// logRows appends with many writers at once, then publishes and verifies a long log.
func logRows(ctx context.Context, b *bench) ([]Row, error) {
	l, err := newLedger(ctx, filepath.Join(b.dir, "log.db"))
	if err != nil {
		return nil, err
	}
	defer l.db.Close() // what is measured has been committed
	appended, err := l.appendRow(ctx, b)
	if err != nil {
		return nil, err
	}
	verified, err := l.verifyRows(ctx, b)
	return append([]Row{appended}, verified...), err
}

// appendRow compares appends with bare inserts of the same record; each is on disk when it returns.
func (l *ledger) appendRow(ctx context.Context, b *bench) (Row, error) {
	s := b.sizes
	if err := l.grow(ctx, perRound); err != nil {
		return Row{}, err
	}
	bare, err := newBareLog(ctx, filepath.Join(b.dir, "log.db"), filepath.Join(b.dir, "barelog.db"))
	if err != nil {
		return Row{}, err
	}
	t, err := b.medians(ctx, min(3, s.rounds),
		timed(func() error { return together(s.writers, s.appends, func() error { return l.grow(ctx, 1) }) }),
		timed(func() error { return together(s.writers, s.appends, func() error { return bare.insert(ctx) }) }))
	if err = errors.Join(err, bare.close()); err != nil {
		return Row{}, err
	}
	row := Row{Name: "log.append", What: fmt.Sprintf("durable appends, SQLite, %d writers at once", s.writers), Figure: rate(s.appends, t[0])}
	return row.against(rate(s.appends, t[1]), "durable inserts of the record alone, group commit"), nil
}

// verifyRows fills the log up, publishes it and verifies what was published.
func (l *ledger) verifyRows(ctx context.Context, b *bench) ([]Row, error) {
	b.status.say("filling the log")
	if err := l.fill(ctx, b.sizes.records); err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, "public")
	policy, published, err := l.publish(ctx, dir)
	if err != nil {
		return nil, err
	}
	n, tree, points, err := l.least(ctx)
	if err != nil {
		return nil, err
	}
	chains, err := beacon.Pinned().With(l.network.Chain())
	if err != nil {
		return nil, err
	}
	check := func() error {
		r, err := verify.Log(ctx, folder(dir), verify.Options{Policy: &policy, Chains: chains})
		return errors.Join(err, holds(r))
	}
	t, err := b.medians(ctx, b.sizes.some(), timed(check), timed(func() error { tree.run(); return eachPoints(points) }))
	if err != nil {
		return nil, err
	}
	row := Row{Name: "log.verify", What: fmt.Sprintf("a log of %d records that saw %d rounds", n, len(points)), Figure: took(t[0])}
	return []Row{row.against(took(t[1]), "SHA-256 of leaves and nodes, the points of each round"),
		{Name: "log.publish", What: fmt.Sprintf("its tiles and checkpoint, %d records at once", n), Figure: took(published)}}, nil
}

func (l *ledger) fill(ctx context.Context, n int) error {
	for left := int64(n) - l.appends; left > 0; left = int64(n) - l.appends {
		if err := l.grow(ctx, int(min(1000, left))); err != nil {
			return err
		}
	}
	return nil
}

// publish writes the public files of the log as it is.
func (l *ledger) publish(ctx context.Context, dir string) (checkpoint.Policy, time.Duration, error) {
	signer, vkey, err := newLogKey()
	if err != nil {
		return checkpoint.Policy{}, 0, err
	}
	if err := l.db.KeepInstance(ctx, store.Instance{Origin: origin, VKey: vkey}); err != nil {
		return checkpoint.Policy{}, 0, err
	}
	p, err := publish.New(publish.Options{DB: l.db, Signer: signer, VKey: vkey, Dir: dir})
	if err != nil {
		return checkpoint.Policy{}, 0, err
	}
	start := time.Now()
	if err := p.Step(ctx); err != nil {
		return checkpoint.Policy{}, 0, err
	}
	d := time.Since(start)
	policy, err := checkpoint.LogPolicy(vkey)
	return policy, d, err
}

// least is what no verifier of this log can leave out.
func (l *ledger) least(ctx context.Context) (n int, tree *bareTree, points []*bare, err error) {
	var text bytes.Buffer
	for {
		var list []service.LogEntry
		err := l.db.Read(ctx, func(tx service.Tx) (err error) { list, err = tx.Entries(int64(n), 1000); return err })
		if err != nil {
			return 0, nil, nil, err
		}
		for _, e := range list {
			text.Write(append(e.Record, '\n'))
		}
		if n += len(list); len(list) == 0 {
			break
		}
	}
	for _, v := range l.beacons {
		k, err := newBare(l.network.Chain(), v)
		if err != nil {
			return 0, nil, nil, err
		}
		points = append(points, k)
	}
	return n, newBareTree(text.Bytes()), points, nil
}

// folder reads published files from a directory.
type folder string

// Read implements verify.Source.
func (f folder) Read(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), filepath.FromSlash(name)))
}
