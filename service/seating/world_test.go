package seating_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/identity"
	"kleroterion/service/seating"
)

const (
	subject = "city/town/draw/canal/seats"
	poll    = "community/river/poll/lock"
	opened  = int64(1_800_000_000)
	answer  = int64(7200)
	ends    = opened + 1_000_000
)

// person n of the register.
func person(n int) string { return fmt.Sprintf("%064x", n) }

func people(from, to int) []string {
	out := []string{}
	for n := from; n < to; n++ {
		out = append(out, person(n))
	}
	return out
}

// drawn is a result of two strata: seats 1 and 2 with alternates 11, 12, 13 and seat 3 with alternate 21.
func drawn() sortition.Result {
	return sortition.Result{Commit: beacon.Hash{1}, Seed: beacon.Hash{2}, V: 1, Strata: []sortition.Places{
		{Stratum: "north", Seats: people(1, 3), Alternates: people(11, 14)},
		{Stratum: "south", Seats: people(3, 4), Alternates: people(21, 22)},
	}}
}

func digest(tb testing.TB, r sortition.Result) [32]byte {
	tb.Helper()
	b, err := r.Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	return sha256.Sum256(b)
}

func terms(tb testing.TB, r sortition.Result) seating.Open {
	tb.Helper()
	return seating.Open{
		Answer: answer, At: opened, Commit: r.Commit, Deferral: true, Ends: ends,
		Result: digest(tb, r), Starts: opened + 100,
	}
}

func newJury(tb testing.TB, r sortition.Result) *seating.Jury {
	tb.Helper()
	j, err := seating.New(subject, r, digest(tb, r), terms(tb, r), false)
	if err != nil {
		tb.Fatal(err)
	}
	return j
}

// settle applies what follows by rule at a time.
func settle(tb testing.TB, j *seating.Jury, at int64) {
	tb.Helper()
	apply(tb, j, j.Due(at)...)
}

func apply(tb rapid.TB, j *seating.Jury, moves ...seating.Move) {
	tb.Helper()
	if n, err := seating.Replay(j, moves); err != nil {
		tb.Fatalf("move %d, %+v: %v", n, moves[n], err)
	}
}

func keyOf(seed byte) *identity.Key {
	k := identity.Ed25519Key(privateOf(seed).Public().(ed25519.PublicKey))
	return &k
}

func privateOf(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}
