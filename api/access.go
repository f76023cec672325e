package api

import (
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// named gives the request an id of ours; a caller's own would let them write into our log.
func (a *API) named(c *gin.Context) {
	var id [12]byte
	if _, err := io.ReadFull(a.Entropy, id[:]); err != nil {
		panic(fmt.Errorf("entropy: %w", err))
	}
	c.Set(requestKey, hex.EncodeToString(id[:]))
	c.Header("X-Request-Id", requestID(c))
}

func requestID(c *gin.Context) string { return c.GetString(requestKey) }

// logged writes one line a request, when it is over, and counts it. The line has the route's
// template, never the path, the query, the address or a header: those hold tokens and people.
func (a *API) logged(c *gin.Context) {
	began := a.Now()
	defer func() {
		took := a.Now().Sub(began)
		status := c.Writer.Status()
		a.metrics.observe(routeOf(c), methodOf(c), status, took)
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError || c.Value(causeKey) != nil {
			level = slog.LevelError
		}
		a.Logger.LogAttrs(c.Request.Context(), level, "request", a.attributes(c, status, took)...)
	}()
	c.Next()
}

func (a *API) attributes(c *gin.Context, status int, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("request_id", requestID(c)),
		slog.String("method", methodOf(c)),
		slog.String("route", routeOf(c)),
		slog.Int("status", status),
		slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.Int64("duration_us", took.Microseconds()),
	}
	if who := actorOf(c); who.KeyID != "" {
		attrs = append(attrs, slog.String("key", who.KeyID), slog.String("role", string(who.Role)))
	}
	if code := c.GetString(codeKey); code != "" {
		attrs = append(attrs, slog.String("code", code))
	}
	if cause, _ := c.Value(causeKey).(error); cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	return attrs
}

// routeOf is the template of the route, "none" for a path that has none.
func routeOf(c *gin.Context) string {
	if c.FullPath() == "" {
		return "none"
	}
	return c.FullPath()
}

// methodOf keeps made-up methods out of logs and metrics.
func methodOf(c *gin.Context) string {
	switch m := c.Request.Method; m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return m
	}
	return "OTHER"
}

// recovered turns a panic into a problem and a log line with the stack. A deliberate abort passes.
func (a *API) recovered(c *gin.Context) {
	defer func() {
		cause := recover()
		switch {
		case cause == nil:
			return
		case cause == http.ErrAbortHandler:
			panic(cause)
		}
		c.Set(causeKey, fmt.Errorf("panic: %s\n%s", panicText(cause), debug.Stack()))
		c.Set(codeKey, "internal")
		if c.Writer.Written() {
			panic(http.ErrAbortHandler)
		}
		p := kinds[service.KindInternal].problem("internal", "the service failed to answer this request")
		p.RequestID = requestID(c)
		writeProblem(c, p, 0)
	}()
	c.Next()
}

// panicText is the text of the runtime's own errors. Of any other value only the type is told: it
// may hold what a caller sent.
func panicText(cause any) string {
	if err, ok := cause.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T", cause)
}
