package quota

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Side is one of the two bounds of a row.
type Side int

// Least is the minimum, Most the maximum.
const (
	Least Side = iota
	Most
)

// Bound is the minimum or the maximum of the quota in row Row.
type Bound struct {
	Row  int  `json:"row"`
	Side Side `json:"side"`
}

// Conflict says why no panel is possible: the Bounds cannot all be met, together with the size of the
// panel, the pool and its households. Without any one of them they can, as far as could be decided.
type Conflict struct {
	Type   int     `json:"type"`   // which the panel was to seat; -1 for nobody in particular
	Bounds []Bound `json:"bounds"` // by row, the minimum first
	Proof  Proof   `json:"proof"`
	Reason string  `json:"reason"` // in plain words; the proof decides
}

// bounds is a set: those in force. nil in newSystem is all.
type bounds map[Bound]bool

// Check verifies the proof in whole numbers, with the bounds named in force and no others.
func (c *Conflict) Check(p *Problem) error {
	if c.Type < nobody || c.Type >= len(p.Types) {
		return fmt.Errorf("%w: there is no type %d", errProof, c.Type)
	}
	force := bounds{}
	for _, b := range c.Bounds {
		if b.Row < 0 || b.Row >= len(p.Rows) || p.Rows[b.Row].Kind != OfQuota || b.Side != Least && b.Side != Most {
			return fmt.Errorf("%w: %+v is no bound of a quota", errProof, b)
		}
		force[b] = true
	}
	return c.Proof.check(seated(p, c.Type, force))
}

// explain reduces a proof to bounds of which none can be left out. What is left depends on the order in
// which they are tried. For a panel, and where a try is quick, a few orders have their turn and the fewest
// bounds win; of people who can never be chosen there may be many.
func explain(ctx context.Context, p *Problem, typ int, proof Proof) (*Conflict, error) {
	best, err := reduce(ctx, p, &Conflict{Type: typ, Bounds: support(p, proof), Proof: proof}, true)
	if err != nil {
		return nil, err
	}
	const quick = 20_000 // types times rows
	for _, back := range []bool{false, true} {
		if typ != nobody || len(proof) > 1 || len(best.Bounds) < 2 || len(p.Types)*len(p.Rows) > quick {
			break
		}
		whole := &Conflict{Type: typ, Bounds: p.bounds(), Proof: proof}
		other, err := reduce(ctx, p, whole, back)
		if err != nil {
			return nil, err
		}
		if len(other.Bounds) < len(best.Bounds) {
			best = other
		}
	}
	if err := best.Check(p); err != nil {
		return nil, err
	}
	best.Reason = best.words(p)
	return best, nil
}

// reduce tries to leave out one bound of c after the other, from the back or from the front.
func reduce(ctx context.Context, p *Problem, c *Conflict, back bool) (*Conflict, error) {
	order := slices.Clone(c.Bounds)
	if back {
		slices.Reverse(order)
	}
	force := bounds{}
	for _, b := range order {
		force[b] = true
	}
	proof := c.Proof
	for _, b := range order {
		if !force[b] {
			continue // gone with one before
		}
		delete(force, b)
		shorter, err := refute(ctx, seated(p, c.Type, force))
		if err != nil {
			return nil, err
		}
		if shorter == nil {
			force[b] = true
			continue
		}
		proof = shorter
		used := support(p, proof)
		maps.DeleteFunc(force, func(b Bound, _ bool) bool { return !slices.Contains(used, b) })
	}
	left := slices.DeleteFunc(slices.Clone(c.Bounds), func(b Bound) bool { return !force[b] })
	return &Conflict{Type: c.Type, Bounds: left, Proof: proof}, nil
}

// refute returns nil when the system has a point, or a short search does not tell.
func refute(ctx context.Context, s *system) (Proof, error) {
	const nodes = 2000
	_, proof, err := decide(ctx, s, nodes)
	if errors.Is(err, ErrUndecided) {
		return nil, nil
	}
	return proof, err
}

// bounds lists the bounds of all quotas that the pool alone does not keep.
func (p *Problem) bounds() []Bound {
	reach := make([]int64, len(p.Rows))
	for _, t := range p.Types {
		for _, r := range t.Rows {
			reach[r] += t.Cap
		}
	}
	var list []Bound
	for r, row := range p.Rows {
		if row.Kind == OfQuota && row.Min > 0 {
			list = append(list, Bound{r, Least})
		}
		if row.Kind == OfQuota && row.Max < reach[r] {
			list = append(list, Bound{r, Most})
		}
	}
	return list
}

// support lists the bounds that the proof uses: with no others in force it is a proof as well.
func support(p *Problem, proof Proof) []Bound {
	used := make([][2]bool, len(p.Rows))
	for _, c := range proof {
		for _, m := range c.Multipliers {
			used[m.Row][Least] = used[m.Row][Least] || m.Times < 0
			used[m.Row][Most] = used[m.Row][Most] || m.Times > 0
		}
	}
	var list []Bound
	for r, row := range p.Rows {
		for side, in := range used[r] {
			if in && row.Kind == OfQuota {
				list = append(list, Bound{r, Side(side)})
			}
		}
	}
	return list
}
