package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"runtime"
	"time"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// perBatch is how many records go into a box at once, as the service reads them.
const perBatch = 4096

var errBadSignature = errors.New("a signature does not verify")

// put checks and keeps records as the service does.
func put(ctx context.Context, box *poll.Box, list []poll.Record) error {
	for from := 0; from < len(list); from += perBatch {
		if err := box.Add(ctx, list[from:min(from+perBatch, len(list))]); err != nil {
			return err
		}
	}
	return nil
}

// count opens and counts what is in the box; every ballot must be good.
func (c *crowd) count(ctx context.Context, box *poll.Box) error {
	closing, err := c.closing()
	if err != nil {
		return err
	}
	t, err := box.Count(ctx, c.network.Chain(), closing, nil)
	if err != nil {
		return err
	}
	if got := t.Count.Chambers[0]; got.Invalid != 0 || got.Valid != int64(len(c.electors)) {
		return fmt.Errorf("%d ballots were counted, %d are invalid, of %d", got.Valid, got.Invalid, len(c.electors))
	}
	return nil
}

// openRows opens the sealed ballots of a poll beside a pairing for each.
func openRows(ctx context.Context, b *bench) ([]Row, error) {
	n := b.sizes.sealed
	b.status.say("sealing %s ballots", short(n))
	c, err := newCrowd(n, poll.ModeSealed)
	if err != nil {
		return nil, err
	}
	list, _, err := c.records()
	if err != nil {
		return nil, err
	}
	box, err := c.box()
	if err == nil {
		err = put(ctx, box, list)
	}
	if err != nil {
		return nil, err
	}
	pairings, err := c.pairings()
	if err != nil {
		return nil, err
	}
	rounds := 3
	if n > 10_000 { // a round takes minutes
		rounds = 1
	}
	t, err := b.medians(ctx, rounds, timed(func() error { return c.count(ctx, box) }), timed(pairings))
	if err != nil {
		return nil, err
	}
	row := Row{Name: "polls.open." + short(n), What: "opening and counting sealed ballots of 256 bytes", Figure: rate(n, t[0])}
	row = row.against(rate(n, t[1]), "one pairing a ballot, on the same cores")
	if n >= 10_000 {
		row = row.promise(times(1.3))
	}
	return []Row{row}, nil
}

// pairings is one for each elector, on all cores.
func (c *crowd) pairings() (func() error, error) {
	closing, err := c.closing()
	if err != nil {
		return nil, err
	}
	var sig bls.G1Affine
	if _, err := sig.SetBytes(closing.Signature); err != nil {
		return nil, err
	}
	_, _, _, point := bls.Generators()
	points := make([]bls.G2Affine, 1024)
	for i := range points {
		points[i] = point
		point.Double(&point)
	}
	return func() error {
		return inParts(len(c.electors), func(i int) error {
			_, err := bls.Pair([]bls.G1Affine{sig}, points[i%len(points):][:1])
			return err
		})
	}, nil
}

// tallyRows checks and counts the open ballots of a poll beside the verification of their signatures.
func tallyRows(ctx context.Context, b *bench) ([]Row, error) {
	n := b.sizes.ballots
	b.status.say("signing %s ballots", short(n))
	c, err := newCrowd(n, poll.ModeOpen)
	if err != nil {
		return nil, err
	}
	list, casts, err := c.records()
	if err != nil {
		return nil, err
	}
	t, err := b.medians(ctx, 1, c.tally(list), timed(c.signatures(casts)))
	if err != nil {
		return nil, err
	}
	grown, err := watch(func() error {
		box, err := c.box()
		if err == nil {
			err = put(ctx, box, list)
		}
		return errors.Join(err, c.count(ctx, box))
	})
	if err != nil {
		return nil, err
	}
	alone, err := c.countAlone(ctx, b)
	if err != nil {
		return nil, err
	}
	runtime.KeepAlive(list)
	name := "polls.tally." + short(n)
	row := Row{Name: name, What: "checking and counting open ballots with their signatures", Figure: rate(n, t[0])}
	row = row.against(rate(n, t[1]), "Ed25519 verification alone, on the same cores").promise(at(n, times(1/0.6)))
	return []Row{row, {Name: name + ".memory", What: "heap for its roll, box and count, beside the records", Figure: size(grown.heap)}, alone}, nil
}

// tally counts from an empty box; reading the roll is not counted.
func (c *crowd) tally(list []poll.Record) contender {
	return func(ctx context.Context) (time.Duration, error) {
		box, err := c.box()
		if err != nil {
			return 0, err
		}
		start := time.Now()
		if err := put(ctx, box, list); err != nil {
			return 0, err
		}
		err = c.count(ctx, box)
		return time.Since(start), err
	}
}

// signatures verifies those of the ballots and does nothing else.
func (c *crowd) signatures(casts []poll.Cast) func() error {
	return func() error {
		return inParts(len(casts), func(i int) error {
			public := ed25519.PublicKey(c.electors[i].private[ed25519.SeedSize:])
			if !ed25519.Verify(public, identity.Message(identity.ThingBallot, casts[i].Ballot), casts[i].Signature.Signature) {
				return errBadSignature
			}
			return nil
		})
	}
}

// countAlone counts choices that are read already.
func (c *crowd) countAlone(ctx context.Context, b *bench) (Row, error) {
	n := len(c.electors)
	ballots := make([]voting.Ballot, n)
	for i, e := range c.electors {
		choice, err := voting.ParseChoice(&c.m.Rules, []byte(choices[i%len(choices)]))
		if err != nil {
			return Row{}, err
		}
		ballots[i] = voting.Ballot{Chamber: charter.ChamberMembers, Voter: e.voter(), N: int64(i + 2), Choice: choice}
	}
	closing, err := c.closing()
	if err != nil {
		return Row{}, err
	}
	t, err := b.medians(ctx, b.sizes.some(), timed(func() error {
		_, err := voting.Tally(&c.m.Rules, ballots, voting.NewTieKeys(c.hash, closing.Signature))
		return err
	}))
	if err != nil {
		return Row{}, err
	}
	return Row{Name: "polls.count." + short(n), What: "counting choices that are checked and read", Figure: rate(n, t[0])}, nil
}
