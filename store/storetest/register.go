package storetest

import (
	"errors"
	"testing"

	"kleroterion/service"
)

// sampleRegister has a different value in each field, so that a column that is mixed up shows.
func sampleRegister(id, city, name string) service.Register {
	return service.Register{
		ID: id, City: city, Name: name, State: service.RegisterImported, Mapping: []byte(`{"person":"Nr"}`),
		Key: sum("key" + id), Rows: 11, Report: []byte(`{"cells":[]}`), K: 5, SmallCells: "published",
		Root: sum("root" + id), File: sum("file" + id), Bytes: 12, Features: []string{"age", "district"},
		Households: true, Sealed: true, Erased: 13, CreatedAt: 14, FrozenAt: 15, Version: 16,
	}
}

func (s suite) registers(t *testing.T) {
	s.run(t, []check{
		{"a register is read back as it was added", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			full := sampleRegister("r1", "bonn", "jury")
			bare := service.Register{ID: "r2", City: "bonn", Name: "empty", State: service.RegisterDraft}
			addRegisters(t, s, full, bare)
			same(t, "full", oneRegister(t, s, "r1"), full)
			same(t, "bare", oneRegister(t, s, "r2"), bare)
		}},
		{"a taken id or name in the city is refused", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn", "kiel")
			addRegisters(t, s, sampleRegister("r1", "bonn", "jury"), sampleRegister("r2", "kiel", "jury"))
			for _, r := range []service.Register{sampleRegister("r1", "bonn", "other"), sampleRegister("r3", "bonn", "jury")} {
				refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddRegister(r) })
			}
		}},
		{"a register of no city is refused", func(t *testing.T, s service.Store) {
			err := s.Write(t.Context(), func(tx service.Tx) error { return tx.AddRegister(sampleRegister("r1", "ulm", "jury")) })
			if err == nil || errors.Is(err, service.ErrExists) {
				t.Errorf("got error %v, want that of a foreign key", err)
			}
		}},
		{"an absent register is not found", func(t *testing.T, s service.Store) {
			missing(t, s, func(tx service.Tx) (service.Register, error) { return tx.Register("r1") })
			missing(t, s, func(tx service.Tx) (service.Register, error) { return tx.RegisterByRoot(sum("rootr1")) })
		}},
		{"an update writes every field and raises the version", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			addRegisters(t, s, service.Register{ID: "r1", City: "bonn", Name: "jury", State: service.RegisterDraft, Version: 16})
			want := sampleRegister("r1", "bonn", "jury")
			write(t, s, func(tx service.Tx) error { return tx.UpdateRegister(want) })
			want.Version++
			same(t, "filled", oneRegister(t, s, "r1"), want)
			bare := service.Register{ID: "r1", City: "bonn", Name: "jury", State: service.RegisterDraft, Version: 17}
			write(t, s, func(tx service.Tx) error { return tx.UpdateRegister(bare) })
			bare.Version++
			same(t, "emptied", oneRegister(t, s, "r1"), bare)
		}},
		{"an update of another version or of nothing is stale", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			want := sampleRegister("r1", "bonn", "jury")
			addRegisters(t, s, want)
			for _, r := range []service.Register{{ID: "r1", Version: 15}, {ID: "r1", Version: 17}, {ID: "r2", Version: 16}} {
				r.City, r.Name, r.State = "bonn", "jury", service.RegisterDraft
				refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UpdateRegister(r) })
			}
			same(t, "register", oneRegister(t, s, "r1"), want)
		}},
		{"an update to a name that is taken in the city is refused", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			want := sampleRegister("r1", "bonn", "jury")
			addRegisters(t, s, want, sampleRegister("r2", "bonn", "council"))
			renamed := want
			renamed.Name = "council"
			spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.UpdateRegister(renamed) })
			same(t, "register", oneRegister(t, s, "r1"), want)
		}},
		{"a root finds the newest frozen register", frozenByRoot},
		{"registers are listed for one city by id", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn", "kiel")
			addRegisters(t, s, sampleRegister("r3", "bonn", "c"), sampleRegister("r1", "bonn", "a"),
				sampleRegister("r2", "kiel", "b"), sampleRegister("R4", "bonn", "d"))
			same(t, "all", registerIDs(t, s, "bonn", "", 9), []string{"R4", "r1", "r3"})
			same(t, "page", registerIDs(t, s, "bonn", "R4", 1), []string{"r1"})
			same(t, "end", registerIDs(t, s, "bonn", "r3", 1), []string{})
		}},
	})
}

func frozenByRoot(t *testing.T, s service.Store) {
	addCity(t, s, "bonn")
	root := sum("the same list")
	frozen := func(id string, state service.RegisterState, at int64) service.Register {
		r := sampleRegister(id, "bonn", "name-"+id)
		r.Root, r.State, r.FrozenAt = root, state, at
		return r
	}
	old, newest := frozen("r2", service.RegisterFrozen, 20), frozen("r1", service.RegisterFrozen, 30)
	addRegisters(t, s, old, newest, frozen("r3", service.RegisterFreezing, 40))
	got := get(t, s, func(tx service.Tx) (service.Register, error) { return tx.RegisterByRoot(root) })
	same(t, "register", got, newest)
}

func addRegisters(t testing.TB, s service.Store, registers ...service.Register) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, r := range registers {
			if err := tx.AddRegister(r); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneRegister(t testing.TB, s service.Store, id string) service.Register {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Register, error) { return tx.Register(id) })
}

func registerIDs(t testing.TB, s service.Store, city, after string, limit int) []string {
	t.Helper()
	list := get(t, s, func(tx service.Tx) ([]service.Register, error) { return tx.Registers(city, after, limit) })
	out := []string{}
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}
