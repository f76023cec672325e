package api

import (
	"bytes"
	"context"
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

type followedPoll struct {
	ID   string `path:"poll" validate:"id"`
	Last string `header:"Last-Event-ID" description:"id of the last event that was seen"`
}

// keepAlive is how long a stream may be silent before a comment shows that it lives.
const keepAlive = 15 * time.Second

// shown is one state of what is followed.
type shown struct {
	name string // of the event
	body []byte // JSON
	over bool   // nothing changes any more
}

func (a *API) followJob(c *gin.Context, q asked[followedJob]) error {
	return a.follow(c, a.followers, q.in.Last, func(ctx context.Context) (shown, error) {
		job, err := a.Service.Job(ctx, q.who, q.in.ID)
		if err != nil {
			return shown{}, err
		}
		body, err := encode(jobOf(job))
		return shown{string(job.State), body, job.State != service.JobPending}, err
	})
}

func (a *API) followPoll(c *gin.Context, q asked[followedPoll]) error {
	return a.follow(c, a.watchers, q.in.Last, func(ctx context.Context) (shown, error) {
		v, err := a.Service.Poll(ctx, q.in.ID)
		if err != nil {
			return shown{}, err
		}
		body, err := encode(pollOf(v))
		return shown{v.Status, body, v.State == service.PollCounted || v.State == service.PollVoid}, err
	})
}

// follow streams the changes of a thing until it is over, the caller leaves or the server shuts down.
// An event's id is a digest of what it shows, so a caller that comes back, here or at another
// replica, is told only what it has not seen.
func (a *API) follow(c *gin.Context, room chan struct{}, last string, look func(context.Context) (shown, error)) error {
	select {
	case room <- struct{}{}:
		defer func() { <-room }()
	default:
		return service.Refuse(service.KindUnavailable, "busy", "%d streams are being followed already", cap(room)).
			WithHint("ask for the thing itself now and then")
	}
	now, err := look(c.Request.Context())
	if err != nil {
		return err
	}
	s := eventStream{c: c, last: last}
	if err := s.begin(); err != nil || c.Request.Method == http.MethodHead {
		return err
	}
	tick := time.NewTicker(a.Poll)
	defer tick.Stop()
	for {
		if err := s.show(now); err != nil || now.over {
			return err
		}
		select {
		case <-a.closing:
			return nil
		case <-c.Request.Context().Done():
			return c.Request.Context().Err()
		case <-tick.C:
		}
		if now, err = look(c.Request.Context()); err != nil {
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

// show sends what is followed unless the caller has just this state of it.
func (s *eventStream) show(now shown) error {
	id := tagOf(now.body)[1:17]
	switch {
	case id != s.last:
		s.last = id
		return s.write(fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", id, now.name, bytes.TrimSpace(now.body)))
	case now.over: // seen, but the caller came back: it must learn that this is the end
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
