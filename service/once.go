package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// claim is an Idempotency-Key on its way through a use case.
type claim struct {
	key      string
	request  [32]byte
	replayed bool
}

type claimKey struct{}

// Once runs fn so that its effect happens at most once for this actor and key. The use case that fn
// calls remembers its outcome in the transaction of its effect; when the key was used before with
// the same request, the use case returns that outcome again and changes nothing. The same key with
// another request is a conflict. fn returns the answer to send.
func (s *Service) Once(ctx context.Context, a Actor, key string, request [32]byte, fn func(context.Context) ([]byte, error)) (answer []byte, replayed bool, err error) {
	c := &claim{key: key, request: request}
	answer, err = fn(context.WithValue(ctx, claimKey{}, c))
	return answer, c.replayed, err
}

func claimOf(ctx context.Context) *claim {
	c, _ := ctx.Value(claimKey{}).(*claim)
	return c
}

// replay returns the remembered outcome of this request, if there is one. Use cases that check the
// world before their transaction call it first: what was fine then may be refused now.
func replay[T any](ctx context.Context, s *Service, a Actor) (out T, done bool, err error) {
	c := claimOf(ctx)
	if c == nil {
		return out, false, nil
	}
	err = s.Store.Read(ctx, func(tx Tx) error {
		out, done, err = remembered[T](tx, a, c)
		return err
	})
	return out, done, err
}

// once runs fn in one transaction, and with an Idempotency-Key remembers its outcome there. If the
// process dies before the commit neither effect nor memory exists; after it, both do.
func once[T any](ctx context.Context, s *Service, a Actor, fn func(Tx) (T, error)) (out T, err error) {
	c := claimOf(ctx)
	err = s.Store.Write(ctx, func(tx Tx) (err error) {
		if c == nil {
			out, err = fn(tx)
			return err
		}
		var done bool
		if out, done, err = remembered[T](tx, a, c); done || err != nil {
			return err
		}
		if out, err = fn(tx); err != nil {
			return err
		}
		return remember(tx, a, c, out, s.now())
	})
	return out, err
}

func remembered[T any](tx Tx, a Actor, c *claim) (out T, done bool, err error) {
	prior, err := tx.Claimed(a.principal(), c.key)
	switch {
	case errors.Is(err, ErrNotFound):
		return out, false, nil
	case err != nil:
		return out, false, err
	case prior.Request != c.request:
		return out, false, Refuse(KindConflict, "idempotency_key", "this Idempotency-Key was used for another request").
			WithHint("use a new key for a new request")
	}
	c.replayed = true
	return out, true, json.Unmarshal(prior.Answer, &out)
}

func remember(tx Tx, a Actor, c *claim, out any, at int64) error {
	answer, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("remembered answer: %w", err)
	}
	return tx.Claim(Once{Principal: a.principal(), Key: c.key, Request: c.request, Answer: answer, At: at})
}

func (a Actor) principal() string { return string(a.Role) + ":" + a.KeyID }
