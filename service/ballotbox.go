package service

import (
	"context"
	"sync"

	"kleroterion/service/poll"
)

// intakeBatch is how many ballots share a transaction: enough that a durable commit costs each of them
// little, few enough that none waits long.
const intakeBatch = 128

// ballotBox brings ballots that arrive together into one transaction. The log has one end, so their
// transactions would wait for each other anyway. Nothing is lost with it: who has no receipt was
// promised nothing.
type ballotBox struct {
	mu      sync.Mutex
	waiting []*casting
	running bool
}

// casting is a checked ballot on its way into the log.
type casting struct {
	poll  Poll
	voter string
	cast  poll.Cast
	body  []byte

	entry LogEntry
	err   error
	done  chan struct{}
}

// take waits until the ballot is durable or refused. The first of several that meet writes for all;
// who came while it wrote is written next.
func (s *Service) take(ctx context.Context, c *casting) (LogEntry, error) {
	c.done = make(chan struct{})
	s.box.mu.Lock()
	s.box.waiting = append(s.box.waiting, c)
	lead := !s.box.running
	s.box.running = true
	s.box.mu.Unlock()
	if lead {
		s.drain(context.WithoutCancel(ctx))
	}
	<-c.done
	return c.entry, c.err
}

// drain writes batches until nobody waits.
func (s *Service) drain(ctx context.Context) {
	for {
		s.box.mu.Lock()
		n := min(len(s.box.waiting), intakeBatch)
		batch := s.box.waiting[:n:n]
		s.box.waiting = s.box.waiting[n:]
		s.box.running = n > 0
		s.box.mu.Unlock()
		if n == 0 {
			return
		}
		s.write(ctx, batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

// write records a batch in one transaction. A refusal is its ballot's own, and comes before anything is
// written for it; any other error undoes the batch and is everybody's.
func (s *Service) write(ctx context.Context, batch []*casting) {
	err := s.Store.Write(ctx, func(tx Tx) error {
		for _, c := range batch {
			c.entry, c.err = s.record(tx, c.poll, c.voter, c.cast, c.body)
			if c.err != nil && KindOf(c.err) == KindInternal {
				return c.err
			}
		}
		return nil
	})
	if err == nil {
		return
	}
	for _, c := range batch {
		c.entry, c.err = LogEntry{}, err
	}
}
