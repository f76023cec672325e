package service

import (
	"context"

	"kleroterion/funding"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// NewTopup is money for a round's pool.
type NewTopup struct {
	Amount    funding.Amount
	Reference string // what the payer's books say: 1 to 200 bytes
}

// TopUp adds money to the pool of a round that is not closed.
func (s *Service) TopUp(ctx context.Context, a Actor, id string, in NewTopup) (RoundView, error) {
	r, err := once(ctx, s, a, func(tx Tx) (Round, error) {
		r, err := s.stewardRound(tx, a, id)
		if err != nil {
			return Round{}, err
		}
		return s.topUp(tx, r, in)
	})
	return s.settledRound(ctx, r, err)
}

// topUp writes record and row together: the pool of the row is always that of the log.
func (s *Service) topUp(tx Tx, r Round, in NewTopup) (Round, error) {
	if r.State != RoundOpen {
		return Round{}, Refuse(KindConflict, grants.RuleStage, "the round is %s: its pool is fixed", r.State)
	}
	at, err := s.tick(tx, &r)
	if err != nil {
		return Round{}, err
	}
	body := grants.Topup{Amount: in.Amount, At: at, Reference: in.Reference}
	if err := body.Check(); err != nil {
		return Round{}, roundRefusal(err)
	}
	pool, ok := r.Pool.Add(in.Amount)
	if !ok {
		return Round{}, Refuse(KindInvalid, grants.RuleAmount, "amount %s: the pool of %s would exceed 38 digits", in.Amount, r.Pool)
	}
	r.Pool = pool
	if _, err := s.act(tx, &r, audit.KindRoundTopup, audit.RoundTopup{Topup: body}); err != nil {
		return Round{}, err
	}
	return updated(tx, r)
}

// Topups lists what was added to a round's pool, the oldest first. Public.
func (s *Service) Topups(ctx context.Context, id string) ([]grants.Topup, error) {
	return actsOf[grants.Topup](ctx, s, id, audit.KindRoundTopup)
}
