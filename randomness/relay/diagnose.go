package relay

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"kleroterion/randomness/beacon"
)

// probe is the newest round that a relay proves, and its clock.
type probe struct {
	newest beacon.Beacon
	date   time.Time // zero without a readable Date header
	at     time.Time // local time when the answer was there
	fault  *Fault
}

// explain finds out why no relay has a due round: the relays may not serve the chain at all, or the
// chain may stand still. Everything else is lateness.
func (c *Client) explain(ctx context.Context, j job, faults []*Fault) error {
	faults = c.sortOutForeign(ctx, j, faults)
	foreign := !slices.ContainsFunc(faults, func(f *Fault) bool { return f.Kind != Foreign })
	if foreign && len(faults) == len(j.records) { // a quarantined relay may still serve it later
		return &Misconfigured{Chain: j.chain.Hash, Reason: fmt.Sprintf("no relay serves %s", j.chain.Name), Relays: faults}
	}
	if ctx.Err() != nil || !j.isOverdue(c.now()) {
		return c.missed(j, faults, nil)
	}
	newest, halted := c.findHalt(ctx, j)
	if !halted {
		return c.missed(j, faults, nil)
	}
	c.mark(j.chain.Hash, j.round, StateHalted, "")
	return &Halted{Chain: j.chain, Round: j.round, Due: j.due, Newest: newest, Relays: faults}
}

// sortOutForeign asks the relays that had no round for their list of chains, until they have once
// shown that they serve this one. drand's relays answer 404 or 500 for a chain that they do not know
// and for a round that they cannot find, so the status alone does not tell.
func (c *Client) sortOutForeign(ctx context.Context, j job, faults []*Fault) []*Fault {
	out := slices.Clone(faults)
	var running sync.WaitGroup
	for i, f := range out {
		r := j.record(f.Relay)
		if f.Kind != Absent || c.provedToServe(r, j.chain.Hash) {
			continue
		}
		running.Go(func() {
			if f := c.askChains(ctx, r, j.chain.Hash); f != nil {
				out[i] = f
			}
		})
	}
	running.Wait()
	return out
}

func (j job) record(url string) *record {
	return j.records[slices.IndexFunc(j.records, func(r *record) bool { return r.relay.URL == url })]
}

func (c *Client) provedToServe(r *record, chain beacon.Hash) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return r.serves[chain]
}

// askChains returns a fault only when the relay lists its chains and leaves this one out. A relay
// that does not list them proves nothing.
func (c *Client) askChains(ctx context.Context, r *record, chain beacon.Hash) *Fault {
	p, f := c.get(ctx, r, r.relay.chainsPath())
	if f != nil {
		return nil
	}
	list, err := parseChains(p.body)
	if err != nil {
		return nil
	}
	if slices.Contains(list, chain) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.setServes(r, chain, true, nil)
		return nil
	}
	f = r.fault(Foreign, fmt.Errorf("it serves %d chains, and not this one", len(list)))
	c.note(r, chain, f)
	return f
}

// findHalt reports whether all relays that prove a newest round prove one before the asked round,
// which is overdue: so they lag by more than five periods. One that is further ends the suspicion.
func (c *Client) findHalt(ctx context.Context, j job) (newest uint64, halted bool) {
	for _, p := range c.probeAll(ctx, j.chain, j.records) {
		if p.fault != nil {
			continue
		}
		halted = true
		newest = max(newest, p.newest.Round)
	}
	return newest, halted && newest < j.round
}

// probeAll asks all relays at once for their newest round, quarantined ones excepted.
func (c *Client) probeAll(ctx context.Context, chain *beacon.Chain, records []*record) []probe {
	records = c.free(records)
	out := make([]probe, len(records))
	var running sync.WaitGroup
	for i, r := range records {
		running.Go(func() { out[i] = c.probe(ctx, r, chain) })
	}
	running.Wait()
	return out
}

func (c *Client) free(records []*record) []*record {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []*record
	for _, r := range records {
		if !c.now().Before(r.quarantined) {
			out = append(out, r)
		}
	}
	return out
}

// probe asks for the newest round. It is never used as data: it proves how far the relay has come.
func (c *Client) probe(ctx context.Context, r *record, chain *beacon.Chain) probe {
	p, f := c.get(ctx, r, r.relay.roundPath(chain.Hash, "latest"))
	at := c.now()
	if f != nil {
		if f.Kind != Absent && ctx.Err() == nil {
			c.note(r, chain.Hash, f)
		}
		return probe{fault: f}
	}
	a, err := parseAnswer(p.body)
	if err != nil {
		f = r.fault(Malformed, err)
	} else if err := beacon.Verify(chain, a.beacon.Round, a.beacon); err != nil {
		f = r.fault(Lying, fmt.Errorf("newest round: %w", err))
	}
	c.note(r, chain.Hash, f)
	if f != nil {
		return probe{fault: f}
	}
	c.checkRandomness(r, chain.Hash, a)
	c.noteLag(r, chain, a.beacon.Round, at)
	return probe{newest: a.beacon, date: p.date, at: at}
}

func (c *Client) noteLag(r *record, chain *beacon.Chain, newest uint64, at time.Time) {
	l := Lag{Chain: chain.Hash, Newest: newest, At: at}
	if due, err := chain.RoundAt(at.Unix()); err == nil && due > newest {
		l.Rounds = due - newest
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r.lags[chain.Hash] = l
}
