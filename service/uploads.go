package service

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// chunkSize is how much of an upload one transaction stores.
const chunkSize = 1 << 20

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
