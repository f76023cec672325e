package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"kleroterion/service"
	"kleroterion/service/audit"
)

// The server may end a connection at any time. The transaction on it fails, leaves nothing, and the
// next one gets another connection.
func TestLostConnection(t *testing.T) {
	url := databases[dialectPostgres](t)
	db := openURL(t, url)
	kill := rawPool(t, url)
	err := db.Write(t.Context(), func(tx service.Tx) error {
		if err := tx.AddCity(service.City{Slug: "bonn"}); err != nil {
			return err
		}
		_, err := kill.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "commit") {
		t.Errorf("got %v, want a failed commit", err)
	}
	if list := cities(t, db); len(list) != 0 {
		t.Errorf("got cities %v", list)
	}
	if err := db.Write(t.Context(), func(tx service.Tx) error { return tx.AddCity(service.City{Slug: "kiel"}) }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestCommitErrorsSayWhatIsKnown(t *testing.T) {
	refused := committed(&pgconn.PgError{Code: "40001"})
	if !conflict(refused) || strings.Contains(refused.Error(), "not known") {
		t.Errorf("a refusal by the server: got %v", refused)
	}
	if broken := committed(errors.New("reset by peer")); !strings.Contains(broken.Error(), "not known") {
		t.Errorf("a lost connection: got %v", broken)
	}
	if err := committed(nil); err != nil {
		t.Errorf("got %v", err)
	}
}

// Replicas have pools of their own and know nothing of each other.
func TestReplicasAppendToOneLog(t *testing.T) {
	url := databases[dialectPostgres](t)
	const replicas, workers, each = 3, 4, 10
	var running sync.WaitGroup
	var conflicts atomic.Int64
	for replica := range replicas {
		db := openURL(t, url)
		for worker := range workers {
			running.Go(func() {
				for i := range each {
					slug := fmt.Sprintf("city-%d-%d-%d", replica, worker, i)
					err := db.Write(t.Context(), func(tx service.Tx) error {
						if _, err := tx.Append(audit.KindHeartbeat, audit.LogSubject, nil, audit.Heartbeat{}); err != nil {
							return err
						}
						return tx.AddCity(service.City{Slug: slug})
					})
					if err != nil {
						t.Errorf("%s: %v", slug, err)
					}
				}
				conflicts.Store(db.Stats().Conflicts)
			})
		}
	}
	running.Wait()
	if n := len(cities(t, openURL(t, url))); n != replicas*workers*each {
		t.Errorf("got %d cities, want %d", n, replicas*workers*each)
	}
	if conflicts.Load() == 0 {
		t.Error("there was no conflict: the test did not test")
	}
}

func conflictOnce() error { return fmt.Errorf("commit: %w", &pgconn.PgError{Code: "40001"}) }

func TestConflictsAreRepeated(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails int
		err   error
		want  int // attempts
		ok    bool
	}{
		{"no conflict", 0, nil, 1, true},
		{"one conflict", 1, conflictOnce(), 2, true},
		{"a deadlock", 1, &pgconn.PgError{Code: "40P01"}, 2, true},
		{"conflicts up to the last attempt", maxAttempts - 1, conflictOnce(), maxAttempts, true},
		{"conflicts without end", maxAttempts, conflictOnce(), maxAttempts, false},
		{"another error of the server", 1, &pgconn.PgError{Code: "23505"}, 1, false},
		{"an error of fn", 1, errAborted, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the pauses take no time here
				k := conflicts{entropy: rand.Reader}
				got := 0
				err := k.retry(t.Context(), func() error {
					if got++; got <= c.fails {
						return c.err
					}
					return nil
				})
				if got != c.want || (err == nil) != c.ok || !c.ok && !errors.Is(err, c.err) {
					t.Errorf("got %d attempts and %v, want %d, success %v", got, err, c.want, c.ok)
				}
			})
		})
	}
}

func TestPauseBetweenConflicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for n, most := range []time.Duration{firstPause, 2 * firstPause, 4 * firstPause} {
			for entropy, want := range map[string]time.Duration{
				"\x00\x00\x00\x00\x00\x00\x00\x00": 0,
				"\xff\xff\xff\xff\x00\x00\x00\x00": (1<<32 - 1) % most,
			} {
				k := conflicts{entropy: bytes.NewReader([]byte(entropy))}
				begin := time.Now()
				if err := k.pause(t.Context(), n); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(begin); got != want || got >= most {
					t.Errorf("pause %d: got %s, want %s", n, got, want)
				}
			}
		}
	})
}

func TestPauseEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	k := conflicts{entropy: rand.Reader}
	for range 100 { // a pause of nothing may win the race
		if err := k.pause(ctx, 20); errors.Is(err, context.Canceled) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	broken := conflicts{entropy: iotest.ErrReader(errAborted)}
	if err := broken.pause(t.Context(), 1); !errors.Is(err, errAborted) {
		t.Errorf("without entropy: got %v", err)
	}
	if err := broken.retry(t.Context(), conflictOnce); !errors.Is(err, errAborted) {
		t.Errorf("a transaction without entropy: got %v", err)
	}
}
