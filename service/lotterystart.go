package service

import (
	"context"
	"errors"

	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/quota"
)

// StartLottery queues the work that computes a lottery. One official is enough also where a draw needs
// two: a lottery commits to nothing.
func (s *Service) StartLottery(ctx context.Context, a Actor, in NewLottery) (Lottery, error) {
	reg, err := s.lotteryRegister(ctx, a, in.RegisterID)
	if err != nil {
		return Lottery{}, err
	}
	if l, done, err := replay[Lottery](ctx, s, a); done || err != nil {
		return l, err
	}
	l, err := s.newLottery(ctx, reg, in)
	if err != nil {
		return Lottery{}, err
	}
	return once(ctx, s, a, func(tx Tx) (Lottery, error) {
		if err := tx.AddLottery(l); err != nil {
			return Lottery{}, err
		}
		return l, tx.AddJob(Job{ID: l.Job, Kind: JobLottery, City: l.City, Target: l.ID, DedupeKey: l.ID, State: JobPending,
			Step: "waiting", RunAt: s.now(), CreatedAt: s.now()})
	})
}

// lotteryRegister returns a frozen register on which this actor may open draws, and so prepare one.
func (s *Service) lotteryRegister(ctx context.Context, a Actor, id string) (reg Register, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { reg, err = tx.Register(id); return err })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Register{}, err
	}
	if auth := a.authorise(openDraws, reg.City); auth != nil {
		return Register{}, auth
	}
	if err != nil {
		return Register{}, absent(err, "register")
	}
	if reg.State != RegisterFrozen {
		return Register{}, Refuse(KindConflict, "register_state", "the register is %s: a lottery is over a frozen one", reg.State).
			WithHint("freeze the register first")
	}
	return reg, nil
}

// newLottery checks the request against the whole register.
func (s *Service) newLottery(ctx context.Context, reg Register, in NewLottery) (Lottery, error) {
	in, _, err := s.pool(ctx, reg, in)
	if err != nil {
		return Lottery{}, err
	}
	l := Lottery{City: reg.City, RegisterID: reg.ID, State: LotteryComputing, Method: in.Method, Panels: in.Panels, CreatedAt: s.now(), Version: 1}
	if l.Terms, err = writeTerms(in.terms()); err != nil {
		return Lottery{}, err
	}
	if l.ID, err = s.newID(); err != nil {
		return Lottery{}, err
	}
	l.Job = "lottery-" + l.ID
	return l, nil
}

// pool makes the pool of a request, and returns the request with its defaults.
func (s *Service) pool(ctx context.Context, reg Register, in NewLottery) (NewLottery, *quota.Problem, error) {
	in, err := in.checked()
	if err := firstOf(err, in.discloses(reg)); err != nil {
		return in, nil, err
	}
	list, err := s.load(ctx, reg)
	if err != nil {
		return in, nil, err
	}
	p, err := in.terms().Problem(panelfile.Entries(list))
	return in, p, in.refusal(err)
}

// CancelLottery gives up a lottery that is being computed, or one that no draw has committed to: its file
// is deleted. A worker on it notices within about a second.
func (s *Service) CancelLottery(ctx context.Context, a Actor, id string) (Lottery, error) {
	return once(ctx, s, a, func(tx Tx) (Lottery, error) {
		l, err := tx.Lottery(id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Lottery{}, err
		}
		if auth := a.authorise(openDraws, l.City); auth != nil {
			return Lottery{}, auth
		}
		if err != nil {
			return Lottery{}, absent(err, "lottery")
		}
		return s.cancelLottery(tx, l)
	})
}

func (s *Service) cancelLottery(tx Tx, l Lottery) (Lottery, error) {
	switch {
	case l.DrawID != "":
		return Lottery{}, Refuse(KindConflict, "lottery_state", "a draw has committed to the lottery: it is public for good")
	case l.State == LotteryComputing:
		if err := s.endJob(tx, l.Job); err != nil {
			return Lottery{}, err
		}
	case l.State != LotteryReady:
		return Lottery{}, Refuse(KindConflict, "lottery_state", "the lottery is %s", l.State)
	}
	l.State, l.ClosedAt = LotteryCancelled, s.now()
	if err := firstOf(tx.UpdateLottery(l), tx.DropLotteryFile(l.ID)); err != nil {
		return Lottery{}, err
	}
	l.Version++
	return l, nil
}

// endJob ends a job under the hands of whoever holds it: nothing that they write will be taken.
func (s *Service) endJob(tx Tx, id string) error {
	job, err := tx.Job(id)
	if err != nil {
		return err
	}
	why := Refuse(KindInvalid, "cancelled", "an official cancelled it")
	return (&lease{Job: job, svc: s}).fail(tx, s.now(), why.Code, messageReport(why))
}
