package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/service"
)

// suite is one database under test: open gives an empty one, closed with the test.
type suite struct {
	open func(testing.TB) service.Store
}

// Run holds the contract of service.Store. open returns an empty store and closes it when its test
// ends; it is called once for each subtest.
func Run(t *testing.T, open func(t testing.TB) service.Store) {
	s := suite{open: open}
	for _, group := range []struct {
		name string
		test func(*testing.T)
	}{
		{"cities", s.cities}, {"keys", s.keys}, {"registers", s.registers}, {"pages", s.pages},
		{"residents", s.residents}, {"uploads", s.uploads}, {"draws", s.draws}, {"lotteries", s.lotteries}, {"beacons", s.beacons},
		{"jobs", s.jobs}, {"reports", s.reports}, {"counts", s.counts}, {"once", s.once}, {"blobs", s.blobs}, {"log", s.log},
		{"proposals", s.proposals}, {"juries", s.juries}, {"communities", s.communities}, {"members", s.members},
		{"polls", s.polls}, {"ballots", s.ballots}, {"cursors", s.cursors},
		{"rounds", s.rounds}, {"givers", s.givers}, {"projects", s.projects}, {"gifts", s.gifts}, {"together", s.together},
		{"atomicity", s.atomicity}, {"isolation", s.isolation}, {"races", s.races},
	} {
		t.Run(group.name, group.test)
	}
}

// check is one behaviour, tested on a store of its own.
type check struct {
	name string
	test func(t *testing.T, s service.Store)
}

func (s suite) run(t *testing.T, checks []check) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.test(t, s.open(t)) })
	}
}

// write runs fn and fails the test where it does not commit.
func write(t testing.TB, s service.Store, fn func(service.Tx) error) {
	t.Helper()
	if err := s.Write(context.WithoutCancel(t.Context()), fn); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// read runs fn and fails the test where it returns an error.
func read(t testing.TB, s service.Store, fn func(service.Tx) error) {
	t.Helper()
	if err := s.Read(context.WithoutCancel(t.Context()), fn); err != nil {
		t.Fatalf("read: %v", err)
	}
}

// get returns what one reading method answers.
func get[T any](t testing.TB, s service.Store, fn func(service.Tx) (T, error)) (got T) {
	t.Helper()
	read(t, s, func(tx service.Tx) (err error) {
		got, err = fn(tx)
		return err
	})
	return got
}

// refused runs fn in a transaction of its own and wants this error; writing methods must answer so
// without spoiling the transaction, so the answer is nil outside.
func refused(t testing.TB, s service.Store, want error, fn func(service.Tx) error) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		if err := fn(tx); !errors.Is(err, want) {
			return fmt.Errorf("got error %w, want %w", err, want)
		}
		return nil
	})
}

// missing wants service.ErrNotFound of a reading method.
func missing[T any](t testing.TB, s service.Store, fn func(service.Tx) (T, error)) {
	t.Helper()
	read(t, s, func(tx service.Tx) error {
		if _, err := fn(tx); !errors.Is(err, service.ErrNotFound) {
			return fmt.Errorf("got error %w, want %w", err, service.ErrNotFound)
		}
		return nil
	})
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// sum is a digest that looks like any other.
func sum(of string) beacon.Hash { return sha256.Sum256([]byte(of)) }

// addCity gives the registers and draws of a test their city.
func addCity(t testing.TB, s service.Store, slugs ...string) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, slug := range slugs {
			if err := tx.AddCity(service.City{Slug: slug, Name: slug, CreatedAt: 1}); err != nil {
				return err
			}
		}
		return nil
	})
}

// spoils wants that fn fails with this error and that its transaction cannot commit any more, also
// where the caller overlooks the error.
func spoils(t testing.TB, s service.Store, want error, fn func(service.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
	err := s.Write(t.Context(), func(tx service.Tx) error {
		_ = fn(tx)
		return nil
	})
	if !errors.Is(err, want) {
		t.Errorf("overlooked error: got %v, want %v", err, want)
	}
}
