package store

import "sync"

// door counts who is inside and, once shut, lets nobody in. The zero value is open.
type door struct {
	mu     sync.Mutex
	inside int
	closed bool
	empty  *sync.Cond
}

// enter returns ErrClosed after shut; the caller of leave must not forget.
func (d *door) enter() (leave func(), err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	d.inside++
	return d.leave, nil
}

func (d *door) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
	if d.inside == 0 && d.empty != nil {
		d.empty.Broadcast()
	}
}

// shut returns when the last one has left.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.empty == nil {
		d.empty = sync.NewCond(&d.mu)
	}
	for d.inside > 0 {
		d.empty.Wait()
	}
}
