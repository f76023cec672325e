package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/api"
	"kleroterion/service"
)

// site is a server on the loopback interface and a client for it.
type site struct {
	server *http.Server
	client *http.Client
	url    string
	token  string
	posted atomic.Int64
	ended  chan error
}

func newSite(server *http.Server, clients int) (*site, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &site{server: server, url: "http://" + l.Addr().String(), ended: make(chan error, 1),
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: clients}}}
	go func() { s.ended <- server.Serve(l) }()
	return s, nil
}

func (s *site) close() error {
	s.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if ended := <-s.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// get reads the one city.
func (s *site) get(ctx context.Context) error {
	return s.send(ctx, http.MethodGet, "/v1/cities/"+city, nil, http.StatusOK)
}

// post adds a city of a new name, with an Idempotency-Key.
func (s *site) post(ctx context.Context) error {
	body := fmt.Appendf(nil, `{"slug":"town-%d","name":"Town"}`, s.posted.Add(1))
	return s.send(ctx, http.MethodPost, "/v1/cities", body, http.StatusCreated)
}

func (s *site) send(ctx context.Context, method, path string, body []byte, want int) error {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", rand.Text())
	}
	if body != nil && s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != want {
		err = fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, text)
	}
	return err
}

// serve starts the API as the program does, with limits that do not end a benchmark.
func (h *house) serve(ctx context.Context, clients int) (*site, error) {
	_, token, err := h.AddOperator(ctx, "bench")
	if err != nil {
		return nil, err
	}
	most := api.Rate{PerSecond: 1e9, Burst: 1e9}
	a, err := api.New(api.Options{Service: h.Service, Now: time.Now, Entropy: rand.Reader, Logger: slog.New(slog.DiscardHandler),
		Version: "klero-bench", PerAddress: most, PerKey: most})
	if err != nil {
		return nil, err
	}
	s, err := newSite(api.NewServer("", a), clients)
	if err == nil {
		s.token = token
	}
	return s, err
}

// bareSite answers the same two requests with nothing behind them.
func bareSite(clients int) (*site, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.GET("/v1/cities/:city", func(c *gin.Context) {
		c.JSON(http.StatusOK, service.City{Slug: c.Param("city"), Name: "Bench", CreatedAt: 1_700_000_000})
	})
	e.POST("/v1/cities", func(c *gin.Context) {
		var in api.NewCity
		if err := c.ShouldBindJSON(&in); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		c.JSON(http.StatusCreated, service.City{Slug: in.Slug, Name: in.Name, CreatedAt: 1_700_000_000})
	})
	return newSite(&http.Server{Handler: e, ReadHeaderTimeout: time.Second}, clients)
}

// httpRows asks the API and a bare Gin handler the same things.
func httpRows(ctx context.Context, b *bench) (rows []Row, err error) {
	s := b.sizes
	h, err := newHouse(ctx, "sqlite:"+filepath.Join(b.dir, "http.db"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	ours, err := h.serve(ctx, s.clients)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ours.close()) }()
	bare, err := bareSite(s.clients)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	for _, r := range []struct {
		name, what string
		n          int
		do         func(*site) func() error
	}{
		{"http.get", "GET of a city", s.requests, func(at *site) func() error { return func() error { return at.get(ctx) } }},
		{"http.post", "POST that is durable, logged and idempotent", s.requests / 4, func(at *site) func() error { return func() error { return at.post(ctx) } }},
	} {
		t, err := b.medians(ctx, min(3, s.rounds),
			timed(func() error { return together(s.clients, r.n, r.do(ours)) }), timed(func() error { return together(s.clients, r.n, r.do(bare)) }))
		if err != nil {
			return nil, err
		}
		row := Row{Name: r.name, What: fmt.Sprintf("%s, %d clients, loopback", r.what, s.clients), Figure: rate(r.n, t[0])}
		rows = append(rows, row.against(rate(r.n, t[1]), "a bare Gin handler that keeps nothing, same client"))
	}
	return rows, nil
}
