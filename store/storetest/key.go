package storetest

import (
	"testing"

	"kleroterion/service"
)

func sampleKey(id, city string, createdAt int64) service.Key {
	return service.Key{
		ID: id, City: city, Role: service.RoleRegistrar, Label: "Wahlamt", SecretHash: sum(id),
		CreatedAt: createdAt, ExpiresAt: 9, RevokedAt: 0,
	}
}

func (s suite) keys(t *testing.T) {
	s.run(t, []check{
		{"a key is read back as it was added", func(t *testing.T, s service.Store) {
			want := sampleKey("k1", "bonn", 5)
			write(t, s, func(tx service.Tx) error { return tx.AddKey(want) })
			same(t, "key", get(t, s, func(tx service.Tx) (service.Key, error) { return tx.Key("k1") }), want)
		}},
		{"a taken id is refused", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error { return tx.AddKey(sampleKey("k1", "bonn", 5)) })
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddKey(sampleKey("k1", "kiel", 6)) })
		}},
		{"an absent key is not found", func(t *testing.T, s service.Store) {
			missing(t, s, func(tx service.Tx) (service.Key, error) { return tx.Key("k1") })
			refused(t, s, service.ErrNotFound, func(tx service.Tx) error { return tx.RevokeKey("k1", 7) })
		}},
		{"keys are listed for one city by creation, then id", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error {
				for _, k := range []service.Key{
					sampleKey("c", "bonn", 1), sampleKey("b", "bonn", 2), sampleKey("a", "bonn", 2),
					sampleKey("x", "kiel", 1), sampleKey("o", "", 1),
				} {
					if err := tx.AddKey(k); err != nil {
						return err
					}
				}
				return nil
			})
			same(t, "bonn", keyIDs(t, s, "bonn"), []string{"c", "a", "b"})
			same(t, "operators", keyIDs(t, s, ""), []string{"o"})
			same(t, "nobody", keyIDs(t, s, "ulm"), []string{})
		}},
		{"a revoked key keeps the time of its first revocation", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error { return tx.AddKey(sampleKey("k1", "bonn", 5)) })
			write(t, s, func(tx service.Tx) error { return tx.RevokeKey("k1", 7) })
			write(t, s, func(tx service.Tx) error { return tx.RevokeKey("k1", 8) })
			want := sampleKey("k1", "bonn", 5)
			want.RevokedAt = 7
			same(t, "key", get(t, s, func(tx service.Tx) (service.Key, error) { return tx.Key("k1") }), want)
		}},
	})
}

func keyIDs(t testing.TB, s service.Store, city string) []string {
	t.Helper()
	list := get(t, s, func(tx service.Tx) ([]service.Key, error) { return tx.Keys(city) })
	out := []string{}
	for _, k := range list {
		out = append(out, k.ID)
	}
	return out
}
