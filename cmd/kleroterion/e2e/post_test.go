package e2e

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync"

	"kleroterion/api/client"
	"kleroterion/api/problem"
)

// post is one request with an Idempotency-Key, sent again until it is acknowledged.
type post struct {
	key    string
	who    func(*crash) *client.Instance
	send   func(context.Context, *client.Instance, *string) (answer, error)
	took   func(*crash, []byte) // notes the answer in the ledger
	again  func(c *crash) *post // what to ask for when the time for this one is over; nil: nothing
	strip  func([]byte) []byte  // leaves out of an answer what a replay does not repeat; nil: nothing
	answer []byte               // once acknowledged
}

// answer is what the service said.
type answer struct {
	body   []byte
	header http.Header
}

func operator(c *crash) *client.Instance  { return c.operator }
func registrar(c *crash) *client.Instance { return c.registrar }

// try sends it once. An error is a refusal or a broken connection.
func (p *post) try(ctx context.Context, c *crash) ([]byte, error) {
	a, err := p.send(ctx, p.who(c), &p.key)
	return a.body, err
}

// acknowledge notes an answer.
func (c *crash) acknowledge(p *post, body []byte) {
	c.t.Helper()
	p.answer = body
	p.took(c, body)
	c.fresh = append(c.fresh, p)
	c.acknowledged++
}

// must sends until the service has answered, which is up and stays up.
func (c *crash) must(p *post) []byte {
	c.t.Helper()
	body, err := p.try(c.t.Context(), c)
	if refused(err, "lead") && p.again != nil {
		return c.must(p.again(c))
	}
	if err != nil {
		c.t.Fatalf("%s: %v", p.key, err)
	}
	c.acknowledge(p, body)
	return body
}

// cut sends and kills the service when the request is on its way and a little later. Whether it was
// acknowledged is for the network to say; if not, it is sent again after the start.
func (c *crash) cut(p *post, after delay) {
	c.t.Helper()
	wrote, over := make(chan struct{}), make(chan struct{})
	var once sync.Once
	ctx := httptrace.WithClientTrace(c.t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { once.Do(func() { close(wrote) }) }})
	var body []byte
	var err error
	go func() {
		defer close(over)
		body, err = p.try(ctx, c)
	}()
	select {
	case <-wrote:
		after.pass(c.t)
	case <-over:
	}
	c.kill()
	<-over
	var refusal *problem.Problem
	switch {
	case err == nil:
		c.acknowledge(p, body)
	case errors.As(err, &refusal) && !refused(err, "lead"):
		c.t.Fatalf("%s: %v", p.key, err)
	default:
		c.unanswered = append(c.unanswered, p)
	}
}

// repeat sends again what was never answered, and what was: the one has its effect now at the latest,
// the other has it no second time and gives the same answer.
func (c *crash) repeat() {
	c.t.Helper()
	unanswered, fresh := c.unanswered, c.fresh
	c.unanswered, c.fresh = nil, nil
	for _, p := range unanswered {
		c.must(p)
	}
	for _, p := range fresh {
		a, err := p.send(c.t.Context(), p.who(c), &p.key)
		must(c.t, err)
		if a.header.Get("Idempotency-Replayed") != "true" {
			c.t.Errorf("%s: the repetition does not say that it is one", p.key)
		}
		first, second := p.answer, a.body
		if p.strip != nil {
			first, second = p.strip(first), p.strip(second)
		}
		if !bytes.Equal(first, second) {
			c.t.Errorf("%s: the repetition answers\n%s\nand first it was\n%s", p.key, second, first)
		}
		c.repeated++
	}
}
