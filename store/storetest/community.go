package storetest

import (
	"errors"
	"testing"

	"kleroterion/service"
)

func sampleCharter(community string, seq int64) service.Charter {
	return service.Charter{
		Community: community, Seq: seq, Hash: sum("charter"), Charter: []byte(`{"v":1}`), At: 11, Effective: 12, Poll: "p1",
	}
}

func (s suite) communities(t *testing.T) {
	s.run(t, []check{
		{"a community is read back as it was added", func(t *testing.T, s service.Store) {
			want := service.Community{Slug: "käse", Name: "Käse ☃", CreatedAt: 1 << 40}
			write(t, s, func(tx service.Tx) error { return tx.AddCommunity(want) })
			same(t, "community", get(t, s, func(tx service.Tx) (service.Community, error) { return tx.Community("käse") }), want)
			missing(t, s, func(tx service.Tx) (service.Community, error) { return tx.Community("k") })
		}},
		{"a taken slug is refused and changes nothing", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			refused(t, s, service.ErrExists, func(tx service.Tx) error {
				return tx.AddCommunity(service.Community{Slug: "coop", Name: "other"})
			})
			got := get(t, s, func(tx service.Tx) (service.Community, error) { return tx.Community("coop") })
			same(t, "community", got, service.Community{Slug: "coop", Name: "coop", CreatedAt: 1})
		}},
		{"communities are listed by slug", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "b", "B", "a")
			list := func(after string, limit int) []string {
				slugs := []string{}
				for _, c := range get(t, s, func(tx service.Tx) ([]service.Community, error) { return tx.Communities(after, limit) }) {
					slugs = append(slugs, c.Slug)
				}
				return slugs
			}
			same(t, "all", list("", 9), []string{"B", "a", "b"})
			same(t, "page", list("B", 1), []string{"a"})
			same(t, "end", list("b", 9), []string{})
		}},
		{"charters are read back by sequence", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop", "club")
			second, first := sampleCharter("coop", 2), service.Charter{Community: "coop", Seq: 1}
			addCharters(t, s, second, first, sampleCharter("club", 1))
			list := func(community string) []service.Charter {
				return get(t, s, func(tx service.Tx) ([]service.Charter, error) { return tx.Charters(community) })
			}
			same(t, "charters", list("coop"), []service.Charter{first, second})
			same(t, "none", list("co"), []service.Charter{})
		}},
		{"a taken place in the sequence is refused", func(t *testing.T, s service.Store) {
			addCommunity(t, s, "coop")
			addCharters(t, s, sampleCharter("coop", 1))
			refused(t, s, service.ErrExists, func(tx service.Tx) error {
				return tx.AddCharter(service.Charter{Community: "coop", Seq: 1})
			})
		}},
		{"a charter of no community is refused", func(t *testing.T, s service.Store) {
			err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddCharter(sampleCharter("coop", 1)) })
			if err == nil || errors.Is(err, service.ErrExists) {
				t.Errorf("got error %v, want that of a foreign key", err)
			}
		}},
	})
}

func addCommunity(t testing.TB, s service.Store, slugs ...string) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, slug := range slugs {
			if err := tx.AddCommunity(service.Community{Slug: slug, Name: slug, CreatedAt: 1}); err != nil {
				return err
			}
		}
		return nil
	})
}

func addCharters(t testing.TB, s service.Store, charters ...service.Charter) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, c := range charters {
			if err := tx.AddCharter(c); err != nil {
				return err
			}
		}
		return nil
	})
}
