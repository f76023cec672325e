package service

import (
	"context"

	"kleroterion/service/audit"
	"kleroterion/service/grants"
)

// RefundGift takes a gift back before the end of gifts: it stays in the log and counts no more. Record,
// gift and round are written in one transaction.
func (s *Service) RefundGift(ctx context.Context, a Actor, roundID string, n int64, reason grants.Reason) (Gift, error) {
	g, err := once(ctx, s, a, func(tx Tx) (Gift, error) {
		r, err := s.stewardRound(tx, a, roundID)
		if err != nil {
			return Gift{}, err
		}
		return s.refund(tx, r, n, reason)
	})
	if err := s.settled(ctx, err); err != nil {
		return Gift{}, err
	}
	return g, nil
}

func (s *Service) refund(tx Tx, r Round, n int64, reason grants.Reason) (Gift, error) {
	if err := s.inWindow(tx, r); err != nil {
		return Gift{}, err
	}
	g, err := tx.Gift(r.ID, n)
	if err != nil {
		return Gift{}, absent(err, "gift")
	}
	if g.Refunded {
		return Gift{}, Refuse(KindConflict, grants.RuleRefund, "gift %d was refunded already", n)
	}
	body := grants.Refund{N: n, Reason: reason}
	if body.At, err = s.tick(tx, &r); err != nil {
		return Gift{}, err
	}
	if err := body.Check(); err != nil {
		return Gift{}, roundRefusal(err)
	}
	if _, err := s.act(tx, &r, audit.KindGiftRefund, audit.GiftRefund{Refund: body}); err != nil {
		return Gift{}, err
	}
	if err := tx.RefundGift(r.ID, n); err != nil {
		return Gift{}, err
	}
	g.Refunded = true
	_, err = updated(tx, r)
	return g, err
}
