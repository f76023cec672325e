package store

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"kleroterion/service"
	"kleroterion/service/audit"
)

const pollSubject = "community/coop/poll/p1"

// roll is a roll of so many members with keys of a usual length.
func roll(n int) []service.Elector {
	all := make([]service.Elector, n)
	for i := range all {
		all[i] = service.Elector{
			Poll: "p1", Voter: fmt.Sprintf("members/%064x", i*0x9e3779b1),
			Key: fmt.Appendf(nil, `{"alg":"ed25519","public":"%064x"}`, i),
		}
	}
	return all
}

// openPoll opens poll p1 with a roll.
func openPoll(t testing.TB, db *DB, roll []service.Elector) {
	t.Helper()
	err := db.Write(t.Context(), func(tx service.Tx) error {
		if err := tx.AddCommunity(service.Community{Slug: "coop"}); err != nil {
			return err
		}
		if err := tx.AddPoll(service.Poll{ID: "p1", Community: "coop", Subject: pollSubject, State: service.PollOpen}); err != nil {
			return err
		}
		return tx.AddElectors(roll)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func keptPoll(t testing.TB, db *DB) (p service.Poll) {
	t.Helper()
	err := db.Read(t.Context(), func(tx service.Tx) (err error) {
		p, err = tx.Poll("p1")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// castOne appends the record of a ballot and counts it, as the service does.
func castOne(t testing.TB, db *DB, e service.Elector, body any) error {
	return db.Write(t.Context(), func(tx service.Tx) error {
		entry, err := tx.Append("test.ballot", pollSubject, nil, body)
		if err != nil {
			return err
		}
		e.Last = entry.N
		return tx.CastBallot(e)
	})
}

// Processes that share a database know nothing of each other: each closes the poll as it read it, and
// one of them does, while voters come in through all.
func TestReplicasCloseAPollOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		const replicas, each, before = 3, 3000, 6
		first := openURL(t, url)
		electors := roll(replicas * each)
		openPoll(t, first, electors)
		asRead := keptPoll(t, first)
		var running sync.WaitGroup
		var counted, closed atomic.Int64
		begun := make(chan struct{})
		for replica := range replicas {
			db := openURL(t, url)
			running.Go(func() {
				n := vote(t, db, electors[replica*each:(replica+1)*each], func() {
					if counted.Add(1) == before {
						close(begun)
					}
				})
				if n == each {
					t.Errorf("replica %d met no closed poll: the test did not test", replica)
				}
			})
			running.Go(func() {
				<-begun
				mine := asRead
				mine.State, mine.EndedAt = service.PollClosed, int64(replica+1)
				err := db.Write(t.Context(), func(tx service.Tx) error { return tx.UpdatePoll(mine) })
				if err == nil {
					closed.Add(1)
				} else if !errors.Is(err, service.ErrStale) {
					t.Errorf("replica %d closes: %v", replica, err)
				}
			})
		}
		running.Wait()
		got := keptPoll(t, first)
		if closed.Load() != 1 || got.State != service.PollClosed || got.Version != 1 {
			t.Errorf("%d closed it, it is %s in version %d", closed.Load(), got.State, got.Version)
		}
		if got.Ballots != counted.Load() || got.Voters != counted.Load() {
			t.Errorf("%d ballots of %d voters, acknowledged were %d", got.Ballots, got.Voters, counted.Load())
		}
	})
}

// vote casts for one elector after the other until the poll is closed, and says how many were counted.
func vote(t testing.TB, db *DB, electors []service.Elector, counted func()) int {
	for i, e := range electors {
		err := castOne(t, db, e, map[string]string{"ballot": e.Voter})
		if errors.Is(err, service.ErrStale) {
			return i
		}
		if err != nil {
			t.Errorf("%s: %v", e.Voter, err)
			return i
		}
		counted()
	}
	return len(electors)
}

// Two processes read the same elector and both cast: the records of both would be the elector's next.
func TestReplicasCountOneOfTwoBallots(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		dbs := []*DB{openURL(t, url), openURL(t, url)}
		electors := roll(20)
		openPoll(t, dbs[0], electors)
		for _, e := range electors {
			var running sync.WaitGroup
			var counted atomic.Int64
			for replica, db := range dbs {
				running.Go(func() {
					err := castOne(t, db, e, map[string]int{"replica": replica})
					if err == nil {
						counted.Add(1)
					} else if !errors.Is(err, service.ErrStale) {
						t.Errorf("replica %d: %v", replica, err)
					}
				})
			}
			running.Wait()
			if counted.Load() != 1 {
				t.Errorf("%s: %d ballots were counted, want 1", e.Voter, counted.Load())
			}
		}
		if got := keptPoll(t, dbs[0]); got.Ballots != int64(len(electors)) || got.Voters != got.Ballots {
			t.Errorf("%d ballots of %d voters, want %d", got.Ballots, got.Voters, len(electors))
		}
		head := read(t, dbs[0], func(tx service.Tx) (service.LogHead, error) { return tx.LogHead() })
		if head.Size != int64(len(electors)) {
			t.Errorf("%d records, want %d", head.Size, len(electors))
		}
	})
}

func read[T any](t testing.TB, db *DB, fn func(service.Tx) (T, error)) (got T) {
	t.Helper()
	err := db.Read(t.Context(), func(tx service.Tx) (err error) {
		got, err = fn(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A subject with many records is paged through by its index, whatever else the log holds.
func TestEntriesAfterUsesTheIndex(t *testing.T) {
	got := plan(t, "SELECT * FROM log_entries WHERE subject = $1 AND n > $2 ORDER BY n LIMIT 10", audit.LogSubject, 3)
	const want = "SEARCH log_entries USING INDEX log_entries_subject (subject=? AND n>?)"
	if got != want {
		t.Errorf("got plan %q, want %q", got, want)
	}
}
