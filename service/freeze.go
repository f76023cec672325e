package service

import (
	"context"
	"crypto/sha256"
	"hash"
	"maps"
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/service/audit"
)

// Freeze is a request to commit to a register as it is.
type Freeze struct {
	PublishSmallCells bool // go ahead although some cells have fewer than K people; logged
}

// FreezeRegister queues the work that sorts the entries, computes the root and logs the commitment.
func (s *Service) FreezeRegister(ctx context.Context, a Actor, registerID string, in Freeze) (Job, error) {
	id, err := s.newID()
	if err != nil {
		return Job{}, err
	}
	return once(ctx, s, a, func(tx Tx) (Job, error) {
		reg, err := ownRegister(tx, a, registerID)
		if err != nil {
			return Job{}, err
		}
		if reg.State != RegisterImported {
			return Job{}, Refuse(KindConflict, "register_state", "the register is %s: import its rows first", reg.State)
		}
		reg.State, reg.SmallCells = RegisterFreezing, audit.SmallCellsNone
		if in.PublishSmallCells {
			reg.SmallCells = audit.SmallCellsPublished
		}
		if err := tx.UpdateRegister(reg); err != nil {
			return Job{}, err
		}
		job := Job{ID: id, Kind: JobFreezeRegister, City: reg.City, Target: reg.ID, DedupeKey: id, State: JobPending,
			Step: "waiting", Total: reg.Rows, RunAt: s.now(), CreatedAt: s.now()}
		return job, tx.AddJob(job)
	})
}

// freezing gathers what is committed to while the sorted lines go by.
type freezing struct {
	tree       register.Tree
	file       hash.Hash
	bytes      int64
	cells      map[string]*register.Cell
	features   map[string]bool
	households bool
	sealed     bool
	lines      [][]byte // of the page being filled
	full       []Page
	pages      int64
}

// freezeRegister writes the public pages, a batch a transaction, and then, in one transaction, marks
// the register frozen and logs its root. If the process dies before that last one, the register is
// still freezing and the next worker begins with fresh pages; after it, everything is there.
func (s *Service) freezeRegister(ctx context.Context, job *lease) error {
	var reg Register
	err := s.Store.Write(ctx, func(tx Tx) (err error) {
		if reg, err = tx.Register(job.Target); err != nil {
			return err
		}
		if err := tx.DropPages(reg.ID); err != nil {
			return err
		}
		return job.progress(tx, "sorting", 0, reg.Rows)
	})
	if err != nil {
		return err
	}
	f := &freezing{file: sha256.New(), cells: map[string]*register.Cell{}, features: map[string]bool{}}
	if err := s.sortedPages(ctx, job, reg, f); err != nil {
		return err
	}
	return s.commitRegister(ctx, job, reg, f)
}

func (s *Service) sortedPages(ctx context.Context, job *lease, reg Register, f *freezing) error {
	const batch = 32 * register.PageSize
	var after []byte
	for {
		var rows []Resident
		err := s.Store.Read(ctx, func(tx Tx) (err error) { rows, err = tx.Lines(reg.ID, after, batch); return err })
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := f.add(row.Line); err != nil {
				return err
			}
			after = row.ID[:]
		}
		last := len(rows) < batch
		if last {
			f.turn()
		}
		err = s.Store.Write(ctx, func(tx Tx) error {
			if err := tx.AddPages(reg.ID, f.full); err != nil {
				return err
			}
			return job.progress(tx, "sorting", f.tree.Size(), reg.Rows)
		})
		if err != nil || last {
			return err
		}
		f.full = nil
	}
}

func (f *freezing) add(line []byte) error {
	e, err := register.ParseLine(line)
	if err != nil {
		return err
	}
	f.count(e)
	f.tree.Append(line)
	f.file.Write(line)
	f.file.Write([]byte("\n"))
	f.bytes += int64(len(line)) + 1
	if f.lines = append(f.lines, line); len(f.lines) == register.PageSize {
		f.turn()
	}
	return nil
}

func (f *freezing) count(e register.Entry) {
	f.households = f.households || e.Household != ""
	f.sealed = f.sealed || e.Sealed != ""
	key := cellKey(e.Features)
	if c, ok := f.cells[key]; ok {
		c.Count++
		return
	}
	f.cells[key] = &register.Cell{Features: e.Features, Count: 1}
	for name := range e.Features {
		f.features[name] = true
	}
}

// cellKey joins names and values; neither can hold the control characters between them.
func cellKey(features map[string]string) string {
	var key []byte
	for _, name := range slices.Sorted(maps.Keys(features)) {
		key = append(append(append(append(key, name...), 0), features[name]...), 1)
	}
	return string(key)
}

// turn closes the page being filled.
func (f *freezing) turn() {
	if len(f.lines) == 0 {
		return
	}
	var data []byte
	for _, line := range f.lines {
		data = append(append(data, line...), '\n')
	}
	f.full = append(f.full, Page{N: f.pages, Hash: register.PageHash(f.lines), Data: data})
	f.pages++
	f.lines = nil
}

func (f *freezing) small(k int64) (small int64) {
	for _, c := range f.cells {
		if int64(c.Count) < k {
			small++
		}
	}
	return small
}

func (s *Service) commitRegister(ctx context.Context, job *lease, reg Register, f *freezing) error {
	small := f.small(reg.K)
	if small > 0 && reg.SmallCells != audit.SmallCellsPublished {
		return s.backToImported(ctx, job, Refuse(KindInvalid, "small_cells",
			"%d combinations of features have fewer than %d people each: merge values, seal a feature, or publish them knowingly", small, reg.K))
	}
	if small == 0 {
		reg.SmallCells = audit.SmallCellsNone
	}
	reg.State, reg.FrozenAt = RegisterFrozen, s.now()
	reg.Root, reg.File, reg.Bytes = f.tree.Root(), beacon.Hash(f.file.Sum(nil)), f.bytes
	reg.Features = slices.AppendSeq([]string{}, maps.Keys(f.features)) // never nil: records have no null
	slices.Sort(reg.Features)
	reg.Households, reg.Sealed = f.households, f.sealed
	var entry LogEntry
	err := s.Store.Write(ctx, func(tx Tx) (err error) {
		if err := tx.UpdateRegister(reg); err != nil {
			return err
		}
		if entry, err = s.append(tx, audit.KindRegisterCommit, registerSubject(reg), commitBody(reg)); err != nil {
			return err
		}
		return job.finish(tx, s.now(), nil)
	})
	if err == nil {
		s.published(ctx, entry.Seq+1)
	}
	return err
}

func registerSubject(reg Register) string { return citySubject(reg.City) + "/register/" + reg.Name }

func commitBody(reg Register) audit.RegisterCommit {
	return audit.RegisterCommit{Root: reg.Root, Size: reg.Rows, File: reg.File, Bytes: reg.Bytes, Features: reg.Features,
		Sealed: reg.Sealed, Households: reg.Households, SmallCells: reg.SmallCells, K: reg.K}
}

// backToImported ends a refused freeze: the register can be imported anew or frozen knowingly.
func (s *Service) backToImported(ctx context.Context, job *lease, why *Error) error {
	err := s.Store.Write(ctx, func(tx Tx) error {
		reg, err := tx.Register(job.Target)
		if err != nil {
			return err
		}
		reg.State, reg.SmallCells = RegisterImported, ""
		if err := tx.UpdateRegister(reg); err != nil {
			return err
		}
		if err := tx.DropPages(reg.ID); err != nil {
			return err
		}
		return job.fail(tx, s.now(), why.Code, messageReport(why))
	})
	if err != nil {
		return err
	}
	return why
}
