package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"kleroterion/api"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	w := newTown(t, func(o *api.Options) {
		o.Stats = func(context.Context) (api.Stats, error) {
			return api.Stats{JobsDue: 3, OldestDue: 40, BeaconLag: map[string]int64{"https://relay.example": 2}, Draws: map[string]int64{"drawn": 5}, LogSize: 9, SignedSize: 8}, nil
		}
	})
	w.ask("GET", "/v1/cities/example", "", "")
	w.ask("GET", "/v1/cities/nowhere", "", "")
	w.ask("BREW", "/v1/cities", "", "")
	got := w.ask("GET", "/metrics", w.operator, "")
	for _, want := range []string{
		`klero_http_requests_total{method="GET",route="/v1/cities/:city",status="200"} 1`,
		`klero_http_requests_total{method="GET",route="/v1/cities/:city",status="404"} 1`,
		`klero_http_requests_total{method="OTHER",route="none",status="405"} 1`,
		`klero_http_request_duration_seconds_count{route="/v1/cities/:city"} 2`,
		"klero_jobs_due 3", "klero_jobs_due_seconds 40", `klero_beacon_lag_rounds{relay="https://relay.example"} 2`,
		`klero_draws{status="drawn"} 5`, "klero_log_records 9", "klero_log_signed_records 8", "go_goroutines", "process_",
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(got.body, "BREW") || strings.Contains(got.body, "nowhere") {
		t.Error("metrics have words of a caller")
	}
}

func TestMetricsFailVisibly(t *testing.T) {
	t.Parallel()
	w := newTown(t, func(o *api.Options) {
		o.OpenMetrics = true
		o.Stats = func(context.Context) (api.Stats, error) { return api.Stats{}, errors.New("database is away") }
	})
	if got := w.ask("GET", "/metrics", "", ""); got.status != 500 || strings.Contains(got.body, "klero_jobs_due 0") {
		t.Errorf("metrics without stats: %d %.200s", got.status, got.body)
	}
}
