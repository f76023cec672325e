package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/service"
	"kleroterion/store"
)

const city = "bench"

// house is the service on a database of its own, with workers that run.
type house struct {
	*service.Service
	db   *store.DB
	stop func() error
}

// registrar is the city's own actor.
func registrar() service.Actor {
	return service.Actor{KeyID: "bench", City: city, Role: service.RoleRegistrar}
}

// newHouse opens the database at url, adds the city and starts the workers. The caller closes it.
func newHouse(ctx context.Context, url string) (*house, error) {
	h, err := houseAt(ctx, url)
	if err != nil {
		return nil, err
	}
	h.work(ctx)
	return h, nil
}

// houseAt is one whose workers do not run yet.
func houseAt(ctx context.Context, url string) (*house, error) {
	db, err := store.Open(ctx, store.Options{URL: url, Migrate: true})
	if err != nil {
		return nil, err
	}
	h := &house{db: db, stop: func() error { return nil }}
	if err := h.start(ctx); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) start(ctx context.Context) error {
	network, err := rehearsal()
	if err != nil {
		return err
	}
	chains, err := beacon.Pinned().With(network.Chain())
	if err != nil {
		return err
	}
	h.Service, err = service.New(service.Options{Store: h.db, Chains: chains, DefaultChain: network.Chain().Hash,
		Rounds: ownRounds{network}, Publisher: unpublished{}, Now: time.Now, Entropy: rand.Reader,
		Logger: slog.New(slog.DiscardHandler), Version: "klero-bench"})
	if err != nil {
		return err
	}
	operator := service.Actor{KeyID: "bench", Role: service.RoleOperator}
	_, err = h.AddCity(ctx, operator, service.NewCity{Slug: city, Name: "Bench"})
	return err
}

// work starts the workers.
func (h *house) work(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- h.Run(ctx) }()
	h.stop = func() error { cancel(); return <-ran }
}

func (h *house) close() error { return errors.Join(h.stop(), h.db.Close()) }

// done waits for a job and fails when it was refused.
func (h *house) done(ctx context.Context, id string) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		job, err := h.Job(ctx, registrar(), id)
		switch {
		case err != nil:
			return err
		case job.State == service.JobDone:
			return nil
		case job.State == service.JobFailed:
			return fmt.Errorf("job %s of kind %s: %s: %s", job.ID, job.Kind, job.Error, job.Report)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ownRounds gives the rounds of a chain whose key is here, when they are due: no network is measured.
type ownRounds struct{ network *devchain.Network }

// Fetch implements service.Rounds.
func (r ownRounds) Fetch(_ context.Context, chain beacon.Hash, round uint64) (beacon.Beacon, string, error) {
	c := r.network.Chain()
	if chain != c.Hash {
		return beacon.Beacon{}, "", fmt.Errorf("chain %s is not the local one", chain)
	}
	newest, err := c.RoundAt(time.Now().Unix())
	if err != nil {
		return beacon.Beacon{}, "", err
	}
	if round > newest {
		return beacon.Beacon{}, "", fmt.Errorf("round %d is not due, the newest is %d", round, newest)
	}
	b, err := r.network.Sign(round)
	return b, "local", err
}

// State implements service.Rounds: nothing is known of a round that is not there.
func (ownRounds) State(beacon.Hash, uint64) string { return "" }

// CheckClock implements service.Rounds: chain and service share the clock.
func (ownRounds) CheckClock(context.Context, beacon.Hash) error { return nil }

// Relays implements service.Rounds: there are none.
func (ownRounds) Relays() []service.RelayStatus { return nil }

// unpublished is a log that is kept and not published: what is measured ends with the database.
type unpublished struct{}

// Kick implements service.Publisher.
func (unpublished) Kick() {}

// Published implements service.Publisher.
func (unpublished) Published(context.Context, int64) error { return nil }
