package register

import (
	"io"
	"runtime"
	"sync"
)

// Read reads a register file strictly. It streams: lines are parsed and hashed in parallel, in
// blocks, and only the compact columns stay. The first line that breaks a rule gives a [*Refusal];
// an error of r is wrapped. r is not read after Read has returned.
func Read(r io.Reader) (*Register, error) {
	workers := runtime.GOMAXPROCS(0)
	run := &reading{
		split: newSplitter(r, 4*workers),
		jobs:  make(chan *block, workers),
		order: make(chan *block, 4*workers),
		stop:  make(chan struct{}),
	}
	run.start(workers)
	blocks, err := run.collect()
	run.wait.Wait()
	if err != nil {
		return nil, err
	}
	return assemble(blocks, run.split)
}

// reading is the state of one Read: a splitter feeds the parsers through jobs and tells the
// collector through order in which order to wait for them.
type reading struct {
	split *splitter
	jobs  chan *block
	order chan *block
	stop  chan struct{}
	wait  sync.WaitGroup
}

func (run *reading) start(workers int) {
	run.wait.Go(run.feed)
	for range workers {
		run.wait.Go(func() {
			p := newParser()
			for b := range run.jobs {
				p.parse(b)
				run.split.reuse(b.text)
				close(b.done)
			}
		})
	}
}

// feed ends after the last block, or when the collector has given up. The parsers drain jobs in
// either case, so sending to them cannot hang.
func (run *reading) feed() {
	defer close(run.jobs)
	defer close(run.order)
	for {
		b := run.split.next()
		last := b.end != nil
		select {
		case run.order <- b:
		case <-run.stop:
			return
		}
		run.jobs <- b
		if last {
			return
		}
	}
}

// collect takes the blocks in the order of the file, so the first refusal is that of the first bad line.
func (run *reading) collect() ([]*parsed, error) {
	var blocks []*parsed
	for b := range run.order {
		<-b.done
		if err := b.check(blocks); err != nil {
			close(run.stop)
			return nil, err
		}
		blocks = append(blocks, &b.parsed)
	}
	return blocks, nil
}

// check looks at the seam to the block before, then at the block's lines, then at what follows them.
func (b *block) check(before []*parsed) error {
	ids := b.parsed.ids
	if len(before) > 0 && len(ids) > 0 {
		last := before[len(before)-1].ids
		if r := checkOrder(last[len(last)-1], ids[0]); r != nil {
			r.Line = b.first + 1
			return r
		}
	}
	if r := b.parsed.refusal; r != nil {
		return r
	}
	if b.end != nil && b.end != io.EOF {
		return b.end
	}
	return nil
}
