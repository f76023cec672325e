package storetest

import (
	"bytes"
	"slices"
	"strconv"
	"testing"

	"kleroterion/randomness/register"
	"kleroterion/service"
)

// samplePeople are n residents of a register in the order of their ids. Their rows count in another
// order.
func samplePeople(t testing.TB, registerID string, n int) []service.Resident {
	t.Helper()
	people := make([]service.Resident, n)
	for i := range people {
		name := registerID + "/" + strconv.Itoa(i)
		e := register.Entry{ID: sum(name), Features: map[string]string{"id": "a \"quoted\" value", "age": strconv.Itoa(i % 9)}}
		line, err := e.Line()
		if err != nil {
			t.Fatal(err)
		}
		salt := sum("salt of " + name)
		people[i] = service.Resident{
			RegisterID: registerID, Row: int64(i) + 2, ID: e.ID, Record: []byte(`{"person":"` + name + `"}`),
			Salt: salt[:], Line: line,
		}
	}
	slices.SortFunc(people, func(a, b service.Resident) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return people
}

// samplePages are the pages of these people, of size lines each.
func samplePages(people []service.Resident, size int) []service.Page {
	var pages []service.Page
	for some := range slices.Chunk(people, size) {
		p := service.Page{N: int64(len(pages))}
		var lines [][]byte
		for _, r := range some {
			p.Data = append(append(p.Data, r.Line...), '\n')
			lines = append(lines, r.Line)
		}
		p.Hash = register.PageHash(lines)
		pages = append(pages, p)
	}
	return pages
}

func (s suite) pages(t *testing.T) {
	s.run(t, []check{
		{"pages are read back in order, from any on", func(t *testing.T, s service.Store) {
			want := samplePages(samplePeople(t, "r1", 40), 8)
			other := samplePages(samplePeople(t, "r2", 8), 8)
			write(t, s, func(tx service.Tx) error { return tx.AddPages("r1", want[3:]) })
			write(t, s, func(tx service.Tx) error { return tx.AddPages("r1", want[:3]) })
			write(t, s, func(tx service.Tx) error { return tx.AddPages("r2", other) })
			write(t, s, func(tx service.Tx) error { return tx.AddPages("r1", nil) })
			same(t, "all", pagesOf(t, s, "r1", 0, 100), want)
			same(t, "two", pagesOf(t, s, "r1", 2, 2), want[2:4])
			same(t, "none", pagesOf(t, s, "r1", 5, 2), []service.Page{})
			hashes := get(t, s, func(tx service.Tx) ([][32]byte, error) { return tx.PageHashes("r1") })
			for i, h := range hashes {
				same(t, "hash", h, want[i].Hash)
			}
			same(t, "hashes", len(hashes), len(want))
			none := get(t, s, func(tx service.Tx) ([][32]byte, error) { return tx.PageHashes("r3") })
			same(t, "hashes of nothing", none, [][32]byte{})
		}},
		{"an id finds the page whose lines it falls among", pageOfID},
		{"a page number or first id that is there already is refused with the whole call", func(t *testing.T, s service.Store) {
			pages := samplePages(samplePeople(t, "r1", 40), 8)
			write(t, s, func(tx service.Tx) error { return tx.AddPages("r1", pages[:2]) })
			spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddPages("r1", pages[1:]) })
			again := pages[1]
			again.N = 9
			spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddPages("r1", []service.Page{again}) })
			same(t, "pages", pagesOf(t, s, "r1", 0, 100), pages[:2])
		}},
		{"a page that does not begin with a line is refused", func(t *testing.T, s service.Store) {
			for _, data := range []string{"", "\n", "{}\n", "no line end"} {
				err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddPages("r1", []service.Page{{Data: []byte(data)}}) })
				if err == nil {
					t.Errorf("page %q was stored", data)
				}
			}
		}},
		{"dropped pages are gone, those of other registers stay", func(t *testing.T, s service.Store) {
			pages, other := samplePages(samplePeople(t, "r1", 40), 8), samplePages(samplePeople(t, "r2", 8), 8)
			write(t, s, func(tx service.Tx) error { return tx.AddPages("r1", pages) })
			write(t, s, func(tx service.Tx) error { return tx.AddPages("r2", other) })
			write(t, s, func(tx service.Tx) error { return tx.DropPages("r1") })
			write(t, s, func(tx service.Tx) error { return tx.DropPages("r1") })
			same(t, "dropped", pagesOf(t, s, "r1", 0, 100), []service.Page{})
			same(t, "other", pagesOf(t, s, "r2", 0, 100), other)
		}},
	})
}

func pageOfID(t *testing.T, s service.Store) {
	people := samplePeople(t, "r1", 40)
	pages := samplePages(people, 8)
	write(t, s, func(tx service.Tx) error { return tx.AddPages("r1", pages) })
	find := func(id [32]byte) service.Page {
		return get(t, s, func(tx service.Tx) (service.Page, error) { return tx.PageOf("r1", id) })
	}
	for i, p := range people {
		same(t, "page of person "+strconv.Itoa(i), find(p.ID).N, int64(i/8))
	}
	same(t, "page", find(people[9].ID), pages[1])
	last := [32]byte(bytes.Repeat([]byte{0xff}, 32))
	same(t, "page of an id behind the last", find(last).N, int64(4))
	missing(t, s, func(tx service.Tx) (service.Page, error) { return tx.PageOf("r1", [32]byte{}) })
	missing(t, s, func(tx service.Tx) (service.Page, error) { return tx.PageOf("r2", last) })
}

func pagesOf(t testing.TB, s service.Store, registerID string, from int64, limit int) []service.Page {
	t.Helper()
	return get(t, s, func(tx service.Tx) ([]service.Page, error) { return tx.Pages(registerID, from, limit) })
}
