package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"
)

const (
	idempotencyKey      = "Idempotency-Key"
	idempotencyReplayed = "Idempotency-Replayed"
)

var visibleForm = regexp.MustCompile(forms()["visible"].pattern)

// once runs a use case, and where the request has an Idempotency-Key, at most once for this caller
// and key. A replay gives the same answer and says that it is one.
func (a *API) once(c *gin.Context, op operation, body []byte, run func(context.Context) ([]byte, error)) ([]byte, error) {
	ctx := c.Request.Context()
	given := c.Request.Header.Values(idempotencyKey)
	if len(given) == 0 || !op.repeatable() {
		return run(ctx)
	}
	if len(given) > 1 || !visibleForm.MatchString(given[0]) {
		return nil, malformed.problem("idempotency_key", "%s must be there once, with 1 to 128 visible ASCII characters", idempotencyKey)
	}
	if c.GetHeader("If-Match") != "" {
		return nil, malformed.problem("idempotency_key", "%s and If-Match exclude each other: a replay meets the changed thing", idempotencyKey)
	}
	answer, replayed, err := a.Service.Once(ctx, actorOf(c), given[0], requestHash(c.Request, body), run)
	if replayed && err == nil {
		c.Header(idempotencyReplayed, "true")
	}
	return answer, err
}

// repeatable reports whether an operation takes an Idempotency-Key: every POST of a key's holder but
// those of which each has its own effect.
func (op operation) repeatable() bool {
	return op.method == http.MethodPost && op.access == keyed && !op.anew
}

// requestHash identifies a request by method, path, query and body.
func requestHash(r *http.Request, body []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte(r.Method + " " + r.URL.RequestURI() + "\n"))
	h.Write(body)
	return [32]byte(h.Sum(nil))
}
