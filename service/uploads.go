package service

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
)

// chunkSize is how much of an upload one transaction stores.
const chunkSize = 1 << 20

// AddRegister makes an empty register.
func (s *Service) AddRegister(ctx context.Context, a Actor, in NewRegister) (Register, error) {
	r, err := s.draft(a, in)
	if err != nil {
		return Register{}, err
	}
	return once(ctx, s, a, func(tx Tx) (Register, error) {
		if _, err := tx.City(in.City); err != nil {
			return Register{}, absent(err, "city")
		}
		err := tx.AddRegister(r)
		if errors.Is(err, ErrExists) {
			return Register{}, Refuse(KindConflict, "register_exists", "the city has a register %s already", in.Name).
				WithHint("a register is never edited: choose a new name")
		}
		return r, err
	})
}

func (s *Service) draft(a Actor, in NewRegister) (Register, error) {
	if err := a.authorise(writeRegisters, in.City); err != nil {
		return Register{}, err
	}
	if !slugForm.MatchString(in.Name) {
		return Register{}, Refuse(KindInvalid, "name_form", "name %.40q is not 1 to 63 of a-z 0-9 . _ - starting with a letter or digit", in.Name)
	}
	mapping, err := checkMapping(in.Mapping)
	if err != nil {
		return Register{}, err
	}
	if in.K == 0 {
		in.K = defaultK
	}
	if in.K < 1 || in.K > 1000 {
		return Register{}, Refuse(KindInvalid, "k", "k is %d, want 1 to 1000", in.K)
	}
	r := Register{City: in.City, Name: in.Name, State: RegisterDraft, Mapping: mapping, K: in.K, CreatedAt: s.now(), Version: 1}
	if r.ID, err = s.newID(); err != nil {
		return Register{}, err
	}
	if _, err := io.ReadFull(s.Entropy, r.Key[:]); err != nil {
		return Register{}, fmt.Errorf("entropy: %w", err)
	}
	return r, nil
}

// checkMapping validates a mapping and returns its canonical form; empty stays empty and means that
// the columns are guessed from the header.
func checkMapping(in []byte) ([]byte, error) {
	if len(in) == 0 {
		return nil, nil
	}
	b, err := canonical.Transform(in)
	if err == nil {
		_, err = register.ParseMapping(b)
	}
	if err != nil {
		return nil, Refuse(KindInvalid, "mapping", "mapping: %v", err)
	}
	return b, nil
}

// Upload stores the CSV that r yields and queues the job that reads it: a dry run only reports, an
// import replaces the rows of a register that is not frozen. The file lands in chunks of one
// transaction each; until the job is queued nothing of it counts, and if the process dies before
// that, the chunks are swept later and the caller has no answer.
func (s *Service) Upload(ctx context.Context, a Actor, registerID string, dryRun bool, r io.Reader) (Job, error) {
	reg, err := s.writable(ctx, a, registerID)
	if err != nil {
		return Job{}, err
	}
	job := Job{Kind: JobImportRegister, City: reg.City, Target: reg.ID, State: JobPending, Step: "waiting", CreatedAt: s.now(), RunAt: s.now()}
	if dryRun {
		job.Kind = JobCheckRegister
	}
	if job.ID, err = s.newID(); err != nil {
		return Job{}, err
	}
	job.DedupeKey = job.ID // the upload bears the job's name
	if job.Total, err = s.storeChunks(ctx, job.ID, r); err != nil {
		return Job{}, err
	}
	err = s.Store.Write(ctx, func(tx Tx) error { return s.queueImport(tx, a, registerID, job) })
	return job, err
}

// writable returns a register that this actor may fill now.
func (s *Service) writable(ctx context.Context, a Actor, id string) (reg Register, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { reg, err = ownRegister(tx, a, id); return err })
	return reg, err
}

func ownRegister(tx Tx, a Actor, id string) (Register, error) {
	reg, err := tx.Register(id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Register{}, err
	}
	if auth := a.authorise(writeRegisters, reg.City); auth != nil {
		return Register{}, auth
	}
	if err != nil {
		return Register{}, absent(err, "register")
	}
	if reg.State != RegisterDraft && reg.State != RegisterImported {
		return Register{}, Refuse(KindConflict, "register_state", "the register is %s", reg.State).
			WithHint("a frozen register is never edited: make a new one; otherwise wait for its job")
	}
	return reg, nil
}

func (s *Service) queueImport(tx Tx, a Actor, registerID string, job Job) error {
	reg, err := ownRegister(tx, a, registerID)
	if err != nil {
		return err
	}
	if job.Kind == JobImportRegister {
		reg.State = RegisterImporting
		if err := tx.UpdateRegister(reg); err != nil {
			return err
		}
	}
	return tx.AddJob(job)
}

func (s *Service) storeChunks(ctx context.Context, upload string, r io.Reader) (total int64, err error) {
	buf := make([]byte, chunkSize)
	for n := int64(0); ; n++ {
		got, err := io.ReadFull(r, buf)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return 0, uploadError(err)
		}
		if got > 0 {
			total += int64(got)
			data := buf[:got]
			if err := s.Store.Write(ctx, func(tx Tx) error { return tx.AddChunk(upload, n, data, s.now()) }); err != nil {
				return 0, err
			}
		}
		if last {
			return total, nil
		}
	}
}

// uploadError keeps the error of a body limit for package api and names the rest.
func uploadError(err error) error {
	return fmt.Errorf("upload: %w", err)
}

// chunks reads an upload back as one stream.
type chunks struct {
	ctx    context.Context
	store  Store
	upload string
	n      int64
	rest   []byte
	read   int64
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		err := c.store.Read(c.ctx, func(tx Tx) (err error) { c.rest, err = tx.Chunk(c.upload, c.n); return err })
		if errors.Is(err, ErrNotFound) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		c.n++
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	c.read += int64(n)
	return n, nil
}

// Register returns a register: what is public of a frozen one to anyone, the rest to its city.
func (s *Service) Register(ctx context.Context, a Actor, id string) (reg Register, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { reg, err = tx.Register(id); return err })
	if err != nil {
		return Register{}, absent(err, "register")
	}
	return reg.seenBy(a)
}

// seenBy strips what this actor may not see.
func (reg Register) seenBy(a Actor) (Register, error) {
	reg.Key = [32]byte{}
	if a.authorise(readRegisters, reg.City) == nil {
		return reg, nil
	}
	if reg.State != RegisterFrozen {
		return Register{}, Refuse(KindNotFound, "not_found", "no such register")
	}
	reg.Mapping, reg.Report, reg.Erased = nil, nil, 0
	return reg, nil
}

// Registers lists a city's registers that this actor may see, by id.
func (s *Service) Registers(ctx context.Context, a Actor, city string, w Window) ([]Register, error) {
	var all []Register
	err := s.Store.Read(ctx, func(tx Tx) (err error) { all, err = tx.Registers(city, w.After, w.Limit); return err })
	list := []Register{}
	for _, reg := range all {
		if seen, hidden := reg.seenBy(a); hidden == nil {
			list = append(list, seen)
		}
	}
	return list, err
}

// RegisterFile writes the public file of a frozen register and returns its length. Public.
func (s *Service) RegisterFile(ctx context.Context, root beacon.Hash, w io.Writer) (int64, error) {
	reg, err := s.frozen(ctx, root)
	if err != nil {
		return 0, err
	}
	return reg.Bytes, s.eachPage(ctx, reg.ID, func(p Page) error {
		_, err := w.Write(p.Data)
		return err
	})
}

func (s *Service) frozen(ctx context.Context, root beacon.Hash) (reg Register, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { reg, err = tx.RegisterByRoot(root); return err })
	return reg, absent(err, "register")
}

// eachPage visits the pages of a register in order, a few of them per snapshot: pages of a frozen
// register do not change, so no long transaction is needed.
func (s *Service) eachPage(ctx context.Context, registerID string, visit func(Page) error) error {
	const batch = 64
	for from := int64(0); ; from += batch {
		var pages []Page
		err := s.Store.Read(ctx, func(tx Tx) (err error) { pages, err = tx.Pages(registerID, from, batch); return err })
		if err != nil {
			return err
		}
		for _, p := range pages {
			if err := visit(p); err != nil {
				return err
			}
		}
		if len(pages) < batch {
			return nil
		}
	}
}

// load reads a frozen register into memory, checking every line, root and size.
func (s *Service) load(ctx context.Context, reg Register) (*register.Register, error) {
	r, err := register.ReadPages(func(yield func([]byte, error) bool) {
		stop := errors.New("stop")
		err := s.eachPage(ctx, reg.ID, func(p Page) error {
			if !yield(p.Data, nil) {
				return stop
			}
			return nil
		})
		if err != nil && err != stop {
			yield(nil, err)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", reg.ID, err)
	}
	if r.Root() != reg.Root {
		return nil, fmt.Errorf("register %s: pages have root %x, the commitment says %s", reg.ID, r.Root(), reg.Root)
	}
	return r, nil
}
