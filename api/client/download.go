package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"kleroterion/api/problem"
)

// ErrDigest reports a download whose bytes are not those that the server announced.
var ErrDigest = errors.New("the download does not have the announced digest")

// DownloadBundle writes the bundle of a draw to w and returns its length. Check it with klero-verify.
// Where the result is there and its checkpoint is not published yet, a matter of a second, it waits;
// before the draw it is refused with the code not_drawn.
func (i *Instance) DownloadBundle(ctx context.Context, draw string, w io.Writer) (int64, error) {
	return i.published(ctx, w, func() (*http.Response, error) { return i.ClientInterface.GetBundle(ctx, draw) })
}

// DownloadPollBundle is DownloadBundle for a poll; before the count it is refused with the code
// sealed_until.
func (i *Instance) DownloadPollBundle(ctx context.Context, poll string, w io.Writer) (int64, error) {
	return i.published(ctx, w, func() (*http.Response, error) { return i.ClientInterface.GetPollBundle(ctx, poll) })
}

// published asks until a checkpoint covers what is asked for.
func (i *Instance) published(ctx context.Context, w io.Writer, ask func() (*http.Response, error)) (int64, error) {
	for {
		res, err := ask()
		var refused *problem.Problem
		switch {
		case err == nil:
			return save(res, w)
		case !errors.As(err, &refused) || refused.Code != "not_published":
			return 0, err
		}
		select {
		case <-ctx.Done():
			return 0, errors.Join(err, ctx.Err())
		case <-time.After(i.pause):
		}
	}
}

// DownloadBallots writes the records of a poll to w, one a line, and returns their length.
func (i *Instance) DownloadBallots(ctx context.Context, poll string, w io.Writer) (int64, error) {
	res, err := i.ClientInterface.GetBallots(ctx, poll)
	if err != nil {
		return 0, err
	}
	return save(res, w)
}

// DownloadRegister writes the public file of the register with this root to w and returns its length.
func (i *Instance) DownloadRegister(ctx context.Context, root string, w io.Writer) (int64, error) {
	res, err := i.ClientInterface.GetRegisterFile(ctx, root)
	if err != nil {
		return 0, err
	}
	return save(res, w)
}

// DownloadLottery writes the panel file of a ready lottery to w and returns its length.
func (i *Instance) DownloadLottery(ctx context.Context, lottery string, w io.Writer) (int64, error) {
	res, err := i.ClientInterface.GetLotteryFile(ctx, lottery)
	if err != nil {
		return 0, err
	}
	return save(res, w)
}

// save copies a body and holds it against Repr-Digest (RFC 9530), which may come after it.
func save(res *http.Response, w io.Writer) (int64, error) {
	defer res.Body.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), res.Body)
	if err != nil {
		return n, fmt.Errorf("download: %w", err)
	}
	announced := res.Header.Get("Repr-Digest") + res.Trailer.Get("Repr-Digest")
	if want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + ":"; announced != want {
		return n, fmt.Errorf("%w: got %s, announced %q", ErrDigest, want, announced)
	}
	return n, nil
}
