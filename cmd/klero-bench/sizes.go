package main

import (
	"fmt"
	"strings"
)

// sizes are how much each row measures.
type sizes struct {
	rounds    int   // repetitions of what takes milliseconds; longer things are repeated less
	batch     int   // beacons of one batch
	people    int   // entries of a register, rows of an import
	many      int   // entries of the largest draw, 0: none
	appends   int   // durable appends
	writers   int   // who append at once
	records   int   // records of a log that is verified
	requests  int   // HTTP requests
	clients   int   // who send them at once
	sealed    int   // ballots of a sealed poll
	ballots   int   // ballots of an open poll
	voters    int   // of the poll that takes ballots over HTTP, 48 of each
	crowds    []int // clients that send ballots at once
	gifts     int   // contributions of a funding round; ten times as many of rule qf once more
	lotteries int   // most people of a pool for which a lottery over panels is computed
}

func fullSizes() sizes {
	return sizes{rounds: 201, batch: 1000, people: 1_000_000, many: 10_000_000, appends: 20_000, writers: 64,
		records: 100_000, requests: 20_000, clients: 32,
		sealed: 100_000, ballots: 1_000_000, voters: 2000, crowds: []int{64, 256}, gifts: 100_000, lotteries: 100_000}
}

func quickSizes() sizes {
	return sizes{rounds: 51, batch: 200, people: 100_000, appends: 4000, writers: 64,
		records: 10_000, requests: 4000, clients: 32,
		sealed: 10_000, ballots: 100_000, voters: 300, crowds: []int{64, 256}, gifts: 10_000, lotteries: 1000}
}

// some is the number of repetitions of what takes about a second.
func (s sizes) some() int { return min(7, s.rounds) }

// at is the promise b, which speaks of a million entries, for a row about n of them: none elsewhere.
func at(n int, b *Bound) *Bound {
	if n != 1_000_000 {
		return nil
	}
	return b
}

// short writes 1000000 as 1e6, and what is no power of ten as it is.
func short(n int) string {
	digits := fmt.Sprint(n)
	if rest := strings.TrimRight(digits, "0"); rest == "1" && len(digits) > 3 {
		return fmt.Sprintf("1e%d", len(digits)-1)
	}
	return digits
}
