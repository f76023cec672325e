package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// contentPolicy lets our pages load our stylesheet and images and send our forms, and nothing else:
// no script runs, nothing comes from elsewhere, nobody frames us.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded sets the headers that every answer bears.
func guarded(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Vary", "Accept, Authorization")
}

// timed gives a body that nobody may read a time to end, and the answer one to be taken. Streams
// move both forward as they get on.
func (a *API) timed(c *gin.Context) {
	if c.Request.ContentLength != 0 {
		if err := setReadDeadline(c, time.Now().Add(bodyTime)); err != nil {
			a.refuse(c, err)
			return
		}
	}
	if err := setWriteDeadline(c, time.Now().Add(answerTime)); err != nil {
		a.refuse(c, err)
	}
}

// shared lets pages of other origins read what is public to everyone anyway: verifiers need it. It
// never allows credentials.
func shared(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Expose-Headers", "ETag, Link, Repr-Digest, Retry-After, X-Request-Id")
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
}

// options answers OPTIONS for any path that has other methods; the router has set Allow.
func options(c *gin.Context) {
	if c.GetHeader("Access-Control-Request-Method") != "" {
		shared(c)
		c.Header("Access-Control-Allow-Methods", "GET, HEAD")
		c.Header("Access-Control-Max-Age", "86400")
	}
	c.Header("Cache-Control", cachePrivate)
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
}
