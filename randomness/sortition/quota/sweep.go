package quota

import (
	"context"
	"fmt"
	"math"

	"kleroterion/randomness/sortition/lp"
)

// sweep covers most types with few panels: each is asked to seat as many types as possible that no
// panel before it does. It ends with the first panel that adds none.
func sweep(ctx context.Context, p *Problem, covered []bool) error {
	sys := newSystem(p, nil)
	simplex, err := sys.programme()
	if err != nil {
		return fmt.Errorf("feasibility: %w", err)
	}
	s := &search{ctx: ctx, sys: sys, lp: simplex}
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("feasibility: %w", err)
		}
		left := 0
		for t, done := range covered {
			simplex.SetCost(t, 0)
			if !done {
				simplex.SetCost(t, -1)
				left++
			}
		}
		if left == 0 {
			return nil
		}
		simplex.Reset()
		s.point = nil
		if !s.take(simplex.Integer(&lp.Search{Nodes: 300, First: true, Below: math.Inf(1)}).Point) || !adds(covered, s.point) {
			return nil
		}
		cover(covered, s.point)
	}
}

// adds reports whether the panel seats a type that is not covered.
func adds(covered []bool, panel []int64) bool {
	for t, seats := range panel {
		if seats > 0 && !covered[t] {
			return true
		}
	}
	return false
}
