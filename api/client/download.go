package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// ErrDigest reports a download whose bytes are not those that the server announced.
var ErrDigest = errors.New("the download does not have the announced digest")

// DownloadBundle writes the bundle of a draw to w and returns its length. Check it with klero-verify.
func (i *Instance) DownloadBundle(ctx context.Context, draw string, w io.Writer) (int64, error) {
	res, err := i.ClientInterface.GetBundle(ctx, draw)
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
