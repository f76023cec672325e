package quota

import (
	"cmp"
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
	Proof  *Proof  `json:"proof"`
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

// explain reduces a proof to bounds of which none can be left out.
func explain(ctx context.Context, p *Problem, typ int, proof *Proof) (*Conflict, error) {
	force := support(p, proof) // the proof uses no others
	for _, b := range slices.Backward(force.sorted()) {
		if !force[b] {
			continue // gone with one before
		}
		delete(force, b)
		shorter, err := refute(ctx, seated(p, typ, force))
		if err != nil {
			return nil, err
		}
		if shorter == nil {
			force[b] = true
			continue
		}
		proof = shorter
		used := support(p, proof)
		maps.DeleteFunc(force, func(b Bound, _ bool) bool { return !used[b] })
	}
	c := &Conflict{Type: typ, Bounds: force.sorted(), Proof: proof}
	if err := c.Check(p); err != nil {
		return nil, err
	}
	c.Reason = c.words(p)
	return c, nil
}

// refute returns nil when the system has a point, or a short search does not tell.
func refute(ctx context.Context, s *system) (*Proof, error) {
	const nodes = 2000
	_, proof, err := decide(ctx, s, nodes)
	if errors.Is(err, ErrUndecided) {
		return nil, nil
	}
	return proof, err
}

// support is the bounds that the proof uses.
func support(p *Problem, proof *Proof) bounds {
	force := bounds{}
	proof.each(func(y []int64) {
		for r, v := range y {
			if v > 0 && p.Rows[r].Kind == OfQuota {
				force[Bound{r, Most}] = true
			} else if v < 0 && p.Rows[r].Kind == OfQuota {
				force[Bound{r, Least}] = true
			}
		}
	})
	return force
}

func (b bounds) sorted() []Bound {
	var list []Bound
	for bound := range b {
		list = append(list, bound)
	}
	slices.SortFunc(list, func(x, y Bound) int {
		return cmp.Or(cmp.Compare(x.Row, y.Row), cmp.Compare(x.Side, y.Side))
	})
	return list
}
