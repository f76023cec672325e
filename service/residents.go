package service

import (
	"bytes"
	"context"
	"errors"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
)

// Line returns the proof that the entry with this id is in the frozen register with this root: what
// a person needs to check "my line in the list". It reads one page. Public.
func (s *Service) Line(ctx context.Context, root beacon.Hash, id [32]byte) (proof register.Proof, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		reg, err := tx.RegisterByRoot(root)
		if err != nil {
			return absent(err, "register")
		}
		page, err := tx.PageOf(reg.ID, id)
		if err != nil {
			return absent(err, "entry in this register")
		}
		hashes, err := tx.PageHashes(reg.ID)
		if err != nil {
			return err
		}
		proof, err = prove(hashes, reg.Rows, page, id)
		return err
	})
	return proof, err
}

func prove(hashes [][32]byte, size int64, page Page, id [32]byte) (register.Proof, error) {
	prover, err := register.NewProver(hashes, size)
	if err != nil {
		return register.Proof{}, err
	}
	lines := bytes.Split(bytes.TrimSuffix(page.Data, []byte("\n")), []byte("\n"))
	for i, line := range lines {
		e, err := register.ParseLine(line)
		if err != nil {
			return register.Proof{}, err
		}
		if e.ID == id {
			return prover.Prove(page.N*register.PageSize+int64(i), lines)
		}
	}
	return register.Proof{}, Refuse(KindNotFound, "not_found", "no such entry in this register")
}

// Resident returns one person's private row to a registrar of its city.
func (s *Service) Resident(ctx context.Context, a Actor, registerID string, id [32]byte) (row Resident, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if err := readable(tx, a, registerID); err != nil {
			return err
		}
		if row, err = tx.Resident(registerID, id); err != nil {
			return absent(err, "resident")
		}
		if len(row.Record) == 0 {
			return Refuse(KindNotFound, "erased", "the private row of this entry was erased")
		}
		return nil
	})
	return row, err
}

// readable checks that this actor may read the private rows of a register.
func readable(tx Tx, a Actor, registerID string) error {
	reg, err := tx.Register(registerID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if auth := a.authorise(readResidents, reg.City); auth != nil {
		return auth
	}
	return absent(err, "register")
}

// EraseResident deletes a person's private record and salt for ever, and the reports of refused files
// of the register, which may quote the person. The public entry, every proof
// and every draw stay valid; nothing links the entry to the person any more. Only the number of
// erasures is kept.
func (s *Service) EraseResident(ctx context.Context, a Actor, registerID string, id [32]byte) error {
	return s.Store.Write(ctx, func(tx Tx) error {
		if err := readable(tx, a, registerID); err != nil {
			return err
		}
		reg, err := tx.Register(registerID)
		if err != nil {
			return err
		}
		if reg.State != RegisterFrozen {
			return Refuse(KindConflict, "register_state", "the register is %s: before it is frozen, import it again without the person", reg.State)
		}
		if err := tx.EraseResident(registerID, id); err != nil {
			return absent(err, "resident with a private row")
		}
		if err := tx.DropReports(registerID, s.now()); err != nil {
			return err
		}
		reg.Erased++
		return tx.UpdateRegister(reg)
	})
}
