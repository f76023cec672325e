package service

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"kleroterion/randomness/beacon"
	"kleroterion/service/poll"
)

// intakeBatch is how many ballots share a transaction: enough that a durable commit costs each of them
// little, few enough that none waits long.
const intakeBatch = 128

// intakeTries is how often a ballot that met another process is tried: then it hears of the failure.
const intakeTries = 3

// ballotBox brings ballots that arrive together into one transaction. The log has one end, so their
// transactions would wait for each other anyway. Nothing is lost with it: who has no receipt was
// promised nothing.
type ballotBox struct {
	mu      sync.Mutex
	waiting []*casting
	running bool
	read    atomic.Pointer[readManifest] // the last that was
}

// readManifest belongs to the poll with this hash.
type readManifest struct {
	hash beacon.Hash
	m    *poll.Manifest
}

// manifest reads that of a poll once, while ballots of one poll follow each other. Nobody changes it.
func (b *ballotBox) manifest(p Poll) (*poll.Manifest, error) {
	if last := b.read.Load(); last != nil && last.hash == p.Hash {
		return last.m, nil
	}
	m, err := poll.ParseManifest(p.Manifest)
	if err == nil {
		b.read.Store(&readManifest{p.Hash, m})
	}
	return m, err
}

// casting is a checked ballot on its way into the log.
type casting struct {
	poll  Poll
	voter string
	cast  poll.Cast
	body  []byte

	ctx   context.Context // of the sender
	entry LogEntry
	err   error
	done  chan struct{}
}

// errDropped answers a ballot whose sender left before it was its turn: nothing was recorded.
var errDropped = errors.New("the sender left before the ballot was recorded")

// take waits until the ballot is durable or refused, or until the sender leaves: then it may be recorded
// or not, and the same ballot sent again gets its receipt. Ballots that come while others are written
// are written next, by nobody's request: no sender serves the others.
func (s *Service) take(ctx context.Context, c *casting) (LogEntry, error) {
	c.ctx, c.done = ctx, make(chan struct{})
	s.box.mu.Lock()
	s.box.waiting = append(s.box.waiting, c)
	idle := !s.box.running
	s.box.running = true
	s.box.mu.Unlock()
	if idle {
		go s.drain(context.WithoutCancel(ctx))
	}
	select {
	case <-c.done:
		return c.entry, c.err
	case <-ctx.Done():
		return LogEntry{}, ctx.Err()
	}
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

// write records a batch. Where one ballot fails it, such as one that another process counted meanwhile,
// each is recorded alone; where the store fails it, that is everybody's.
func (s *Service) write(ctx context.Context, batch []*casting) {
	culprit, err := s.together(ctx, batch)
	if culprit == nil {
		fail(batch, err)
		return
	}
	for i := range batch {
		for range intakeTries {
			if culprit, err = s.together(ctx, batch[i:i+1]); !errors.Is(err, ErrStale) {
				break
			}
		}
		fail(batch[i:i+1], err)
		if err != nil && culprit == nil {
			fail(batch[i:], err)
			return
		}
	}
}

func fail(batch []*casting, err error) {
	for _, c := range batch {
		if err != nil {
			c.entry, c.err = LogEntry{}, err
		}
	}
}

// together records ballots in one transaction. A refusal is its ballot's own, and comes before anything is
// written for it; any other error undoes them all, and culprit is the ballot that met it, nil where the
// transaction itself failed. A panic is such an error: those who wait get an answer.
func (s *Service) together(ctx context.Context, batch []*casting) (culprit *casting, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("recording ballots: panic: %v\n%s", p, debug.Stack())
		}
	}()
	err = s.Store.Write(ctx, func(tx Tx) error {
		for _, culprit = range batch {
			if err := s.recordOne(tx, culprit); err != nil {
				return err
			}
		}
		culprit = nil
		return nil
	})
	return culprit, err
}

// recordOne leaves a refusal with its ballot and returns any other error.
func (s *Service) recordOne(tx Tx, c *casting) error {
	if c.ctx.Err() != nil {
		c.entry, c.err = LogEntry{}, errDropped
		return nil
	}
	c.entry, c.err = s.record(tx, c.poll, c.voter, c.cast, c.body)
	if KindOf(c.err) == KindInternal {
		return c.err
	}
	return nil
}
