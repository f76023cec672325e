package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/api/problem"
)

// Values of Cache-Control. Private is for what a key showed, revalidate for public things that
// change, forever for things named by their content.
const (
	cachePrivate    = "no-store"
	cacheRevalidate = "no-cache"
	cacheForever    = "public, max-age=31536000, immutable"
)

// envelope is an encoded answer.
type envelope struct {
	body     []byte
	location string
	next     string
	cache    string
}

// encode writes a value as JSON, with <, > and & as they are: canonical records inside an answer
// keep their bytes.
func encode(v any) ([]byte, error) {
	if _, empty := v.(none); empty {
		return nil, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("answer encoding: %w", err)
	}
	return b.Bytes(), nil
}

// send writes an answer, or 304 when the caller has it already.
func send(c *gin.Context, op operation, e envelope) error {
	h := c.Writer.Header()
	h.Set("Cache-Control", cacheOf(c, e.cache))
	if e.location != "" {
		h.Set("Location", e.location)
	}
	if e.next != "" {
		h.Set("Link", nextLink(c.Request.URL, e.next))
	}
	if len(e.body) == 0 {
		c.Status(op.success())
		c.Writer.WriteHeaderNow()
		return nil
	}
	if reads(c.Request.Method) && op.success() == http.StatusOK {
		tag := tagOf(e.body)
		h.Set("ETag", tag)
		if lists(c.GetHeader("If-None-Match"), tag) {
			c.Status(http.StatusNotModified)
			c.Writer.WriteHeaderNow()
			return nil
		}
	}
	h.Set("Content-Type", op.mediaType())
	h.Set("Content-Length", strconv.Itoa(len(e.body)))
	c.Status(op.success())
	// The time to take the answer begins now: a use case may have taken longer than that to make it.
	if err := setWriteDeadline(c, time.Now().Add(stall)); err != nil {
		return err
	}
	_, err := c.Writer.Write(e.body)
	return err
}

// cacheOf keeps whatever a key showed out of every cache.
func cacheOf(c *gin.Context, public string) string {
	switch {
	case actorOf(c).KeyID != "" || !reads(c.Request.Method):
		return cachePrivate
	case public == "":
		return cacheRevalidate
	}
	return public
}

func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// tagOf is the strong ETag of a representation: it changes exactly when the bytes do.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// lists reports whether a list of ETags has this one; weak validators are compared weakly.
func lists(header, tag string) bool {
	for given := range strings.SplitSeq(header, ",") {
		given = strings.TrimSpace(given)
		if given == "*" || strings.TrimPrefix(given, "W/") == tag {
			return true
		}
	}
	return false
}

// unchanged holds an If-Match header against what a GET would show now.
func unchanged(ifMatch string, now any) error {
	if ifMatch == "" {
		return nil
	}
	body, err := encode(now)
	if err != nil {
		return err
	}
	if strings.Contains(ifMatch, "W/") || !lists(ifMatch, tagOf(body)) {
		return stale.problem("stale", "the thing is not what If-Match names any more")
	}
	return nil
}

// nextLink repeats the request with another cursor.
func nextLink(u *url.URL, cursor string) string {
	query := u.Query()
	query.Set("cursor", cursor)
	next := url.URL{Path: u.Path, RawQuery: query.Encode()}
	return "<" + next.String() + `>; rel="next"`
}

// refuse answers with a problem. A cause that is not a refusal goes to the request log, not out.
// Where the answer has begun it is cut on the wire, so that nobody takes the part for the whole.
func (a *API) refuse(c *gin.Context, err error) {
	gone := c.Request.Context().Err() != nil
	p, retry := problemOf(err)
	if p.Status >= http.StatusInternalServerError && !gone {
		c.Set(causeKey, err)
	}
	c.Set(codeKey, p.Code)
	switch {
	case c.Writer.Written():
		c.Set(codeKey, "cut")
		panic(http.ErrAbortHandler)
	case gone:
		c.Status(statusGone)
	default:
		shown := *p
		shown.RequestID = requestID(c)
		writeProblem(c, &shown, retry)
	}
}

// statusGone is logged where the caller left before there was an answer; nobody receives it.
const statusGone = 499

func writeProblem(c *gin.Context, p *problem.Problem, retry int64) {
	body, err := encode(p)
	if err != nil {
		panic(err) // a struct of strings and integers
	}
	h := c.Writer.Header()
	for _, name := range []string{"ETag", "Link", "Location", "Content-Disposition", "Content-Length", "Repr-Digest", "Trailer"} {
		h.Del(name)
	}
	if retry > 0 {
		h.Set("Retry-After", strconv.FormatInt(retry, 10))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(p.Code))
	}
	h.Set("Cache-Control", cachePrivate)
	h.Set("Content-Type", problemType(c.Request.Header))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Abort()
	c.Status(p.Status)
	_, _ = c.Writer.Write(body) // a caller that left needs no answer
}
