package storetest

import (
	"errors"
	"testing"

	"kleroterion/service"
)

func sampleBeacon(chain string, round uint64) service.StoredBeacon {
	return service.StoredBeacon{
		Chain: sum(chain), Round: round, Signature: []byte{1, 2, byte(round)}, Previous: []byte{3, byte(round)},
		Source: "https://relay.example", FetchedAt: 7,
	}
}

func (s suite) beacons(t *testing.T) {
	s.run(t, []check{
		{"a round is read back as it was added", func(t *testing.T, s service.Store) {
			chained, free := sampleBeacon("a", 1<<53-1), sampleBeacon("b", 1)
			free.Previous = nil
			addBeacons(t, s, chained, free)
			same(t, "chained", oneBeacon(t, s, "a", 1<<53-1), chained)
			same(t, "unchained", oneBeacon(t, s, "b", 1), free)
		}},
		{"an absent round is not found", func(t *testing.T, s service.Store) {
			addBeacons(t, s, sampleBeacon("a", 3))
			missing(t, s, func(tx service.Tx) (service.StoredBeacon, error) { return tx.Beacon(sum("a"), 2) })
			missing(t, s, func(tx service.Tx) (service.StoredBeacon, error) { return tx.Beacon(sum("b"), 3) })
			missing(t, s, func(tx service.Tx) (service.StoredBeacon, error) { return tx.LatestBeacon(sum("b")) })
		}},
		{"the same round again changes nothing", func(t *testing.T, s service.Store) {
			first := sampleBeacon("a", 3)
			addBeacons(t, s, first)
			again := first
			again.Source, again.FetchedAt = "pasted", 9
			addBeacons(t, s, again)
			same(t, "beacon", oneBeacon(t, s, "a", 3), first)
		}},
		{"another signature for a kept round is an error and no ordinary outcome", func(t *testing.T, s service.Store) {
			first := sampleBeacon("a", 3)
			addBeacons(t, s, first)
			other, previous := first, first
			other.Signature, previous.Previous = []byte{9}, []byte{9}
			for _, b := range []service.StoredBeacon{other, previous} {
				err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddBeacon(b) })
				if err == nil || errors.Is(err, service.ErrExists) {
					t.Errorf("got error %v, want one that cannot pass for a repetition", err)
				}
			}
			same(t, "beacon", oneBeacon(t, s, "a", 3), first)
		}},
		{"rounds are listed newest first", func(t *testing.T, s service.Store) {
			addBeacons(t, s, sampleBeacon("a", 9), sampleBeacon("a", 10), sampleBeacon("a", 100), sampleBeacon("b", 50))
			list := func(before uint64, limit int) []uint64 {
				rounds := []uint64{}
				for _, b := range get(t, s, func(tx service.Tx) ([]service.StoredBeacon, error) { return tx.Beacons(sum("a"), before, limit) }) {
					rounds = append(rounds, b.Round)
				}
				return rounds
			}
			same(t, "all", list(0, 9), []uint64{100, 10, 9})
			same(t, "page", list(100, 1), []uint64{10})
			same(t, "end", list(9, 1), []uint64{})
			latest := get(t, s, func(tx service.Tx) (service.StoredBeacon, error) { return tx.LatestBeacon(sum("a")) })
			same(t, "latest", latest, sampleBeacon("a", 100))
		}},
	})
}

func addBeacons(t testing.TB, s service.Store, beacons ...service.StoredBeacon) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, b := range beacons {
			if err := tx.AddBeacon(b); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneBeacon(t testing.TB, s service.Store, chain string, round uint64) service.StoredBeacon {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.StoredBeacon, error) { return tx.Beacon(sum(chain), round) })
}
