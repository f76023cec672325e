package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"kleroterion/randomness/beacon"
)

// page is a response that may hold what was asked for: status 200, JSON, within the size limit.
type page struct {
	body []byte
	date time.Time // of the Date header, zero without a readable one
}

// round asks one relay for one explicit round, verifies it and notes how the relay did.
func (c *Client) round(ctx context.Context, r *record, j job) (beacon.Beacon, *Fault) {
	b, f := c.askRound(ctx, r, j)
	if f != nil && f.Kind == Down && ctx.Err() != nil {
		return b, f // called off because another relay was faster, or by the caller: no fault of this one
	}
	c.note(r, j.chain.Hash, f)
	return b, f
}

func (c *Client) askRound(ctx context.Context, r *record, j job) (beacon.Beacon, *Fault) {
	p, f := c.get(ctx, r, r.relay.roundPath(j.chain.Hash, strconv.FormatUint(j.round, 10)))
	if f != nil {
		return beacon.Beacon{}, f
	}
	a, err := parseAnswer(p.body)
	if err != nil {
		return beacon.Beacon{}, r.fault(Malformed, err)
	}
	if a.beacon.Round == j.round {
		c.mark(j.chain.Hash, j.round, StateFetched, r.relay.URL)
	}
	if err := beacon.Verify(j.chain, j.round, a.beacon); err != nil {
		return beacon.Beacon{}, r.fault(Lying, err)
	}
	c.checkRandomness(r, j.chain.Hash, a)
	return a.beacon, nil
}

// checkRandomness punishes a relay that puts a wrong randomness beside a right signature. The
// signature is still worth its whole: the member is never used.
func (c *Client) checkRandomness(r *record, chain beacon.Hash, a answer) {
	want := a.beacon.Randomness()
	if a.randomness != nil && !bytes.Equal(a.randomness, want[:]) {
		c.note(r, chain, r.fault(Lying, fmt.Errorf("round %d: randomness %x is not the hash %x of the signature", a.beacon.Round, a.randomness, want)))
	}
}

// roundPath takes a number or "latest".
func (r *Relay) roundPath(chain beacon.Hash, round string) string {
	if r.API == V2 {
		return "/v2/chains/" + chain.String() + "/rounds/" + round
	}
	return "/" + chain.String() + "/public/" + round
}

func (r *Relay) chainsPath() string {
	if r.API == V2 {
		return "/v2/chains"
	}
	return "/chains"
}

func (r *record) fault(k Kind, err error) *Fault {
	return &Fault{Relay: r.relay.URL, Kind: k, Err: err}
}

// get makes one request within the time of one try, body included.
func (c *Client) get(ctx context.Context, r *record, path string) (page, *Fault) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timing.Try, fmt.Errorf("no whole answer within %s", c.timing.Try))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.relay.URL+path, nil)
	if err != nil {
		return page{}, r.fault(Foreign, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "kleroterion")
	resp, err := c.http.Do(req)
	if err != nil {
		return page{}, r.fault(kindOf(err), causeOf(ctx, err))
	}
	defer resp.Body.Close()
	if f := r.checkHead(resp); f != nil {
		return page{}, f
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return page{}, r.fault(Down, causeOf(ctx, err))
	}
	if len(body) > maxBody {
		return page{}, r.fault(Malformed, fmt.Errorf("body is above %d bytes", maxBody))
	}
	date, _ := http.ParseTime(resp.Header.Get("Date")) // a missing date is no fault
	return page{body, date}, nil
}

func (r *record) checkHead(resp *http.Response) *Fault {
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusTooEarly, http.StatusInternalServerError:
		return r.fault(Absent, fmt.Errorf("status %d", resp.StatusCode))
	case http.StatusBadRequest:
		return r.fault(Foreign, fmt.Errorf("status 400: it does not understand drand's paths; check its URL"))
	default:
		return r.fault(Down, fmt.Errorf("status %d", resp.StatusCode))
	}
	kind := resp.Header.Get("Content-Type")
	if mediaType, _, err := mime.ParseMediaType(kind); err != nil || mediaType != "application/json" {
		return r.fault(Malformed, fmt.Errorf("content type %.80q, want application/json", kind))
	}
	return nil
}

func kindOf(err error) Kind {
	if errors.Is(err, errRedirect) {
		return Malformed
	}
	return Down
}

// causeOf tells our own time limit from the caller's.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
