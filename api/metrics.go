package api

import (
	"context"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kleroterion/service"
)

// Stats is what a scrape asks the service about; the caller of [New] says how to find it.
type Stats struct {
	JobsDue    int64            // pending jobs whose time has come
	OldestDue  int64            // seconds since the longest waiting of them became due
	BeaconLag  map[string]int64 // rounds behind, by relay
	Draws      map[string]int64 // draws, by status
	LogSize    int64            // records
	SignedSize int64            // records under the newest signed checkpoint
}

// statsTime bounds how long a scrape may wait for the service.
const statsTime = 5 * time.Second

type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics(stats func(context.Context) (Stats, error)) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "klero_http_requests_total", Help: "Answered requests.",
		}, []string{"route", "method", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "klero_http_request_duration_seconds", Help: "Time from the request's headers to the end of the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.duration, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if stats != nil {
		m.registry.MustRegister(newStatsCollector(stats))
	}
	return m
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(route).Observe(took.Seconds())
}

// statsCollector asks for Stats at every scrape. A failure makes the scrape fail visibly rather than
// show old numbers.
type statsCollector struct {
	stats                                             func(context.Context) (Stats, error)
	jobs, oldest, lag, draws, logSize, logSigned, bad *prometheus.Desc
}

func newStatsCollector(stats func(context.Context) (Stats, error)) *statsCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &statsCollector{
		stats:     stats,
		jobs:      desc("klero_jobs_due", "Pending jobs whose time has come."),
		oldest:    desc("klero_jobs_due_seconds", "How long the oldest of them has been due."),
		lag:       desc("klero_beacon_lag_rounds", "Rounds that a relay is behind.", "relay"),
		draws:     desc("klero_draws", "Draws.", "status"),
		logSize:   desc("klero_log_records", "Records in the public log."),
		logSigned: desc("klero_log_signed_records", "Records under the newest signed checkpoint."),
		bad:       desc("klero_stats_failed", "The service could not be asked."),
	}
}

// Describe sends every description.
func (s *statsCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.jobs, s.oldest, s.lag, s.draws, s.logSize, s.logSigned} {
		to <- d
	}
}

// Collect asks for Stats and sends them.
func (s *statsCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), statsTime)
	defer cancel()
	now, err := s.stats(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(s.bad, err)
		return
	}
	gauge := func(d *prometheus.Desc, v int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	gauge(s.jobs, now.JobsDue)
	gauge(s.oldest, now.OldestDue)
	gauge(s.logSize, now.LogSize)
	gauge(s.logSigned, now.SignedSize)
	for relay, lag := range now.BeaconLag {
		gauge(s.lag, lag, relay)
	}
	for status, n := range now.Draws {
		gauge(s.draws, n, status)
	}
}

func (a *API) metricsRoutes() []route {
	handler := promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{DisableCompression: true})
	serve := func(c *gin.Context, q asked[nothing]) error {
		if !a.OpenMetrics && q.who.Role != service.RoleOperator {
			return service.Refuse(service.KindNotFound, "not_found", "metrics are shown to operators only")
		}
		c.Header("Cache-Control", cachePrivate)
		handler.ServeHTTP(c.Writer, c.Request)
		return nil
	}
	return []route{raw(operation{
		method: "GET", path: "/metrics", id: "getMetrics", tag: "health", media: "text/plain", access: either,
		summary: "Metrics in Prometheus text format",
		about:   "For an operator's key, or for anyone where the operator opened them.",
	}, serve)}
}
