package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"kleroterion/api/problem"
)

// maxRefusal bounds what is read of a refusal.
const maxRefusal = 1 << 20

// Instance is one kleroterion instance as one key's holder, or nobody, sees it. It is safe for
// concurrent use.
type Instance struct {
	*ClientWithResponses
	pause time.Duration // before what was interrupted, or is not there yet, is asked for again
}

// New returns the instance at an http or https URL. Token is an API key, "" for what is public.
func New(address, token string) (*Instance, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("instance %q: want a URL such as https://draws.example", address)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 2 * time.Minute
	authorise := func(_ context.Context, r *http.Request) error {
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}
	c, err := NewClientWithResponses(address, WithHTTPClient(refusing{&http.Client{Transport: transport}}), WithRequestEditorFn(authorise))
	if err != nil {
		return nil, err
	}
	return &Instance{c, time.Second}, nil
}

// refusing turns every answer from 400 on into a *problem.Problem.
type refusing struct{ *http.Client }

func (c refusing) Do(r *http.Request) (*http.Response, error) {
	res, err := c.Client.Do(r)
	if err != nil || res.StatusCode < http.StatusBadRequest {
		return res, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxRefusal))
	if err != nil {
		return nil, fmt.Errorf("refusal %d: %w", res.StatusCode, err)
	}
	return nil, problem.Parse(res.StatusCode, body)
}
