package publish

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	lastStep  = 20 * time.Second // for what is logged when Run ends
	longPause = 30 * time.Second // between attempts that fail
)

// reached is the size that is published, with a way to wait for more. The zero value is 0.
type reached struct {
	mu   sync.Mutex
	size int64
	next chan struct{} // closed when size grows; nil: nobody waits
}

func (r *reached) set(size int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if size <= r.size {
		return
	}
	r.size = size
	if r.next != nil {
		close(r.next)
		r.next = nil
	}
}

// beyond returns nil when size is reached, else a channel that is closed at the next change.
func (r *reached) beyond(size int64) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.size >= size {
		return nil
	}
	if r.next == nil {
		r.next = make(chan struct{})
	}
	return r.next
}

// Size returns how many records the published checkpoint covers, as far as this publisher knows.
func (p *Publisher) Size() int64 {
	p.reached.mu.Lock()
	defer p.reached.mu.Unlock()
	return p.reached.size
}

// Published returns once this publisher's directory has a checkpoint over the first size records, or
// with ctx's error when that ends first.
func (p *Publisher) Published(ctx context.Context, size int64) error {
	for next := p.reached.beyond(size); next != nil; next = p.reached.beyond(size) {
		select {
		case <-next:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Kick lets Run publish at once. It never blocks.
func (p *Publisher) Kick() {
	select {
	case p.kick <- struct{}{}:
	default: // one is pending already and will see what this one is about
	}
}

// Run publishes until ctx ends, and then once more, so that everything logged by then is public. A
// Refusal ends it with that error: nothing that it could publish would continue what was published.
// Any other error, such as a full disk, is told to the Logger and tried again, more and more slowly;
// readers meanwhile see the older checkpoint, which stays true.
func (p *Publisher) Run(ctx context.Context) error {
	pause := p.o.Interval
	for {
		err := p.Step(ctx)
		var refusal *Refusal
		switch {
		case errors.As(err, &refusal):
			return err
		case ctx.Err() != nil:
			return p.last(ctx)
		case err != nil:
			p.o.Logger.WarnContext(ctx, "log is not published, will be tried again", "error", err)
			pause = min(2*pause, longPause)
		default:
			pause = p.o.Interval
		}
		timer := time.NewTimer(pause)
		select {
		case <-p.kick:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return p.last(ctx)
		}
		timer.Stop()
	}
}

// last is the step after ctx has ended.
func (p *Publisher) last(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastStep)
	defer cancel()
	return p.Step(ctx)
}
