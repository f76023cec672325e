package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	maxAttempts = 30
	firstPause  = 2 * time.Millisecond
	maxPause    = 250 * time.Millisecond
)

// conflicts repeats transactions that PostgreSQL could not serialize. The first attempts of this
// process run side by side; after a conflict a transaction runs alone here, so that under load each
// needs about two attempts and none starves. Other replicas are met with pauses of random length.
type conflicts struct {
	alone   sync.RWMutex
	entropy io.Reader
	seen    atomic.Int64
}

func (c *conflicts) retry(ctx context.Context, attempt func() error) error {
	err := c.together(attempt)
	for n := 1; conflict(err); n++ {
		c.seen.Add(1)
		if n == maxAttempts {
			return fmt.Errorf("transaction met %d conflicts in a row: %w", n, err)
		}
		if n > 1 {
			if stop := c.pause(ctx, n-1); stop != nil {
				return stop
			}
		}
		err = c.apart(attempt)
	}
	return err
}

func (c *conflicts) together(attempt func() error) error {
	c.alone.RLock()
	defer c.alone.RUnlock()
	return attempt()
}

func (c *conflicts) apart(attempt func() error) error {
	c.alone.Lock()
	defer c.alone.Unlock()
	return attempt()
}

// pause waits up to firstPause·2^n, at most maxPause; how long exactly is random, so that replicas
// do not meet again.
func (c *conflicts) pause(ctx context.Context, n int) error {
	var b [8]byte
	if _, err := io.ReadFull(c.entropy, b[:]); err != nil {
		return fmt.Errorf("entropy: %w", err)
	}
	most := min(firstPause<<min(n, 20), maxPause)
	wait := time.NewTimer(time.Duration(binary.LittleEndian.Uint64(b[:]) % uint64(most)))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// conflict reports serialization_failure and deadlock_detected: the transaction left no trace and
// may succeed when repeated.
func conflict(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}
