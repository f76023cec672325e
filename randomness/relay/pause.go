package relay

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// longestNap bounds one sleep: the clock is read again after it, because it may have been set and the
// machine may have been suspended.
const longestNap = 30 * time.Second

// random returns 64 bits of jitter.
func (c *Client) random() (uint64, error) {
	c.jitterMu.Lock()
	defer c.jitterMu.Unlock()
	var b [8]byte
	if _, err := io.ReadFull(c.jitter, b[:]); err != nil {
		return 0, fmt.Errorf("source of jitter: %w", err)
	}
	return binary.BigEndian.Uint64(b[:]), nil
}

// between returns a duration from low to high. The bias of the remainder does not matter here.
func (c *Client) between(low, high time.Duration) (time.Duration, error) {
	r, err := c.random()
	return low + time.Duration(r%uint64(high-low+1)), err
}

// backoff returns the pause after a number of failed attempts: anything from nothing to the doubled
// limit, so that clients which failed together do not return together ("full jitter").
func (c *Client) backoff(failed int) (time.Duration, error) {
	limit := c.timing.BackoffMin
	for range failed {
		limit = min(2*limit, c.timing.BackoffMax)
		if limit == c.timing.BackoffMax {
			break
		}
	}
	return c.between(0, limit)
}

// sleepUntil waits for the local clock to reach t.
func (c *Client) sleepUntil(ctx context.Context, t time.Time) error {
	for {
		left := t.Sub(c.now())
		if left <= 0 {
			return nil
		}
		if err := sleep(ctx, min(left, longestNap)); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil { // a pause of nothing must not win against the end
		return fmt.Errorf("waiting ended: %w", context.Cause(ctx))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting ended: %w", context.Cause(ctx))
	}
}
