package service_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kleroterion/service"
	"kleroterion/service/poll"
)

// faulty is the real store whose transactions meet one ballot badly: trouble says what happens to it.
type faulty struct {
	service.Store
	trouble func(voter string) error
}

type faultyTx struct {
	service.Tx
	trouble func(voter string) error
}

func (f faulty) Write(ctx context.Context, fn func(service.Tx) error) error {
	return f.Store.Write(ctx, func(tx service.Tx) error { return fn(faultyTx{tx, f.trouble}) })
}

func (f faultyTx) CastBallot(e service.Elector) error {
	if err := f.trouble(e.Voter); err != nil {
		return err
	}
	return f.Tx.CastBallot(e)
}

// castAll casts at once and returns the answers.
func castAll(t *testing.T, s *service.Service, p service.Poll, casts []poll.Cast) []error {
	errs := make([]error, len(casts))
	var all sync.WaitGroup
	for i := range casts {
		all.Go(func() { _, errs[i] = s.Cast(t.Context(), p.ID, casts[i]) })
	}
	all.Wait()
	return errs
}

func TestOneBallotInTroubleDoesNotCostTheOthersTheirs(t *testing.T) {
	const members = 30
	c := newPolity(t, members)
	bad := "members/" + token(5)
	var stale atomic.Int64
	for name, trouble := range map[string]func(string) error{
		"stale for ever": func(string) error { return service.ErrStale },
		"panic":          func(string) error { panic("a defect") },
		"stale once": func(string) error {
			if stale.Add(1) <= 2 { // in the batch, and the first time alone
				return service.ErrStale
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.clock.Add(1)
			p := c.openedPoll(strings.ReplaceAll(name, " ", "-"))
			casts := make([]poll.Cast, members)
			for i := range casts {
				casts[i] = c.ballot(p, "members/"+token(i), yes)
			}
			options := c.Options
			options.Store = faulty{c.Options.Store, func(voter string) error {
				if voter == bad {
					return trouble(voter)
				}
				return nil
			}}
			s, err := service.New(options)
			must(t, err)
			want := int64(members)
			for i, err := range castAll(t, s, p, casts) {
				switch {
				case i == 5 && name != "stale once":
					want--
					if err == nil {
						t.Error("the ballot in trouble was taken")
					}
				case err != nil:
					t.Errorf("ballot %d: %v", i, err)
				}
			}
			v, err := c.Poll(t.Context(), p.ID)
			must(t, err)
			if v.Ballots != want {
				t.Errorf("%d ballots recorded, want %d", v.Ballots, want)
			}
			c.counted(p)
			c.verified(p)
		})
	}
}

// held lets a test hold the first transaction of a ballot box open.
type held struct {
	service.Store
	begun, goOn chan struct{}
	first       *sync.Once
}

func (h held) Write(ctx context.Context, fn func(service.Tx) error) error {
	h.first.Do(func() { close(h.begun); <-h.goOn })
	return h.Store.Write(ctx, fn)
}

func TestSenderWhoLeavesIsLetGoAndNotRecordedAfterwards(t *testing.T) {
	c := newPolity(t, 2)
	p := c.openedPoll("leaving")
	casts := []poll.Cast{c.ballot(p, "members/"+token(0), yes), c.ballot(p, "members/"+token(1), yes)}
	options := c.Options
	h := held{c.Options.Store, make(chan struct{}), make(chan struct{}), new(sync.Once)}
	options.Store = h
	s, err := service.New(options)
	must(t, err)
	first := make(chan error, 1)
	go func() { _, err := s.Cast(t.Context(), p.ID, casts[0]); first <- err }()
	<-h.begun
	gone, leave := context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() { _, err := s.Cast(gone, p.ID, casts[1]); second <- err }()
	leave()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	close(h.goOn)
	must(t, <-first)
	if err := castAll(t, s, p, casts[1:])[0]; err != nil {
		t.Errorf("the same ballot sent again: %v", err)
	}
	v, err := c.Poll(t.Context(), p.ID)
	must(t, err)
	if v.Ballots != 2 {
		t.Errorf("%d ballots, want 2", v.Ballots)
	}
}
