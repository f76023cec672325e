package main

import (
	"bytes"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"
)

// memory is a state or a growth of memory in bytes.
type memory struct {
	heap     int64 // Go objects, those included that nobody uses any more
	resident int64 // of the whole process; 0 where the system does not say
}

// sampleEvery is short against everything that is watched.
const sampleEvery = 2 * time.Millisecond

// watch runs do and returns by how much memory grew above what was in use before, at most.
func watch(do func() error) (memory, error) {
	debug.FreeOSMemory()
	before := now()
	highest := before
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				m := now()
				highest.heap, highest.resident = max(highest.heap, m.heap), max(highest.resident, m.resident)
			}
		}
	}()
	err := do()
	close(stop)
	<-stopped
	last := now()
	highest.heap, highest.resident = max(highest.heap, last.heap), max(highest.resident, last.resident)
	return memory{highest.heap - before.heap, highest.resident - before.resident}, err
}

// kept returns by how much the heap grew for good: what do made and still refers to.
func kept(do func() error) (int64, error) {
	debug.FreeOSMemory()
	before := now().heap
	err := do()
	debug.FreeOSMemory()
	return now().heap - before, err
}

func now() memory {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return memory{heap: int64(sample[0].Value.Uint64()), resident: resident()}
}

// resident reads the pages in memory from Linux's /proc, https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
