package relay

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// attempt asks every relay that is not quarantined, one after another and with overlap, until one of
// them serves the round. When none does it finds out why.
func (c *Client) attempt(ctx context.Context, j job) (Fetched, error) {
	c.mark(j.chain.Hash, j.round, StateDue, "")
	records, err := c.order(j)
	if err != nil {
		return Fetched{}, err
	}
	fetched, faults, err := c.race(ctx, j, records)
	if err != nil {
		return Fetched{}, err
	}
	if fetched.Relay != "" {
		c.mark(j.chain.Hash, j.round, StateVerified, fetched.Relay)
		return fetched, nil
	}
	if len(records) == 0 {
		return Fetched{}, c.missed(j, nil, fmt.Errorf("all relays of the chain are quarantined for lying"))
	}
	return Fetched{}, c.explain(ctx, j, faults)
}

// order returns the relays that may be asked: in random order, those that failed last, and one of
// every organisation before the second of any.
func (c *Client) order(j job) ([]*record, error) {
	bits, err := c.random()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var well, failing []*record
	for _, r := range j.records {
		switch {
		case c.now().Before(r.quarantined):
		case r.failures == 0:
			well = append(well, r)
		default:
			failing = append(failing, r)
		}
	}
	shuffle(well, bits)
	shuffle(failing, bits)
	return append(alternate(well), alternate(failing)...), nil
}

// shuffle spends 64 bits, enough for 16 relays (16! < 2^45).
func shuffle(rs []*record, bits uint64) {
	for i := len(rs) - 1; i > 0; i-- {
		n := uint64(i + 1)
		k := bits % n
		bits /= n
		rs[i], rs[k] = rs[k], rs[i]
	}
}

// alternate takes one relay of every organisation in turn.
func alternate(rs []*record) []*record {
	var out []*record
	for len(rs) > 0 {
		var rest []*record
		asked := map[string]bool{}
		for _, r := range rs {
			if asked[r.relay.organisation()] {
				rest = append(rest, r)
				continue
			}
			asked[r.relay.organisation()] = true
			out = append(out, r)
		}
		rs = rest
	}
	return out
}

// outcome is what one relay gave: a verified beacon or a fault.
type outcome struct {
	fetched Fetched
	fault   *Fault
}

// race starts the next relay when one has failed or has taken longer than the hedge. The first
// verified beacon wins and calls the others off; race returns only when all of them have ended.
func (c *Client) race(ctx context.Context, j job, records []*record) (Fetched, []*Fault, error) {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	outcomes := make(chan outcome, len(records))
	var faults []*Fault
	for next := 0; len(faults) < len(records); {
		if next < len(records) {
			r := records[next]
			next++
			running.Go(func() { outcomes <- c.try(ctx, r, j) })
		}
		o, err := c.first(ctx, outcomes, next < len(records))
		switch {
		case err != nil:
			return Fetched{}, faults, err
		case o.fault != nil:
			faults = append(faults, o.fault)
		case o.fetched.Relay != "":
			return o.fetched, nil, nil
		}
	}
	return Fetched{}, faults, nil
}

// first returns the next outcome. With another relay to start it gives up after the hedge, with the
// zero outcome.
func (c *Client) first(ctx context.Context, outcomes <-chan outcome, more bool) (outcome, error) {
	if !more {
		return <-outcomes, nil // every try ends with its time limit or with ctx
	}
	hedge, err := c.between(c.timing.HedgeMin, c.timing.HedgeMax)
	if err != nil {
		return outcome{}, err
	}
	t := time.NewTimer(hedge)
	defer t.Stop()
	select {
	case o := <-outcomes:
		return o, nil
	case <-t.C:
		return outcome{}, nil
	}
}

func (c *Client) try(ctx context.Context, r *record, j job) outcome {
	b, f := c.round(ctx, r, j)
	if f != nil {
		return outcome{fault: f}
	}
	return outcome{fetched: Fetched{Beacon: b, Relay: r.relay.URL}}
}

// missed chooses between late and due: a round is late once a relay did not have it, or once it is
// overdue and nobody could say. It is not due again because a later attempt found nobody.
func (c *Client) missed(j job, faults []*Fault, cause error) error {
	s := StateDue
	absent := slices.ContainsFunc(faults, func(f *Fault) bool { return f.Kind == Absent })
	before := c.State(j.chain.Hash, j.round)
	if absent || j.isOverdue(c.now()) || before == StateLate || before == StateHalted {
		s = StateLate
	}
	c.mark(j.chain.Hash, j.round, s, "")
	return j.notYet(s, faults, cause)
}
