package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"reflect"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// file is a request body that is not bound as JSON, read whole.
type file struct {
	media string
	bytes []byte
}

// gather makes a route that reads a file whole, of at most the operation's limit. Whoever lacks a key that
// is needed is refused before the file is read.
func gather[In, Out any](op operation, do func(context.Context, asked[In], file) (answer[Out], error)) route {
	serve := func(a *API, c *gin.Context) error {
		q := asked[In]{who: actorOf(c)}
		if _, err := a.bind(c, op, &q.in); err != nil {
			return err
		}
		if op.access == keyed && q.who.Role == "" {
			return service.Refuse(service.KindUnauthorized, "key_required", "this needs an API key")
		}
		f, err := readFile(c, op)
		if err != nil {
			return err
		}
		var out answer[Out]
		body, err := a.once(c, op, f.bytes, func(ctx context.Context) ([]byte, error) {
			if out, err = do(ctx, q, f); err != nil {
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

func readFile(c *gin.Context, op operation) (file, error) {
	limit := op.bodyLimit()
	if c.Request.ContentLength > limit {
		return file{}, &http.MaxBytesError{Limit: limit}
	}
	media, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		return file{}, err // bind let it pass
	}
	b, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	if err != nil {
		return file{}, arrival(err)
	}
	return file{media, b}, setReadDeadline(c, time.Time{})
}
