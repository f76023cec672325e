package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// contender is one way to do the work; it returns the time that counts.
type contender func(context.Context) (time.Duration, error)

// timed counts all of do.
func timed(do func() error) contender {
	return func(context.Context) (time.Duration, error) {
		start := time.Now()
		err := do()
		return time.Since(start), err
	}
}

// onCore counts the processor time of do alone: what a core needs, also when others want it as well.
func onCore(do func() error) contender {
	return func(context.Context) (time.Duration, error) {
		before, err := processorTime()
		if err != nil {
			return 0, err
		}
		if err := do(); err != nil {
			return 0, err
		}
		after, err := processorTime()
		return after - before, err
	}
}

// processorTime is what this process has used on all cores.
func processorTime() (time.Duration, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}

// medians runs the contenders in turn, so that a busy machine slows all of them, and returns the
// median time of each. Where there are several rounds the first only warms up.
func (b *bench) medians(ctx context.Context, rounds int, all ...contender) ([]time.Duration, error) {
	times := make([][]time.Duration, len(all))
	warm := min(1, rounds-1)
	for round := range rounds + warm {
		for i, c := range all {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b.status.say("round %d of %d", round+1, rounds+warm)
			d, err := c(ctx)
			if err != nil {
				return nil, err
			}
			if round >= warm {
				times[i] = append(times[i], d)
			}
		}
	}
	out := make([]time.Duration, len(all))
	for i := range times {
		slices.Sort(times[i])
		out[i] = times[i][len(times[i])/2]
	}
	return out, nil
}

// onCores lets the program use n cores while do runs.
func onCores[T any](n int, do func() (T, error)) (T, error) {
	before := runtime.GOMAXPROCS(n)
	defer runtime.GOMAXPROCS(before)
	return do()
}
