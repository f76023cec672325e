package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// DownloadRoundBundle is DownloadBundle for a funding round; before the result it is refused with the code
// no_result.
func (i *Instance) DownloadRoundBundle(ctx context.Context, round string, w io.Writer) (int64, error) {
	return i.published(ctx, w, func() (*http.Response, error) { return i.ClientInterface.GetRoundBundle(ctx, round) })
}

// DownloadRoundRecords writes the records of a funding round to w, one a line, and returns their length.
func (i *Instance) DownloadRoundRecords(ctx context.Context, round string, w io.Writer) (int64, error) {
	res, err := i.ClientInterface.GetRoundRecords(ctx, round)
	if err != nil {
		return 0, err
	}
	return save(res, w)
}

// WaitCorrection asks for the job of a correction until it is over. One that was refused comes back with a
// *[JobFailed].
func (i *Instance) WaitCorrection(ctx context.Context, round, id string) (Job, error) {
	for {
		answer, err := i.GetCorrectionWithResponse(ctx, round, id)
		if err != nil {
			return Job{}, err
		}
		job, err := expect(answer.JSON200, answer.HTTPResponse)
		switch {
		case err != nil || job.State == JobStateDone:
			return job, err
		case job.State == JobStateFailed:
			return job, &JobFailed{job}
		}
		select {
		case <-ctx.Done():
			return job, ctx.Err()
		case <-time.After(i.pause):
		}
	}
}
