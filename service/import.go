package service

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"kleroterion/randomness/register"
)

const (
	// importBatch is how many residents one transaction stores. Ids are random, so every transaction
	// touches pages all over their index, and a large one writes each page once for many rows.
	importBatch = 32_000
	tellEvery   = 4_000 // rows
)

// checkRegister reads an upload and reports, storing nothing of it.
func (s *Service) checkRegister(ctx context.Context, job *lease) error {
	reg, err := s.target(ctx, job)
	if err != nil {
		return err
	}
	report, ok, err := s.readThrough(ctx, job, reg, "checking", nil)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx Tx) error {
		if err := tx.DropUpload(job.DedupeKey); err != nil {
			return err
		}
		if !ok {
			return job.fail(tx, s.now(), "import", report)
		}
		return job.finish(tx, s.now(), report)
	})
}

// importRegister reads the upload twice: once to find everything that is wrong with it, and only
// when nothing is, once more to store it. Earlier rows of the register are dropped in between, so a
// file with errors changes nothing. If the process dies meanwhile, the register is still importing,
// its rows do not count, and the next worker begins anew from the stored upload.
func (s *Service) importRegister(ctx context.Context, job *lease) error {
	reg, err := s.target(ctx, job)
	if err != nil {
		return err
	}
	report, ok, err := s.readThrough(ctx, job, reg, "checking", nil)
	if err != nil {
		return err
	}
	if !ok {
		return s.endImport(ctx, job, func(tx Tx, reg *Register) error {
			return job.fail(tx, s.now(), "import", report)
		})
	}
	if err := s.dropRows(ctx, job, reg.ID); err != nil {
		return err
	}
	in := &intake{svc: s, job: job, reg: reg}
	if _, _, err := s.readThrough(ctx, job, reg, "importing", in); err != nil {
		return err
	}
	return s.endImport(ctx, job, func(tx Tx, reg *Register) error {
		reg.Rows, reg.Report = in.rows, report
		return job.finish(tx, s.now(), report)
	})
}

func (s *Service) target(ctx context.Context, job *lease) (reg Register, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { reg, err = tx.Register(job.Target); return err })
	return reg, err
}

// readThrough reads the whole upload; each sound row goes to in, if there is one. The report is JSON
// of register.Report.
func (s *Service) readThrough(ctx context.Context, job *lease, reg Register, step string, in *intake) (report []byte, ok bool, err error) {
	file := &chunks{ctx: ctx, store: s.Store, upload: job.DedupeKey}
	options := register.Options{Entropy: s.Entropy}
	if len(reg.Mapping) > 0 {
		m, err := register.ParseMapping(reg.Mapping)
		if err != nil {
			return nil, false, err
		}
		options.Mapping = &m
	}
	rows, err := register.NewImporter(file, options)
	if err != nil {
		return nil, false, err
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false, err
		}
		if in != nil {
			if err := in.add(ctx, row); err != nil {
				return nil, false, err
			}
		}
		if row.Number%tellEvery == 0 {
			if err := job.tell(ctx, step, file.read, job.Total); err != nil {
				return nil, false, err
			}
		}
	}
	if in != nil {
		if err := in.flush(ctx); err != nil {
			return nil, false, err
		}
	}
	report, err = json.Marshal(rows.Report(int(reg.K)))
	return report, rows.OK(), err
}

// dropRows deletes rows that an earlier import left, a batch a transaction.
func (s *Service) dropRows(ctx context.Context, job *lease, registerID string) error {
	for {
		var dropped int64
		err := s.Store.Write(ctx, func(tx Tx) (err error) {
			if dropped, err = tx.DropResidents(registerID, importBatch); err != nil {
				return err
			}
			return job.progress(tx, "making room", 0, job.Total)
		})
		if err != nil || dropped == 0 {
			return err
		}
	}
}

// endImport closes the import in one transaction: register, job and the upload, which goes.
func (s *Service) endImport(ctx context.Context, job *lease, end func(Tx, *Register) error) error {
	return s.Store.Write(ctx, func(tx Tx) error {
		reg, err := tx.Register(job.Target)
		if err != nil {
			return err
		}
		if err := end(tx, &reg); err != nil {
			return err
		}
		if reg.State = RegisterDraft; reg.Rows > 0 {
			reg.State = RegisterImported
		}
		if err := tx.UpdateRegister(reg); err != nil {
			return err
		}
		return tx.DropUpload(job.DedupeKey)
	})
}

// intake seals rows and stores them in batches.
type intake struct {
	svc    *Service
	job    *lease
	reg    Register
	sealer *register.Sealer
	batch  []Resident
	rows   int64
}

func (in *intake) add(ctx context.Context, row register.Row) error {
	if in.sealer == nil {
		sealer, err := register.NewSealer(in.reg.Key, bufio.NewReaderSize(in.svc.Entropy, 32*256))
		if err != nil {
			return err
		}
		in.sealer = sealer
	}
	sealed, err := in.sealer.Seal(row)
	if err != nil {
		return err
	}
	line, err := sealed.Entry.Line()
	if err != nil {
		return err
	}
	in.batch = append(in.batch, Resident{RegisterID: in.reg.ID, Row: row.Number, ID: sealed.Entry.ID,
		Record: sealed.Record, Salt: sealed.Salt[:], Line: line})
	in.rows++
	if len(in.batch) < importBatch {
		return nil
	}
	return in.flush(ctx)
}

// flush stores the batch in one transaction with the job's lease: a worker that lost its lease
// stores nothing.
func (in *intake) flush(ctx context.Context) error {
	if len(in.batch) == 0 {
		return nil
	}
	err := in.svc.Store.Write(ctx, func(tx Tx) error {
		if err := tx.AddResidents(in.batch); err != nil {
			return fmt.Errorf("storing %d residents: %w", len(in.batch), err)
		}
		return in.job.progress(tx, "importing", in.job.Done, in.job.Total)
	})
	in.batch = in.batch[:0]
	return err
}
