package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"

	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/randomness/timelock"
	"kleroterion/service/poll"
)

// oneRows are what a single ballot costs whoever seals, takes and opens it, each on one core.
func oneRows(ctx context.Context, b *bench) ([]Row, error) {
	c, err := newCrowd(1, poll.ModeSealed)
	if err != nil {
		return nil, err
	}
	cast, err := c.ballot(0)
	if err != nil {
		return nil, err
	}
	open, err := c.opening(cast)
	if err != nil {
		return nil, err
	}
	pairing, err := c.pairings()
	if err != nil {
		return nil, err
	}
	power, err := exponentOfOne()
	if err != nil {
		return nil, err
	}
	key := c.electors[0].key()
	check := func() error { _, err := poll.CheckCast(c.m, c.hash, &key, cast); return err }
	seal := func() error { _, err := c.ballot(0); return err }
	t, err := b.medians(ctx, b.sizes.rounds, timed(open), timed(pairing), timed(seal), timed(power), timed(check), timed(c.signatures([]poll.Cast{cast})))
	if err != nil {
		return nil, err
	}
	return []Row{
		Row{Name: "polls.one.open", What: "opening one sealed ballot", Figure: took(t[0])}.against(took(t[1]), "one pairing"),
		Row{Name: "polls.one.seal", What: "sealing and signing one ballot", Figure: took(t[2])}.against(took(t[3]), "one exponentiation in the target group"),
		Row{Name: "polls.one.check", What: "what intake checks of one sealed ballot", Figure: took(t[4])}.against(took(t[5]), "its Ed25519 verification"),
	}, nil
}

// exponentOfOne is the one step of sealing that nothing can leave out: a power of a fixed element.
func exponentOfOne() (func() error, error) {
	_, _, g1, g2 := bls.Generators()
	base, err := bls.Pair([]bls.G1Affine{g1}, []bls.G2Affine{g2})
	if err != nil {
		return nil, err
	}
	power, ok := new(big.Int).SetString(strings.Repeat("5a", 31), 16)
	if !ok {
		return nil, errors.New("the exponent is no number")
	}
	return func() error { new(bls.GT).CyclotomicExp(base, power); return nil }, nil
}

// opening opens one ballot with an opener that is ready.
func (c *crowd) opening(cast poll.Cast) (func() error, error) {
	var ballot poll.Ballot
	if err := json.Unmarshal(cast.Ballot, &ballot); err != nil {
		return nil, err
	}
	file, err := base64.StdEncoding.DecodeString(ballot.Sealed)
	if err != nil {
		return nil, err
	}
	closing, err := c.closing()
	if err != nil {
		return nil, err
	}
	opener, err := timelock.NewOpener(c.network.Chain(), closing)
	return func() error { _, err := opener.Open(file); return err }, err
}
