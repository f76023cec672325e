package client

import (
	"context"
	"errors"
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

// RoundEvent is what the events of a funding round tell. A void round has no estimate.
type RoundEvent struct {
	Round    Round     `json:"round"`
	Estimate *Estimate `json:"estimate"`
}

// WatchRound follows a funding round until it is final or void and tells each change. A stream that breaks
// is taken up again.
func (i *Instance) WatchRound(ctx context.Context, id string, tell func(RoundEvent)) error {
	for last := ""; ; {
		over, err := i.watch(ctx, id, &last, tell)
		switch {
		case over:
			return nil
		case refusedForGood(err) || ctx.Err() != nil:
			return errors.Join(err, ctx.Err())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(i.pause):
		}
	}
}

// watch reads one stream of events to its end and reports whether the round was over by then.
func (i *Instance) watch(ctx context.Context, id string, last *string, tell func(RoundEvent)) (over bool, err error) {
	res, err := i.ClientInterface.FollowRound(ctx, id, &FollowRoundParams{LastEventID: last})
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	err = readEvents(res.Body, last, func(e RoundEvent) {
		if e.Round.ID != "" { // else it is the end, which was told before
			tell(e)
		}
		over = e.Round.ID == "" || e.Round.Status == RoundStatusFinal || e.Round.Status == RoundStatusVoid
	})
	return over, err
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
