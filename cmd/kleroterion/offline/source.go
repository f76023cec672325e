package offline

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/service/audit/verify"
)

const (
	maxPublished = 4 << 20 // bytes of one published file that a log's check reads, but for blobs
	maxBlob      = panelfile.MaxFile
	fetchTime    = 10 * time.Minute // for the largest blob; reading stops when the check is cancelled
)

// Source opens a published log, in a folder or behind an http or https URL.
func Source(where string) (verify.Source, error) {
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		base, err := url.Parse(strings.TrimRight(where, "/"))
		if err != nil || base.Host == "" {
			return nil, unusablef("give the URL under which checkpoint and tile/ are", "%q is not a URL of a log", where)
		}
		return web{base, &http.Client{Timeout: fetchTime, CheckRedirect: sameHost}}, nil
	}
	if _, err := os.Stat(filepath.Join(where, "checkpoint")); err != nil {
		return nil, Unusable(err, "give the folder or URL that holds checkpoint and tile/")
	}
	return folder(where), nil
}

// folder is a published log on this machine.
type folder string

func (f folder) Read(_ context.Context, name string) ([]byte, error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAtMost(file, name)
}

// web is a published log behind a URL. It follows no redirect to another host.
type web struct {
	base   *url.URL
	client *http.Client
}

func (w web) Read(ctx context.Context, name string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base.JoinPath(name).String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := w.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		return readAtMost(answer.Body, name)
	case http.StatusNotFound:
		return nil, fmt.Errorf("%s: %w", request.URL, fs.ErrNotExist)
	default:
		return nil, fmt.Errorf("%s answers %s", request.URL, answer.Status)
	}
}

func sameHost(next *http.Request, via []*http.Request) error {
	if next.URL.Host != via[0].URL.Host || len(via) > 3 {
		return fmt.Errorf("redirect from %s to %s refused", via[0].URL.Host, next.URL.Host)
	}
	return nil
}

func readAtMost(r io.Reader, name string) ([]byte, error) {
	most := int64(maxPublished)
	if strings.HasPrefix(name, "blob/") {
		most = maxBlob
	}
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return b, err
}
