package service

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
)

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
