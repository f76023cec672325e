package verify

import (
	"context"
	"errors"

	"kleroterion/service/audit/bundle"
)

func roundBundle(ctx context.Context, b *bundle.Bundle, opts Options) (Report, error) {
	return Report{}, errors.New("rounds")
}
