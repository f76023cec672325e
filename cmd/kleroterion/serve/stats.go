package serve

import (
	"context"

	"kleroterion/api"
)

// stats are the figures that /metrics shows beside those of HTTP.
func (i *Instance) stats(ctx context.Context) (api.Stats, error) {
	counts, head, err := i.Service.Counts(ctx)
	if err != nil {
		return api.Stats{}, err
	}
	s := api.Stats{JobsDue: counts.JobsDue, LogSize: head.Size, SignedSize: head.SignedSize,
		BeaconLag: map[string]int64{}, Draws: map[string]int64{}}
	if counts.OldestDue > 0 {
		s.OldestDue = max(i.world.Now().Unix()-counts.OldestDue, 0)
	}
	for state, n := range counts.Draws {
		s.Draws[string(state)] = n
	}
	for _, r := range i.Service.Relays() {
		s.BeaconLag[r.URL] = r.LagRounds
	}
	return s, nil
}
