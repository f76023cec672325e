package service

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
)

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
	return pagesBy(visit, func(from int64, limit int) (pages []Page, err error) {
		err = s.Store.Read(ctx, func(tx Tx) error { pages, err = tx.Pages(registerID, from, limit); return err })
		return pages, err
	})
}

func pagesBy(visit func(Page) error, read func(from int64, limit int) ([]Page, error)) error {
	const batch = 64
	for from := int64(0); ; from += batch {
		pages, err := read(from, batch)
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
	return loadBy(reg, func(visit func(Page) error) error { return s.eachPage(ctx, reg.ID, visit) })
}

// loadIn is load in the transaction at hand.
func loadIn(tx Tx, reg Register) (*register.Register, error) {
	return loadBy(reg, func(visit func(Page) error) error {
		return pagesBy(visit, func(from int64, limit int) ([]Page, error) { return tx.Pages(reg.ID, from, limit) })
	})
}

func loadBy(reg Register, each func(visit func(Page) error) error) (*register.Register, error) {
	r, err := register.ReadPages(func(yield func([]byte, error) bool) {
		stop := errors.New("stop")
		err := each(func(p Page) error {
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
