package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"kleroterion/api/problem"
)

// JobFailed is a job that ended with a refusal.
type JobFailed struct{ Job Job }

func (e *JobFailed) Error() string {
	return fmt.Sprintf("job %s (%s) failed: %s", e.Job.ID, e.Job.Kind, e.Job.Error)
}

// WaitJob follows a job until it is over and tells each change, where tell is not nil. A stream that
// breaks is taken up again. A job that failed comes back with a *[JobFailed].
func (i *Instance) WaitJob(ctx context.Context, id string, tell func(Job)) (Job, error) {
	if tell == nil {
		tell = func(Job) {}
	}
	for last := ""; ; {
		job, err := i.follow(ctx, id, &last, tell)
		switch {
		case err == nil && job.State == JobStateFailed:
			return job, &JobFailed{job}
		case err == nil && job.State == JobStateDone:
			return job, nil
		case refusedForGood(err) || ctx.Err() != nil:
			return job, errors.Join(err, ctx.Err())
		}
		select {
		case <-ctx.Done():
			return job, ctx.Err()
		case <-time.After(i.pause):
		}
	}
}

// refusedForGood reports whether asking again is of no use.
func refusedForGood(err error) bool {
	var p *problem.Problem
	return errors.As(err, &p) && p.Status < http.StatusInternalServerError && p.Status != http.StatusTooManyRequests
}

// follow reads one stream of events to its end and returns the job as it then is.
func (i *Instance) follow(ctx context.Context, id string, last *string, tell func(Job)) (Job, error) {
	res, err := i.ClientInterface.FollowJob(ctx, id, &FollowJobParams{LastEventID: last})
	if err != nil {
		return Job{}, err
	}
	defer res.Body.Close()
	err = readEvents(res.Body, last, func(job Job) {
		if job.ID != "" {
			tell(job)
		}
	})
	if err != nil {
		return Job{}, err
	}
	answer, err := i.GetJobWithResponse(ctx, id)
	if err != nil {
		return Job{}, err
	}
	return expect(answer.JSON200, answer.HTTPResponse)
}

// readEvents reads server-sent events of one sort as our server writes them: data is one line. The last
// event may be empty.
func readEvents[T any](r io.Reader, last *string, tell func(T)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), 16<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			*last = value
		case "data":
			var event T
			if err := json.Unmarshal([]byte(value), &event); err != nil {
				return fmt.Errorf("event: %w", err)
			}
			tell(event)
		}
	}
	return lines.Err()
}

// expect returns what an answer holds, or says that it is not what the document promises.
func expect[T any](got *T, res *http.Response) (T, error) {
	if got == nil {
		var none T
		return none, fmt.Errorf("%s answered %s with %q, which is not what its API describes", res.Request.URL.Path, res.Status, res.Header.Get("Content-Type"))
	}
	return *got, nil
}
