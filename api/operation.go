package api

import (
	"context"
	"io"
	"net/http"
	"reflect"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// access says whose requests a route answers.
type access int

const (
	public access = iota // anyone; a key changes nothing
	either               // anyone; a key may show more
	keyed                // holders of a key
)

// operation describes one route. Router and OpenAPI document are both made of it, so neither can
// know a route that the other does not.
type operation struct {
	method  string
	path    string // as in OpenAPI: /v1/cities/{city}
	id      string // operationId
	tag     string
	summary string
	about   string
	status  int    // of success; 0 is 200
	media   string // of a success that is not JSON
	also    string // media type of a success that the request may choose instead
	reads   string // media type of a request body that is not JSON
	orJSON  any    // pointer to the type of a body that may come as JSON instead of reads; nil: none may
	limit   int64  // bytes of a body; 0 is 1 MiB
	pace    pace   // whose rate it is held to
	access  access
	early   bool // the thing may be there only later, or never
	named   bool // the request names a person, to whom it may be refused
	anew    bool // each request has its own effect: there is no Idempotency-Key
}

// route is an operation with the types it binds and the code that serves it.
type route struct {
	operation
	in, out reflect.Type
	serve   func(*API, *gin.Context) error
}

// asked is a bound request.
type asked[In any] struct {
	in  In
	who service.Actor
}

// answer is what a use case gives back, before it is encoded.
type answer[T any] struct {
	body     T
	location string // path of a thing that was made
	next     string // cursor of the next window, "" at the end
	cache    string // Cache-Control; "" is the default of the route
}

func ok[T any](body T) answer[T] { return answer[T]{body: body} }

// none is the body of an answer without one.
type none struct{}

// nothing is the parameters of a route that takes none.
type nothing struct{}

// define makes a route that binds In, asks do, and answers with Out as JSON.
func define[In, Out any](op operation, do func(context.Context, asked[In]) (answer[Out], error)) route {
	serve := func(a *API, c *gin.Context) error {
		q := asked[In]{who: actorOf(c)}
		raw, err := a.bind(c, op, &q.in)
		if err != nil {
			return err
		}
		var out answer[Out]
		body, err := a.once(c, op, raw, func(ctx context.Context) ([]byte, error) {
			if out, err = do(ctx, q); err != nil {
				return nil, err
			}
			return encode(out.body)
		})
		if err != nil {
			return err
		}
		return send(c, op, envelope{body, out.location, out.next, out.cache})
	}
	return route{op, reflect.TypeFor[In](), reflect.TypeFor[Out](), serve}
}

// download makes a route that answers with a stream of bytes.
func download[In any](op operation, do func(context.Context, asked[In], *outflow) error) route {
	serve := func(a *API, c *gin.Context) error {
		q := asked[In]{who: actorOf(c)}
		if _, err := a.bind(c, op, &q.in); err != nil {
			return err
		}
		w := newOutflow(c, op)
		return w.finish(do(c.Request.Context(), q, w))
	}
	return route{op, reflect.TypeFor[In](), nil, serve}
}

// upload makes a route that reads a stream of bytes of at most the upload limit.
func upload[In, Out any](op operation, do func(context.Context, asked[In], io.Reader) (answer[Out], error)) route {
	serve := func(a *API, c *gin.Context) error {
		q := asked[In]{who: actorOf(c)}
		if _, err := a.bind(c, op, &q.in); err != nil {
			return err
		}
		out, err := do(c.Request.Context(), q, a.inflow(c))
		if err != nil {
			return err
		}
		body, err := encode(out.body)
		if err != nil {
			return err
		}
		return send(c, op, envelope{body, out.location, out.next, out.cache})
	}
	return route{op, reflect.TypeFor[In](), reflect.TypeFor[Out](), serve}
}

// raw makes a route that writes its own answer: pages, event streams, published files.
func raw[In any](op operation, do func(*gin.Context, asked[In]) error) route {
	serve := func(a *API, c *gin.Context) error {
		q := asked[In]{who: actorOf(c)}
		if _, err := a.bind(c, op, &q.in); err != nil {
			return err
		}
		return do(c, q)
	}
	return route{op, reflect.TypeFor[In](), nil, serve}
}

func (op operation) success() int {
	if op.status == 0 {
		return http.StatusOK
	}
	return op.status
}

func (op operation) bodyLimit() int64 {
	if op.limit == 0 {
		return jsonLimit
	}
	return op.limit
}

// bodyMedia lists the media types of a body that is not bound.
func (op operation) bodyMedia() []string {
	if op.orJSON == nil {
		return []string{op.reads}
	}
	return []string{op.reads, "application/json"}
}

func (op operation) mediaType() string {
	if op.media == "" {
		return "application/json"
	}
	return op.media
}
