package storetest

import (
	"testing"

	"kleroterion/service"
)

func (s suite) cities(t *testing.T) {
	s.run(t, []check{
		{"a city is read back as it was added", func(t *testing.T, s service.Store) {
			want := service.City{Slug: "köln", Name: "Köln \x01 ☃", CreatedAt: 1 << 40, Approvals: 2}
			write(t, s, func(tx service.Tx) error { return tx.AddCity(want) })
			same(t, "city", get(t, s, func(tx service.Tx) (service.City, error) { return tx.City("köln") }), want)
		}},
		{"a time of zero stays zero", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error { return tx.AddCity(service.City{Slug: "bonn"}) })
			got := get(t, s, func(tx service.Tx) (service.City, error) { return tx.City("bonn") })
			same(t, "city", got, service.City{Slug: "bonn", Approvals: 1})
		}},
		{"a taken slug is refused and changes nothing", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddCity(service.City{Slug: "bonn", Name: "other"}) })
			got := get(t, s, func(tx service.Tx) (service.City, error) { return tx.City("bonn") })
			same(t, "city", got, service.City{Slug: "bonn", Name: "bonn", CreatedAt: 1, Approvals: 1})
		}},
		{"an absent city is not found", func(t *testing.T, s service.Store) {
			missing(t, s, func(tx service.Tx) (service.City, error) { return tx.City("bonn") })
		}},
		{"a city's number of approvals is set, and is one where none is given", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn", "kiel")
			for _, n := range []int64{2, 0, 2, 1} {
				write(t, s, func(tx service.Tx) error { return tx.SetApprovals("bonn", n) })
				got := get(t, s, func(tx service.Tx) (service.City, error) { return tx.City("bonn") })
				same(t, "city", got, service.City{Slug: "bonn", Name: "bonn", CreatedAt: 1, Approvals: max(n, 1)})
			}
			write(t, s, func(tx service.Tx) error { return tx.SetApprovals("bonn", 2) })
			got := get(t, s, func(tx service.Tx) ([]service.City, error) { return tx.Cities("", 9) })
			same(t, "approvals", [2]int64{got[0].Approvals, got[1].Approvals}, [2]int64{2, 1})
			refused(t, s, service.ErrNotFound, func(tx service.Tx) error { return tx.SetApprovals("ulm", 2) })
			for _, n := range []int64{-1, 3} {
				if err := s.Write(t.Context(), func(tx service.Tx) error { return tx.SetApprovals("bonn", n) }); err == nil {
					t.Errorf("got no error for %d approvals", n)
				}
			}
		}},
		{"cities are listed by the bytes of their slugs", func(t *testing.T, s service.Store) {
			addCity(t, s, "b", "a-b", "aa", "B", "a.b", "a_b", "ab", "ä")
			want := []string{"B", "a-b", "a.b", "a_b", "aa", "ab", "b", "ä"}
			same(t, "all", slugs(t, s, "", 100), want)
			same(t, "first page", slugs(t, s, "", 3), want[:3])
			same(t, "second page", slugs(t, s, want[2], 3), want[3:6])
			same(t, "after the last", slugs(t, s, "ä", 3), []string{})
		}},
		{"an empty list is not nil", func(t *testing.T, s service.Store) {
			got := get(t, s, func(tx service.Tx) ([]service.City, error) { return tx.Cities("", 1) })
			same(t, "cities", got, []service.City{})
		}},
		{"a limit below one is an error", func(t *testing.T, s service.Store) {
			err := s.Read(t.Context(), func(tx service.Tx) error {
				_, err := tx.Cities("", 0)
				return err
			})
			if err == nil {
				t.Error("got no error for limit 0")
			}
		}},
	})
}

func slugs(t testing.TB, s service.Store, after string, limit int) []string {
	t.Helper()
	list := get(t, s, func(tx service.Tx) ([]service.City, error) { return tx.Cities(after, limit) })
	out := []string{}
	for _, c := range list {
		out = append(out, c.Slug)
	}
	return out
}
