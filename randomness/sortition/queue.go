package sortition

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"sync"

	"kleroterion/randomness"
	"kleroterion/randomness/register"
)

// place is one entry waiting in its stratum: the first 8 bytes of its ticket and where it stands in
// the register. The rest of a ticket is computed again in the rare case that two prefixes are equal.
type place struct {
	prefix uint64
	index  uint32
}

// queue hands out the entries of one stratum in order of (ticket, id). It is a binary heap, so the
// few that are drawn cost little and the many that are not are never sorted.
type queue struct {
	places []place
	ids    [][32]byte
	seed   randomness.Seed
}

// order computes all tickets on all cores and returns one queue a stratum.
func order(r *register.Register, seed randomness.Seed, of []int, strata int) []*queue {
	queues := make([]*queue, strata)
	next := offsets(r, of, strata)
	all := make([]place, next[strata])
	for s := range queues {
		queues[s] = &queue{places: all[next[s]:next[s+1]], ids: r.IDs(), seed: seed}
	}
	scatter(r, of, next[:strata], all)
	parallel(len(all), func(from, to int) {
		tickets := seed.Tickets()
		for i := from; i < to; i++ {
			t := tickets.Of(r.IDs()[all[i].index])
			all[i].prefix = binary.BigEndian.Uint64(t[:8])
		}
	})
	for _, q := range queues {
		for i := len(q.places)/2 - 1; i >= 0; i-- {
			q.down(i)
		}
	}
	return queues
}

// offsets returns where each stratum's places begin when they stand one stratum after the other,
// and as last element how many there are.
func offsets(r *register.Register, of []int, strata int) []int {
	begin := make([]int, strata+1)
	for c, cell := range r.Cells() {
		if s := of[c]; s != none {
			begin[s+1] += cell.Count
		}
	}
	for s := range strata {
		begin[s+1] += begin[s]
	}
	return begin
}

func scatter(r *register.Register, of []int, begin []int, all []place) {
	next := append([]int(nil), begin...)
	for i := range r.Size() {
		if s := of[r.Cell(i)]; s != none {
			all[next[s]].index = uint32(i)
			next[s]++
		}
	}
}

// parallel runs work over [0, n) in blocks on all processors and returns when all are done.
func parallel(n int, work func(from, to int)) {
	procs := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for p := range procs {
		wg.Go(func() { work(n*p/procs, n*(p+1)/procs) })
	}
	wg.Wait()
}

// next removes and returns the register index of the first in the queue.
func (q *queue) next() (int, bool) {
	if len(q.places) == 0 {
		return 0, false
	}
	first := q.places[0]
	last := len(q.places) - 1
	q.places[0] = q.places[last]
	q.places = q.places[:last]
	q.down(0)
	return int(first.index), true
}

func (q *queue) down(i int) {
	for {
		least := 2*i + 1
		if least >= len(q.places) {
			return
		}
		if right := least + 1; right < len(q.places) && q.before(right, least) {
			least = right
		}
		if !q.before(least, i) {
			return
		}
		q.places[i], q.places[least] = q.places[least], q.places[i]
		i = least
	}
}

func (q *queue) before(i, j int) bool {
	a, b := q.places[i], q.places[j]
	if a.prefix != b.prefix {
		return a.prefix < b.prefix
	}
	ta, tb := q.seed.Ticket(q.ids[a.index]), q.seed.Ticket(q.ids[b.index])
	if c := bytes.Compare(ta[:], tb[:]); c != 0 {
		return c < 0
	}
	return bytes.Compare(q.ids[a.index][:], q.ids[b.index][:]) < 0
}
