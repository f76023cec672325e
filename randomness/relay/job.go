package relay

import (
	"fmt"
	"time"

	"kleroterion/randomness/beacon"
)

// job is one round to be fetched, and who may be asked for it.
type job struct {
	chain   *beacon.Chain
	round   uint64
	due     time.Time
	records []*record
}

// job looks up what was configured; whatever is missing there cannot be waited for.
func (c *Client) job(hash beacon.Hash, round uint64) (job, error) {
	chain, err := c.chain(hash)
	if err != nil {
		return job{}, err
	}
	due, err := chain.TimeOf(round)
	if err != nil {
		return job{}, fmt.Errorf("asked round: %w", err)
	}
	j := job{chain: chain, round: round, due: time.Unix(due, 0), records: c.serving(chain)}
	if len(j.records) == 0 {
		return job{}, &Misconfigured{Chain: hash, Reason: fmt.Sprintf("no relay is configured for %s, a chain of status %s", chain.Name, chain.Status)}
	}
	if c.diverse {
		return j, c.checkDiversity(chain, j.records)
	}
	return j, nil
}

func (c *Client) chain(hash beacon.Hash) (*beacon.Chain, error) {
	chain, ok := c.chains.Lookup(hash)
	if !ok {
		return nil, &Misconfigured{Chain: hash, Reason: "not among the configured chains"}
	}
	if chain.Status == beacon.StatusRetired {
		return nil, &Misconfigured{Chain: hash, Reason: fmt.Sprintf("%s is retired: its rounds are verified from files and never fetched", chain.Name)}
	}
	return chain, nil
}

func (c *Client) serving(chain *beacon.Chain) []*record {
	var out []*record
	for _, r := range c.records {
		if r.relay.Serves == "" || r.relay.Serves == chain.Status {
			out = append(out, r)
		}
	}
	return out
}

// CheckDiversity fails when the chain is live and fewer than two organisations run its relays: such a
// setup depends on one of them. Chains that promise nothing need one relay.
func (c *Client) CheckDiversity(hash beacon.Hash) error {
	chain, err := c.chain(hash)
	if err != nil {
		return err
	}
	return c.checkDiversity(chain, c.serving(chain))
}

func (c *Client) checkDiversity(chain *beacon.Chain, records []*record) error {
	need := 1
	if chain.Status == beacon.StatusLive {
		need = 2
	}
	organisations := map[string]bool{}
	for _, r := range records {
		organisations[r.relay.organisation()] = true
	}
	if len(organisations) < need {
		return &Misconfigured{Chain: chain.Hash, Reason: fmt.Sprintf("relays of %d organisations serve %s, want at least %d: configure another operator's relay", len(organisations), chain.Name, need)}
	}
	return nil
}

// isOverdue reports whether more than five periods have passed since the round was due.
func (j job) isOverdue(now time.Time) bool {
	return now.Unix()-j.due.Unix() > overdue*j.chain.Period
}

func (j job) notYet(s State, faults []*Fault, cause error) *NotYet {
	return &NotYet{Chain: j.chain, Round: j.round, State: s, Due: j.due, Relays: faults, Cause: cause}
}
