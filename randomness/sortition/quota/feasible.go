package quota

import (
	"context"
	"fmt"
)

// Answer says whether a panel is possible: Panel has the seats of each type of one, or Conflict says
// why there is none.
type Answer struct {
	Panel    []int64
	Conflict *Conflict
}

// Feasible decides whether the pool has a panel that meets all quotas. The answer is exact: the panel
// was counted, or the proof checked, in whole numbers. The error is ErrUndecided, or that of ctx.
func Feasible(ctx context.Context, p *Problem) (Answer, error) {
	return decideSeat(ctx, p, nobody)
}

// Seatable decides whether there is a panel with somebody of the type, as [Feasible] does.
func Seatable(ctx context.Context, p *Problem, typ int) (Answer, error) {
	if typ < 0 || typ >= len(p.Types) {
		return Answer{}, fmt.Errorf("type %d of %d", typ, len(p.Types))
	}
	return decideSeat(ctx, p, typ)
}

// nobody in the place of a type says that nobody in particular has a seat.
const nobody = -1

func decideSeat(ctx context.Context, p *Problem, typ int) (Answer, error) {
	panel, proof, err := decide(ctx, seated(p, typ, nil), maxNodes)
	if err != nil {
		return Answer{}, fmt.Errorf("feasibility: %w", err)
	}
	if panel != nil {
		return Answer{Panel: panel}, nil
	}
	conflict, err := explain(ctx, p, typ, proof)
	if err != nil {
		return Answer{}, fmt.Errorf("feasibility: %w", err)
	}
	return Answer{Conflict: conflict}, nil
}

// seated is the system with a seat for the type.
func seated(p *Problem, typ int, force bounds) *system {
	s := newSystem(p, force)
	if typ != nobody {
		s.lower[typ] = 1
	}
	return s
}

// Unseatable lists the types that no panel can seat, ascending, each with the reason. The quotas must
// be feasible: where they are not, the one conflict is that of nobody in particular.
func Unseatable(ctx context.Context, p *Problem) ([]*Conflict, error) {
	first, err := Feasible(ctx, p)
	if err != nil {
		return nil, err
	}
	if first.Conflict != nil {
		return []*Conflict{first.Conflict}, nil
	}
	covered := make([]bool, len(p.Types))
	cover(covered, first.Panel)
	if err := sweep(ctx, p, covered); err != nil {
		return nil, err
	}
	var conflicts []*Conflict
	for t := range p.Types {
		if covered[t] {
			continue
		}
		answer, err := Seatable(ctx, p, t)
		if err != nil {
			return nil, fmt.Errorf("type %d: %w", t, err)
		}
		if answer.Conflict != nil {
			conflicts = append(conflicts, answer.Conflict)
		}
		cover(covered, answer.Panel)
	}
	return conflicts, nil
}

func cover(covered []bool, panel []int64) {
	for t, seats := range panel {
		covered[t] = covered[t] || seats > 0
	}
}
