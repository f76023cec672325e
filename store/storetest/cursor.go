package storetest

import (
	"testing"

	"kleroterion/service"
)

func (s suite) cursors(t *testing.T) {
	cursor := func(t *testing.T, s service.Store, name string) int64 {
		return get(t, s, func(tx service.Tx) (int64, error) { return tx.Cursor(name) })
	}
	s.run(t, []check{
		{"a new cursor stands at the start", func(t *testing.T, s service.Store) {
			same(t, "cursor", cursor(t, s, "decidim"), int64(0))
		}},
		{"a cursor stands where it was set last", func(t *testing.T, s service.Store) {
			for _, seq := range []int64{7, 9, 8, 1<<53 - 1} {
				write(t, s, func(tx service.Tx) error { return tx.SetCursor("decidim", seq) })
				same(t, "cursor", cursor(t, s, "decidim"), seq)
			}
			same(t, "other cursor", cursor(t, s, "Decidim"), int64(0))
		}},
	})
}
