package api

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

type followedJob struct {
	ID   string `path:"job" validate:"job"`
	Last string `header:"Last-Event-ID" description:"id of the last event that was seen"`
}

// keepAlive is how long a stream may be silent before a comment shows that it lives.
const keepAlive = 15 * time.Second

// followJob streams a job's changes until it is over, the caller leaves or the server shuts down.
// An event's id is a digest of what it shows, so a caller that comes back, here or at another
// replica, is told only what it has not seen.
func (a *API) followJob(c *gin.Context, q asked[followedJob]) error {
	select {
	case a.followers <- struct{}{}:
		defer func() { <-a.followers }()
	default:
		return service.Refuse(service.KindUnavailable, "busy", "%d jobs are being followed already", maxFollowers).
			WithHint("ask for the job itself now and then")
	}
	job, err := a.Service.Job(c.Request.Context(), q.who, q.in.ID)
	if err != nil {
		return err
	}
	s := eventStream{c: c, last: q.in.Last}
	if err := s.begin(); err != nil || c.Request.Method == http.MethodHead {
		return err
	}
	tick := time.NewTicker(a.Poll)
	defer tick.Stop()
	for {
		if err := s.show(job); err != nil || job.State != service.JobPending {
			return err
		}
		select {
		case <-a.closing:
			return nil
		case <-c.Request.Context().Done():
			return c.Request.Context().Err()
		case <-tick.C:
		}
		if job, err = a.Service.Job(c.Request.Context(), q.who, q.in.ID); err != nil {
			return err
		}
	}
}

// eventStream writes server-sent events, each in time.
type eventStream struct {
	c     *gin.Context
	last  string
	wrote time.Time
}

func (s *eventStream) begin() error {
	s.c.Header("Content-Type", "text/event-stream")
	s.c.Header("Cache-Control", cachePrivate)
	s.c.Header("X-Accel-Buffering", "no")
	s.c.Status(http.StatusOK)
	return s.write([]byte("retry: 2000\n\n"))
}

// show sends the job unless the caller has just this state of it.
func (s *eventStream) show(job service.Job) error {
	body, err := encode(jobOf(job))
	if err != nil {
		return err
	}
	id := tagOf(body)[1:17]
	switch {
	case id != s.last:
		s.last = id
		return s.write(fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", id, job.State, bytes.TrimSpace(body)))
	case job.State != service.JobPending: // seen, but the caller came back: it must learn that this is the end
		return s.write(fmt.Appendf(nil, "id: %s\nevent: end\ndata: {}\n\n", id))
	case time.Since(s.wrote) > keepAlive:
		return s.write([]byte(": alive\n\n"))
	}
	return nil
}

func (s *eventStream) write(b []byte) error {
	s.wrote = time.Now()
	if err := setWriteDeadline(s.c, s.wrote.Add(stall)); err != nil {
		return err
	}
	if _, err := s.c.Writer.Write(b); err != nil {
		return err
	}
	err := http.NewResponseController(s.c.Writer).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
