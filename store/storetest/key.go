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
		{"stewards' keys are listed for their community, and for no city", stewardKeys},
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

func stewardKeys(t *testing.T, s service.Store) {
	steward := func(id, community string, createdAt int64) service.Key {
		k := sampleKey(id, "", createdAt)
		k.Community = community
		return k
	}
	want := steward("s1", "coop", 2)
	write(t, s, func(tx service.Tx) error {
		for _, k := range []service.Key{want, steward("s0", "coop", 2), steward("s2", "coop", 1), steward("s3", "club", 1), sampleKey("o", "", 1), sampleKey("c", "coop", 1)} {
			if err := tx.AddKey(k); err != nil {
				return err
			}
		}
		return nil
	})
	same(t, "key", get(t, s, func(tx service.Tx) (service.Key, error) { return tx.Key("s1") }), want)
	list := func(community string) []string {
		return idsOf(get(t, s, func(tx service.Tx) ([]service.Key, error) { return tx.StewardKeys(community) }))
	}
	same(t, "coop", list("coop"), []string{"s2", "s0", "s1"})
	same(t, "club", list("club"), []string{"s3"})
	same(t, "of no community", list(""), []string{})
	same(t, "operators", keyIDs(t, s, ""), []string{"o"})
	same(t, "city of the same name", keyIDs(t, s, "coop"), []string{"c"})
}

func keyIDs(t testing.TB, s service.Store, city string) []string {
	t.Helper()
	return idsOf(get(t, s, func(tx service.Tx) ([]service.Key, error) { return tx.Keys(city) }))
}

func idsOf(list []service.Key) []string {
	out := []string{}
	for _, k := range list {
		out = append(out, k.ID)
	}
	return out
}
