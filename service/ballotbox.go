package service

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"kleroterion/randomness/beacon"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// intakeTries is how often a ballot that met another process is tried: then it hears of the failure.
const intakeTries = 3

// ballotBox brings ballots and gifts that arrive together into one transaction. The log has one end, so
// their transactions would wait for each other anyway. Nothing is lost with it: who has no receipt was
// promised nothing.
type ballotBox struct {
	line[posting]
	doors line[knocking]               // those at the doors of funding rounds
	read  atomic.Pointer[readManifest] // the last that was
	door  atomic.Pointer[roundDoor]    // of the funding round that was last given to
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

// roundDoor is a funding round as it was read once, with its manifest read.
type roundDoor struct {
	round Round // what changes in it is of no use here
	door  grants.Door
	// projects, by id, are as they were when somebody asked: who is refused by one asks again, and whoever
	// is let in is held against the row when the gift is recorded.
	projects sync.Map
}

// keepDoor reads the manifest of a funding round once, while gifts to one round follow each other.
func (b *ballotBox) keepDoor(r Round) (*roundDoor, error) {
	if last := b.door.Load(); last != nil && last.round.Hash == r.Hash {
		return last, nil
	}
	d, err := r.door()
	if err != nil {
		return nil, err
	}
	last := &roundDoor{round: r, door: d}
	b.door.Store(last)
	return last, nil
}

// posting is a checked ballot or gift on its way into the log. record writes it in the caller's
// transaction; a refusal comes before anything is written.
type posting struct {
	record func(Tx) (LogEntry, error)
	touch  touched
	entry  LogEntry
}

// errDropped answers a ballot whose sender left before it was its turn: nothing was recorded.
var errDropped = errors.New("the sender left before the ballot or gift was recorded")

// post waits until the ballot or gift is durable or refused, or until the sender leaves: then it may be
// recorded or not, and the same one sent again gets its receipt.
func (s *Service) post(ctx context.Context, touch touched, record func(Tx) (LogEntry, error)) (LogEntry, error) {
	p := &posting{record: record, touch: touch}
	if err := s.box.take(ctx, p, s.write); err != nil {
		return LogEntry{}, err
	}
	return p.entry, nil
}

// write records a batch. Where one posting fails it, such as a ballot that another process counted
// meanwhile, each is recorded alone; where the store fails it, that is everybody's.
func (s *Service) write(ctx context.Context, batch []*errand[posting]) {
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

func fail(batch []*errand[posting], err error) {
	for _, e := range batch {
		if err != nil {
			e.err = err
		}
	}
}

// together records postings in one transaction. A refusal is its posting's own, and comes before anything
// is written for it; any other error undoes them all, and culprit is the one that met it, nil where the
// transaction itself failed. A panic is such an error: those who wait get an answer.
func (s *Service) together(ctx context.Context, batch []*errand[posting]) (culprit *errand[posting], err error) {
	err = guarded(func() error {
		return s.Store.Write(ctx, func(tx Tx) error {
			table := sit(tx)
			if err := table.foresee(about(batch)); err != nil {
				return err
			}
			for _, culprit = range batch {
				if err := recordOne(table, culprit); err != nil {
					return err
				}
			}
			culprit = nil
			return nil
		})
	})
	return culprit, err
}

// guarded turns a panic into an error: who waits in a line gets an answer.
func guarded(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("serving ballots or gifts: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}

func about(batch []*errand[posting]) []touched {
	all := make([]touched, len(batch))
	for i, e := range batch {
		all[i] = e.what.touch
	}
	return all
}

// recordOne leaves a refusal with its posting and returns any other error.
func recordOne(tx Tx, e *errand[posting]) error {
	if e.err = e.ctx.Err(); e.err != nil {
		e.err = errDropped
		return nil
	}
	e.what.entry, e.err = e.what.record(tx)
	if KindOf(e.err) == KindInternal {
		return e.err
	}
	return nil
}
