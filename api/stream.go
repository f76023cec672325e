package api

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// stall is how long one write or read of a stream may take before the connection is given up.
const stall = 30 * time.Second

// errEnough ends a stream whose body nobody asked for.
var errEnough = errors.New("the caller asked for the headers only")

// outflow is an answer in the making: headers go out with the first byte, so that a refusal before
// it is still a problem document.
type outflow struct {
	c       *gin.Context
	op      operation
	begun   bool
	trailer func() (name, value string) // called after the last byte
}

func newOutflow(c *gin.Context, op operation) *outflow { return &outflow{c: c, op: op} }

// named makes the answer a file to be saved.
func (w *outflow) named(file string) {
	w.c.Header("Content-Disposition", `attachment; filename="`+file+`"`)
}

func (w *outflow) cached(how string) { w.c.Header("Cache-Control", cacheOf(w.c, how)) }

// tagged sets the ETag and reports whether the caller has these bytes already; then nothing is to be
// written.
func (w *outflow) tagged(tag string) bool {
	w.c.Header("ETag", tag)
	if !lists(w.c.GetHeader("If-None-Match"), tag) {
		return false
	}
	w.begun = true
	w.c.Status(http.StatusNotModified)
	w.c.Writer.WriteHeaderNow()
	return true
}

func (w *outflow) begin() {
	if w.begun {
		return
	}
	w.begun = true
	media := w.op.mediaType()
	if strings.HasPrefix(media, "text/") {
		media += "; charset=utf-8"
	}
	w.c.Header("Content-Type", media)
	if w.c.Writer.Header().Get("Cache-Control") == "" {
		w.cached("")
	}
	w.c.Status(w.op.success())
	w.c.Writer.WriteHeaderNow()
}

func (w *outflow) Write(p []byte) (int, error) {
	w.begin()
	if w.c.Request.Method == http.MethodHead {
		return 0, errEnough
	}
	if err := setWriteDeadline(w.c, time.Now().Add(stall)); err != nil {
		return 0, err
	}
	return w.c.Writer.Write(p)
}

// finish completes the answer, or passes on the error that interrupted it.
func (w *outflow) finish(err error) error {
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	w.begin()
	if w.trailer != nil && err == nil {
		name, value := w.trailer()
		w.c.Header(name, value)
	}
	return nil
}

// inflow is a request body that may be long: it is bounded in bytes, and each read in time.
type inflow struct {
	c    *gin.Context
	body io.Reader
}

func (a *API) inflow(c *gin.Context) *inflow {
	return &inflow{c, http.MaxBytesReader(c.Writer, c.Request.Body, a.UploadLimit)}
}

// Read names what interrupts an upload, and frees the connection from its deadline at the end: one
// that passes later would cancel the request.
func (r *inflow) Read(p []byte) (int, error) {
	if err := setReadDeadline(r.c, time.Now().Add(stall)); err != nil {
		return 0, err
	}
	n, err := r.body.Read(p)
	switch {
	case err == io.EOF:
		if clear := setReadDeadline(r.c, time.Time{}); clear != nil {
			return n, clear
		}
	case err != nil:
		err = arrival(err)
	}
	return n, err
}

// Deadlines are the connection's. A response writer without one (a test's recorder) has none to set.
func setReadDeadline(c *gin.Context, t time.Time) error {
	return supported(http.NewResponseController(c.Writer).SetReadDeadline(t))
}

func setWriteDeadline(c *gin.Context, t time.Time) error {
	return supported(http.NewResponseController(c.Writer).SetWriteDeadline(t))
}

func supported(err error) error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// tee writes to both, so that a digest covers exactly what was sent.
type tee struct {
	first, second io.Writer
}

func (t tee) Write(p []byte) (int, error) {
	n, err := t.first.Write(p)
	if err == nil {
		_, err = t.second.Write(p)
	}
	return n, err
}
