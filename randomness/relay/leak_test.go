package relay_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

// Requests that were overtaken or called off end with the call that began them.
func TestNoGoroutineOutlivesItsCall(t *testing.T) {
	tests := map[string]func(*world, *relay.Client) error{
		"Get": func(w *world, c *relay.Client) error {
			_, err := c.Get(w.Context(), w.chain.Hash, asked)
			return err
		},
		"GetOnce": func(w *world, c *relay.Client) error {
			_, err := c.GetOnce(w.Context(), w.chain.Hash, asked)
			return err
		},
		"ClockSkew": func(w *world, c *relay.Client) error {
			_, err := c.ClockSkew(w.Context(), w.chain.Hash)
			return err
		},
		"Get called off while relays stall": func(w *world, c *relay.Client) error {
			w.relays = w.relays[:2]
			ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
			defer cancel()
			_, err := w.client().Get(ctx, w.chain.Hash, asked)
			if !errors.Is(err, context.DeadlineExceeded) {
				w.Errorf("got %v", err)
			}
			return nil
		},
		"Get called off before the round is due": func(w *world, c *relay.Client) error {
			ctx, cancel := context.WithCancel(w.Context())
			cancel()
			_, err := c.Get(ctx, w.chain.Hash, asked+1)
			if !errors.Is(err, context.Canceled) {
				w.Errorf("got %v", err)
			}
			return nil
		},
	}
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.opts.Timing.Try = time.Second
			w.devchain(devchain.Slow(time.Hour))
			w.devchain(devchain.Slow(time.Hour))
			w.devchain(devchain.None)
			before := goleak.IgnoreCurrent()
			if err := call(w, w.client()); err != nil {
				t.Error(err)
			}
			goleak.VerifyNone(t, before)
		})
	}
}
