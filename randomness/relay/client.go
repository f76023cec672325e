package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"kleroterion/randomness/beacon"
)

// overdue is the number of periods after which a missing round makes the client look for a halt.
const overdue = 5

// Client fetches rounds. It keeps no goroutine between calls and is safe for concurrent use.
type Client struct {
	chains  beacon.Chains
	http    *http.Client
	now     func() time.Time
	observe func(Event)
	timing  Timing
	diverse bool

	jitterMu sync.Mutex
	jitter   io.Reader

	mu      sync.Mutex
	records []*record
	rounds  rounds
}

// Fetched is one verified round and the relay that served it.
type Fetched struct {
	Beacon beacon.Beacon
	Relay  string // URL
}

// New checks the options; it asks nobody.
func New(o Options) (*Client, error) {
	relays := make([]Relay, len(o.Relays))
	copy(relays, o.Relays)
	o.Relays = relays
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("relay options: %w", err)
	}
	c := &Client{
		chains: o.Chains, http: o.httpClient(), now: o.Now, observe: o.Observe, timing: o.Timing,
		diverse: o.Diverse, jitter: o.Jitter, rounds: rounds{states: map[roundKey]State{}},
	}
	for _, r := range o.Relays {
		c.records = append(c.records, &record{
			relay: r, state: RelayOK, serves: map[beacon.Hash]bool{}, lags: map[beacon.Hash]Lag{},
		})
	}
	return c, nil
}

// Get waits until the round is due, fetches it and returns it verified. While relays fail or the
// chain stands still it goes on, with growing pauses, until ctx ends; the error is then a [*NotYet]
// or a [*Halted] that wraps the context's. A [*Misconfigured] comes at once.
func (c *Client) Get(ctx context.Context, chain beacon.Hash, round uint64) (Fetched, error) {
	j, err := c.job(chain, round)
	if err != nil {
		return Fetched{}, err
	}
	if err := c.awaitRound(ctx, j); err != nil {
		return Fetched{}, err
	}
	for failed := 0; ; failed++ {
		f, err := c.attempt(ctx, j)
		if err == nil || !canWait(err) {
			return f, err
		}
		pause, jitterErr := c.backoff(failed)
		if jitterErr != nil {
			return Fetched{}, jitterErr
		}
		if ended := sleep(ctx, pause); ended != nil {
			return Fetched{}, because(err, ended)
		}
	}
}

// GetOnce makes one attempt over all relays that can be asked. Before the round is due it asks
// nobody. It is for callers that keep time and repeat by themselves.
func (c *Client) GetOnce(ctx context.Context, chain beacon.Hash, round uint64) (Fetched, error) {
	j, err := c.job(chain, round)
	if err != nil {
		return Fetched{}, err
	}
	if c.now().Before(j.due) {
		c.mark(chain, round, StateScheduled, "")
		return Fetched{}, j.notYet(StateScheduled, nil, nil)
	}
	f, err := c.attempt(ctx, j)
	if err != nil && ctx.Err() != nil {
		err = because(err, context.Cause(ctx))
	}
	return f, err
}

// awaitRound sleeps until shortly after the round's time: a crowd of clients that all ask in its very
// second finds caches that do not have it yet.
func (c *Client) awaitRound(ctx context.Context, j job) error {
	if !c.now().Before(j.due) {
		return nil
	}
	c.mark(j.chain.Hash, j.round, StateScheduled, "")
	after, err := c.between(c.timing.FirstMin, c.timing.FirstMax)
	if err != nil {
		return err
	}
	if ended := c.sleepUntil(ctx, j.due.Add(after)); ended != nil {
		return j.notYet(StateScheduled, nil, ended)
	}
	return nil
}

func canWait(err error) bool {
	var notYet *NotYet
	var halted *Halted
	return errors.As(err, &notYet) || errors.As(err, &halted)
}

// because adds to the error of the last attempt why there is no next one.
func because(err, cause error) error {
	var notYet *NotYet
	var halted *Halted
	switch {
	case errors.As(err, &notYet):
		notYet.Cause = errors.Join(notYet.Cause, cause)
	case errors.As(err, &halted):
		halted.Cause = errors.Join(halted.Cause, cause)
	}
	return err
}
