package service

import (
	"context"
	"runtime"
	"sync"
)

// lineBatch is how many that wait are served together: enough that a durable commit costs each of them
// little, few enough that none waits long.
const lineBatch = 128

// line serves together what arrives together. What is served needs the same thing, such as the one end of
// the log, so its senders would wait for each other anyway. The zero value is an empty line.
type line[T any] struct {
	mu      sync.Mutex
	waiting []*errand[T]
	running bool
}

// errand is what somebody waits for. Whoever serves it sets err, and in what the answer.
type errand[T any] struct {
	ctx  context.Context // of the sender
	what *T
	err  error
	done chan struct{}
}

// take waits until what was served, or until the sender leaves: then it may be served or not. What comes
// while others are served is served next, by nobody's request: no sender serves the others. Only one
// call of serve runs at a time; it must not panic.
func (l *line[T]) take(ctx context.Context, what *T, serve func(context.Context, []*errand[T])) error {
	e := &errand[T]{ctx: ctx, what: what, done: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, e)
	idle := !l.running
	l.running = true
	l.mu.Unlock()
	if idle {
		go l.drain(context.WithoutCancel(ctx), serve)
	}
	select {
	case <-e.done:
		return e.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain serves until nobody waits.
func (l *line[T]) drain(ctx context.Context, serve func(context.Context, []*errand[T])) {
	for {
		// Where the machine is busy, those who are about to take their place do so first; where it is not,
		// this costs nothing.
		runtime.Gosched()
		l.mu.Lock()
		n := min(len(l.waiting), lineBatch)
		batch := l.waiting[:n:n]
		l.waiting = l.waiting[n:]
		l.running = n > 0
		l.mu.Unlock()
		if n == 0 {
			return
		}
		serve(ctx, batch)
		for _, e := range batch {
			close(e.done)
		}
	}
}
