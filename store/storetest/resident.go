package storetest

import (
	"slices"
	"testing"

	"kleroterion/service"
)

func (s suite) residents(t *testing.T) {
	s.run(t, []check{
		{"residents are read back as they were added, in batches of any size", func(t *testing.T, s service.Store) {
			for i, n := range []int{0, 1, 2, 999, 1000, 1001} {
				id := "r" + string(rune('0'+i))
				people := samplePeople(t, id, n)
				addPeople(t, s, people)
				for _, p := range people {
					got := get(t, s, func(tx service.Tx) (service.Resident, error) { return tx.Resident(id, p.ID) })
					same(t, "resident", got, p)
				}
			}
		}},
		{"lines come by id, page by page, of one register alone", linesByID},
		{"an id or row twice in a register is refused with the whole call", residentTwice},
		{"an absent resident is not found", func(t *testing.T, s service.Store) {
			missing(t, s, func(tx service.Tx) (service.Resident, error) { return tx.Resident("r1", sum("x")) })
			refused(t, s, service.ErrNotFound, func(tx service.Tx) error { return tx.EraseResident("r1", sum("x")) })
		}},
		{"erasing takes record and salt and leaves the line", func(t *testing.T, s service.Store) {
			people := samplePeople(t, "r1", 3)
			addPeople(t, s, people)
			write(t, s, func(tx service.Tx) error { return tx.EraseResident("r1", people[1].ID) })
			refused(t, s, service.ErrNotFound, func(tx service.Tx) error { return tx.EraseResident("r1", people[1].ID) })
			people[1].Record, people[1].Salt = nil, nil
			for _, p := range people {
				got := get(t, s, func(tx service.Tx) (service.Resident, error) { return tx.Resident("r1", p.ID) })
				same(t, "resident", got, p)
			}
		}},
		{"rows are dropped in batches until none is left", dropInBatches},
	})
}

func linesByID(t *testing.T, s service.Store) {
	people, other := samplePeople(t, "r1", 1203), samplePeople(t, "r2", 10)
	shuffled := slices.Clone(people)
	slices.SortFunc(shuffled, func(a, b service.Resident) int { return int(a.Row - b.Row) })
	addPeople(t, s, shuffled)
	addPeople(t, s, other)
	var got []service.Resident
	var after []byte
	for {
		page := get(t, s, func(tx service.Tx) ([]service.Resident, error) { return tx.Lines("r1", after, 100) })
		if len(page) == 0 {
			break
		}
		got = append(got, page...)
		after = page[len(page)-1].ID[:]
	}
	want := make([]service.Resident, len(people))
	for i, p := range people {
		want[i] = service.Resident{RegisterID: "r1", ID: p.ID, Line: p.Line}
	}
	for i := range got { // whether the row is told is left open
		got[i].Row = 0
	}
	same(t, "lines", got, want)
}

func residentTwice(t *testing.T, s service.Store) {
	people := samplePeople(t, "r1", 2003)
	addPeople(t, s, people[:1])
	sameID := slices.Clone(people[1:])
	sameID[len(sameID)-1].ID = people[0].ID
	spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddResidents(sameID) })
	within := slices.Clone(people[1:])
	within[1900].ID = within[3].ID
	spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddResidents(within) })
	sameRow := slices.Clone(people[1:])
	sameRow[1900].Row = people[0].Row
	spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddResidents(sameRow) })
	lines := get(t, s, func(tx service.Tx) ([]service.Resident, error) { return tx.Lines("r1", nil, 5000) })
	same(t, "number of residents", len(lines), 1)

	elsewhere := people[0]
	elsewhere.RegisterID = "r2"
	addPeople(t, s, []service.Resident{elsewhere})
}

func dropInBatches(t *testing.T, s service.Store) {
	people := samplePeople(t, "r1", 25)
	addPeople(t, s, people)
	addPeople(t, s, samplePeople(t, "r2", 3))
	left := func(registerID string) int {
		return len(get(t, s, func(tx service.Tx) ([]service.Resident, error) { return tx.Lines(registerID, nil, 100) }))
	}
	for _, want := range []int64{10, 10, 5, 0, 0} {
		before := left("r1")
		var got int64
		write(t, s, func(tx service.Tx) (err error) {
			got, err = tx.DropResidents("r1", 10)
			return err
		})
		same(t, "dropped", got, want)
		same(t, "left", left("r1"), before-int(want))
	}
	same(t, "of the other register", left("r2"), 3)
}

func addPeople(t testing.TB, s service.Store, people []service.Resident) {
	t.Helper()
	write(t, s, func(tx service.Tx) error { return tx.AddResidents(people) })
}
