package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"kleroterion/service"
)

func (s suite) ballots(t *testing.T) {
	s.run(t, []check{
		{"electors are read back as they were added", func(t *testing.T, s service.Store) {
			full := service.Elector{Poll: "p1", Voter: "members/m1", Key: []byte("k\x00"), Casts: 11, Last: 12}
			bare := service.Elector{Poll: "p1", Voter: "jury/1"}
			addElectors(t, s, full, bare)
			same(t, "full", oneElector(t, s, "p1", "members/m1"), full)
			same(t, "bare", oneElector(t, s, "p1", "jury/1"), bare)
			missing(t, s, func(tx service.Tx) (service.Elector, error) { return tx.Elector("p1", "jury/2") })
			missing(t, s, func(tx service.Tx) (service.Elector, error) { return tx.Elector("p2", "jury/1") })
		}},
		{"an elector twice in a poll spoils the transaction", func(t *testing.T, s service.Store) {
			roll := sampleRoll("p1", 2100)
			addElectors(t, s, roll[7])
			spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddElectors(roll) })
			missing(t, s, func(tx service.Tx) (service.Elector, error) { return tx.Elector("p1", roll[6].Voter) })
			addElectors(t, s, sampleRoll("p2", 2100)...)
			same(t, "in another poll", oneElector(t, s, "p2", roll[2099].Voter).Poll, "p2")
			write(t, s, func(tx service.Tx) error { return tx.AddElectors(nil) })
		}},
		{"a ballot raises its elector's and its poll's counts", countBallots},
		{"a ballot is refused where the elector or the poll is not as it was read", refuseBallots},
		{"a ballot and its record are one effect", ballotAndRecord},
		{"of ballots at once on one elector one is counted", raceBallots},
		{"no ballot is counted behind the close", raceClose},
		{"of those who close at once one closes", raceClosers},
	})
}

func countBallots(t *testing.T, s service.Store) {
	openWith(t, s, "p1", 3)
	openWith(t, s, "p2", 3)
	cast := func(voter string, casts, last int64) {
		t.Helper()
		write(t, s, func(tx service.Tx) error {
			return tx.CastBallot(service.Elector{Poll: "p1", Voter: voter, Casts: casts, Last: last})
		})
	}
	cast("jury/1", 0, 2)
	cast("jury/2", 0, 3)
	cast("jury/1", 1, 4)
	want := openPoll("p1")
	want.Ballots, want.Voters = 3, 2
	same(t, "poll", onePoll(t, s, "p1"), want)
	same(t, "other poll", onePoll(t, s, "p2"), openPoll("p2"))
	for i, counts := range [][2]int64{{2, 4}, {1, 3}, {0, 0}} {
		e := sampleRoll("p1", 3)[i]
		e.Casts, e.Last = counts[0], counts[1]
		same(t, e.Voter, oneElector(t, s, "p1", e.Voter), e)
		same(t, e.Voter+" elsewhere", oneElector(t, s, "p2", e.Voter), sampleRoll("p2", 3)[i])
	}
}

func refuseBallots(t *testing.T, s service.Store) {
	openWith(t, s, "p1", 1)
	write(t, s, func(tx service.Tx) error {
		return tx.CastBallot(service.Elector{Poll: "p1", Voter: "jury/1", Last: 2})
	})
	addElectors(t, s, service.Elector{Poll: "p9", Voter: "jury/1"}) // of no poll
	for _, state := range []service.PollState{service.PollClosed, service.PollCounted, service.PollVoid} {
		p := openPoll(string(state))
		p.State = state
		addPolls(t, s, p)
		addElectors(t, s, service.Elector{Poll: p.ID, Voter: "jury/1"})
	}
	for name, e := range map[string]service.Elector{
		"fewer casts than kept": {Poll: "p1", Voter: "jury/1", Casts: 0, Last: 9},
		"more casts than kept":  {Poll: "p1", Voter: "jury/1", Casts: 2, Last: 9},
		"no such elector":       {Poll: "p1", Voter: "jury/2", Last: 9},
		"no such poll":          {Poll: "p9", Voter: "jury/1", Last: 9},
		"closed poll":           {Poll: "closed", Voter: "jury/1", Last: 9},
		"counted poll":          {Poll: "counted", Voter: "jury/1", Last: 9},
		"void poll":             {Poll: "void", Voter: "jury/1", Last: 9},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.CastBallot(e) })
		})
	}
	same(t, "ballots", onePoll(t, s, "p1").Ballots, int64(1))
	same(t, "last", oneElector(t, s, "p1", "jury/1").Last, int64(2))
	for _, poll := range []string{"closed", "counted", "void", "p9"} {
		same(t, poll, oneElector(t, s, poll, "jury/1"), service.Elector{Poll: poll, Voter: "jury/1"})
	}
}

// ballotAndRecord fails after both were written, in fn's way and in the database's.
func ballotAndRecord(t *testing.T, s service.Store) {
	openWith(t, s, "p1", 1)
	both := func(tx service.Tx) error {
		e, err := voided(tx, "community/coop/poll/p1", "a ballot")
		if err != nil {
			return err
		}
		return tx.CastBallot(service.Elector{Poll: "p1", Voter: "jury/1", Last: e.N})
	}
	err := s.Write(t.Context(), func(tx service.Tx) error { return errors.Join(both(tx), errOurs) })
	if !errors.Is(err, errOurs) {
		t.Errorf("got error %v, want that of fn", err)
	}
	err = s.Write(t.Context(), func(tx service.Tx) error {
		if err := both(tx); err != nil {
			return err
		}
		return both(tx) // builds on casts that are not kept any more
	})
	if !errors.Is(err, service.ErrStale) {
		t.Errorf("got error %v, want %v", err, service.ErrStale)
	}
	same(t, "size of the log", CheckLog(t, s).Size, int64(0))
	same(t, "poll", onePoll(t, s, "p1"), openPoll("p1"))
	same(t, "elector", oneElector(t, s, "p1", "jury/1"), sampleRoll("p1", 1)[0])
	write(t, s, both)
	same(t, "size of the log", CheckLog(t, s).Size, int64(1))
	same(t, "last", oneElector(t, s, "p1", "jury/1").Last, int64(1))
}

func raceBallots(t *testing.T, s service.Store) {
	const rounds, workers = 6, 4
	openWith(t, s, "p1", 1)
	for round := range rounds {
		before := oneElector(t, s, "p1", "jury/1")
		var counted, last atomic.Int64
		together(workers, func(worker int) {
			mine := before
			mine.Last = int64(100*round + worker + 1)
			switch err := s.Write(t.Context(), func(tx service.Tx) error { return tx.CastBallot(mine) }); {
			case err == nil:
				counted.Add(1)
				last.Store(mine.Last)
			case !errors.Is(err, service.ErrStale):
				t.Errorf("worker %d: %v", worker, err)
			}
		})
		same(t, "counted", counted.Load(), int64(1))
		same(t, "last", oneElector(t, s, "p1", "jury/1").Last, last.Load())
	}
	got := onePoll(t, s, "p1")
	same(t, "ballots and voters", [2]int64{got.Ballots, got.Voters}, [2]int64{rounds, 1})
}

// raceClose closes a poll while its electors vote. What the close saw counted is what stays counted.
func raceClose(t *testing.T, s service.Store) {
	const voters, each, before = 4, 400, 12
	roll := openWith(t, s, "p1", voters*each)
	var counted atomic.Int64
	begun := make(chan struct{})
	var atClose int64
	together(voters+1, func(worker int) {
		if worker == voters {
			<-begun
			atClose = closePoll(t, s, "p1")
			return
		}
		for i, e := range roll[worker*each : (worker+1)*each] {
			e.Last = int64(i + 1)
			err := s.Write(t.Context(), func(tx service.Tx) error { return tx.CastBallot(e) })
			if err == nil {
				if counted.Add(1) == before {
					close(begun)
				}
				continue
			}
			if !errors.Is(err, service.ErrStale) {
				t.Errorf("%s: %v", e.Voter, err)
			}
			return
		}
		t.Errorf("voter %d met no closed poll: the test did not test", worker)
	})
	got := onePoll(t, s, "p1")
	same(t, "state", got.State, service.PollClosed)
	same(t, "ballots, acknowledged and at the close", [2]int64{got.Ballots, got.Ballots}, [2]int64{counted.Load(), atClose})
	same(t, "voters", got.Voters, got.Ballots)
}

// closePoll closes the poll as it stands and says how many ballots it had then.
func closePoll(t testing.TB, s service.Store, id string) (ballots int64) {
	err := s.Write(t.Context(), func(tx service.Tx) error {
		p, err := tx.Poll(id)
		if err != nil {
			return err
		}
		ballots, p.State = p.Ballots, service.PollClosed
		return tx.UpdatePoll(p)
	})
	if err != nil {
		t.Errorf("close: %v", err)
	}
	return ballots
}

func raceClosers(t *testing.T, s service.Store) {
	p := openPoll("p1")
	openWith(t, s, "p1", 0)
	var closed atomic.Int64
	together(6, func(worker int) {
		mine := p
		mine.State, mine.EndedAt = service.PollClosed, int64(worker+1)
		switch err := s.Write(t.Context(), func(tx service.Tx) error { return tx.UpdatePoll(mine) }); {
		case err == nil:
			closed.Add(1)
		case !errors.Is(err, service.ErrStale):
			t.Errorf("worker %d: %v", worker, err)
		}
	})
	same(t, "closed", closed.Load(), int64(1))
	same(t, "version", onePoll(t, s, "p1").Version, int64(1))
}

// sampleRoll is the roll of a poll: so many seats, the first jury/1.
func sampleRoll(poll string, n int) []service.Elector {
	roll := make([]service.Elector, n)
	for i := range roll {
		roll[i] = service.Elector{Poll: poll, Voter: fmt.Sprintf("jury/%d", i+1), Key: fmt.Appendf(nil, "key %d", i)}
	}
	return roll
}

// openWith opens a poll with so many electors.
func openWith(t testing.TB, s service.Store, id string, n int) []service.Elector {
	t.Helper()
	roll := sampleRoll(id, n)
	write(t, s, func(tx service.Tx) error {
		err := tx.AddCommunity(service.Community{Slug: "coop"})
		if err != nil && !errors.Is(err, service.ErrExists) {
			return err
		}
		return errors.Join(tx.AddPoll(openPoll(id)), tx.AddElectors(roll))
	})
	return roll
}

func addElectors(t testing.TB, s service.Store, electors ...service.Elector) {
	t.Helper()
	write(t, s, func(tx service.Tx) error { return tx.AddElectors(electors) })
}

func oneElector(t testing.TB, s service.Store, poll, voter string) service.Elector {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Elector, error) { return tx.Elector(poll, voter) })
}
