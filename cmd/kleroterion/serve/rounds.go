package serve

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"kleroterion/cmd/kleroterion/config"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/relay"
	"kleroterion/service"
)

// rounds gives the service what package relay fetches.
type rounds struct {
	client *relay.Client
}

func (r rounds) Fetch(ctx context.Context, chain beacon.Hash, round uint64) (beacon.Beacon, string, error) {
	f, err := r.client.GetOnce(ctx, chain, round)
	return f.Beacon, f.Relay, err
}

func (r rounds) State(chain beacon.Hash, round uint64) string {
	return string(r.client.State(chain, round))
}

// CheckClock fails only on proof that the clock is behind. Where no relay answers nothing is proved,
// and opening a draw still needs a fresh beacon.
func (r rounds) CheckClock(ctx context.Context, chain beacon.Hash) error {
	_, err := r.client.ClockSkew(ctx, chain)
	var behind *relay.ClockBehind
	if errors.As(err, &behind) {
		return behind
	}
	return nil
}

func (r rounds) Relays() []service.RelayStatus {
	var list []service.RelayStatus
	for _, h := range r.client.Health() {
		s := service.RelayStatus{URL: h.URL, Organisation: h.Organisation, State: string(h.State), Failures: int64(h.VerifyFailures)}
		if !h.LastAnswer.IsZero() {
			s.LastAnswer = h.LastAnswer.Unix()
		}
		for _, lag := range h.Lags {
			s.LagRounds = max(s.LagRounds, int64(lag.Rounds))
		}
		list = append(list, s)
	}
	return list
}

// relays are the configured ones, else drand's public ones; a devchain's own comes first.
func relays(c *config.Config, dev string) []relay.Relay {
	var list []relay.Relay
	if dev != "" {
		list = append(list, relay.Relay{URL: dev, Organisation: "this machine", Serves: beacon.StatusDev})
	}
	for _, r := range c.Relay {
		url, org, _ := strings.Cut(r, "=")
		list = append(list, relay.Relay{URL: url, Organisation: org})
	}
	if len(c.Relay) == 0 && !c.Devchain {
		list = append(list, relay.DefaultRelays()...)
	}
	return list
}

// observer logs each change of a round's or relay's state once.
func observer(log *slog.Logger) func(relay.Event) {
	return func(e relay.Event) {
		about := []any{"chain", e.Chain.String()[:8], "relay", e.Relay}
		if e.Round > 0 {
			log.Debug("round", append(about, "round", e.Round, "state", e.State)...)
			return
		}
		log.Info("relay", append(about, "state", e.RelayState, "foreign", e.Foreign, "error", e.Err)...)
	}
}
