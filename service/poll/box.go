package poll

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"kleroterion/randomness/beacon"
	"kleroterion/service/voting"
)

// Box holds the ballots of one poll as they were recorded: each voter's last.
type Box struct {
	door
	roll       *Roll
	last       []kept
	records    int64
	superseded int64
}

// kept is a voter's last ballot. One is kept for each voter, so it holds no more than counting needs.
type kept struct {
	n       int64
	chamber string
	voter   string
	choice  voting.Choice
	file    []byte
}

// Record is one ballot.cast: its number in the poll's subject and its body.
type Record struct {
	N    int64
	Body []byte // canonical Cast
}

// NewBox takes the manifest with its hash, and the roll of all its chambers.
func NewBox(m *Manifest, hash beacon.Hash, roll *Roll) *Box {
	return &Box{door: door{m, hash}, roll: roll}
}

// checked is a record on its way from the workers into the box.
type checked struct {
	Accepted
	elector *elector
	err     error
}

// Add checks the next records, on all cores, and keeps each voter's last ballot. Records come in
// their order. An error names the record that should not have been accepted: the poll is then not
// to be counted. A batch of some thousands keeps all cores busy.
func (b *Box) Add(ctx context.Context, records []Record) error {
	results := make([]checked, len(records))
	parallel(len(records), func(i int) {
		if ctx.Err() == nil {
			results[i] = b.examine(records[i])
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range results {
		if err := b.keep(records[i].N, &results[i]); err != nil {
			return refuse(ruleOf(err), "record %d of %s: %v", records[i].N, b.m.Poll, err)
		}
	}
	return nil
}

func (b *Box) examine(r Record) (c checked) {
	cast, err := ParseCast(r.Body)
	if err != nil {
		return checked{err: err}
	}
	ballot, err := cast.parse()
	if err != nil {
		return checked{err: err}
	}
	if c.elector = b.roll.electors[ballot.Voter]; c.elector == nil {
		return checked{err: refuse(RuleNotOnRoll, "%.80q is not on the roll", ballot.Voter)}
	}
	c.Accepted, c.err = b.checkParsed(c.elector.key, cast, ballot, false)
	return c
}

// keep supersedes the voter's ballot before, in the order of the records.
func (b *Box) keep(n int64, c *checked) error {
	if c.err != nil {
		return c.err
	}
	e := c.elector
	if e.casts++; e.casts > MaxCasts {
		return refuse(RuleTooMany, "%s has cast %d ballots, at most %d are recorded", c.Voter, e.casts, MaxCasts)
	}
	b.records++
	ballot := kept{n: n, chamber: e.chamber, voter: c.Voter, choice: c.choice, file: c.file}
	if e.last != 0 {
		b.superseded++
		b.last[e.last-1] = ballot
		return nil
	}
	b.last = append(b.last, ballot)
	e.last = len(b.last)
	return nil
}

// Records returns how many ballots were added.
func (b *Box) Records() int64 { return b.records }

// Superseded returns how many of the ballots added were superseded by a later one of their voter.
func (b *Box) Superseded() int64 { return b.superseded }

// parallel calls do for 0 to n-1 on all cores and returns when all are done.
func parallel(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				do(i)
			}
		})
	}
	running.Wait()
}

var errNoBeacon = errors.New("the beacon is not the round that opens this poll")
