package panels

import (
	"fmt"

	"kleroterion/randomness/sortition/quota"
)

// Proof shows that no panel at all is in some part of the space, Case and Split are its parts: as in
// package quota, but rows may be cuts, and the bounds are those of the space.
type (
	Proof = quota.Proof
	Case  = quota.Case
	Split = quota.Split
)

// box is the part of the space that a case is about: whole seats from low to high for each type.
type box struct{ low, high []int64 }

func (s *space) wholeBox() box {
	return box{low: make([]int64, len(s.caps)), high: append([]int64(nil), s.caps...)}
}

// closes reports whether the rows' sum is more than it may be everywhere in the box.
func (s *space) closes(b box, ms []Multiplier) bool {
	g, most, ok := s.combine(ms)
	if !ok {
		return false
	}
	var least wide
	for t, v := range g {
		if v > 0 {
			least.add(v, b.low[t])
		} else if v < 0 {
			least.add(v, b.high[t])
		}
	}
	return least.big().Cmp(most.big()) > 0
}

// check reads a proof that the box holds no panel of the space.
func (s *space) check(b box, p Proof) error {
	rest, err := s.checkCase(b, p, 0)
	if err == nil && len(rest) > 0 {
		return fmt.Errorf("%d cases are left over", len(rest))
	}
	return err
}

// maxDepth bounds how deep cases are split; no search of ours gets near it.
const maxDepth = 10_000

func (s *space) checkCase(b box, p Proof, depth int) (Proof, error) {
	if len(p) == 0 || depth > maxDepth {
		return nil, fmt.Errorf("a case is missing, or cases are nested deeper than %d", maxDepth)
	}
	c, rest := p[0], p[1:]
	if c.Split == nil {
		if !s.closes(b, c.Multipliers) {
			return nil, fmt.Errorf("the multipliers of a case %d splits deep do not close it", depth)
		}
		return rest, nil
	}
	t, at := c.Split.Type, c.Split.AtMost
	if t < 0 || t >= len(b.low) || at < b.low[t] || at >= b.high[t] || len(c.Multipliers) > 0 {
		return nil, fmt.Errorf("a split of type %d at %d does not part its case", t, at)
	}
	low, high := b.low[t], b.high[t]
	b.high[t] = at
	rest, err := s.checkCase(b, rest, depth+1)
	if err == nil {
		b.low[t], b.high[t] = at+1, high
		rest, err = s.checkCase(b, rest, depth+1)
	}
	b.low[t], b.high[t] = low, high
	return rest, err
}

// against is the space with the opposite of cut c as its last cut: sum >= AtMost + 1.
func (s *space) against(c Cut) *space {
	opposite := Cut{AtMost: -c.AtMost - 1, Weights: make([]Weight, len(c.Weights))}
	for i, w := range c.Weights {
		opposite.Weights[i] = Weight{Type: w.Type, Each: -w.Each}
	}
	k := *s
	k.cuts = append(append([]Cut(nil), s.cuts...), opposite)
	return &k
}

// checkProofs checks the unseatable types and then the cuts, each with what was proved before it, and
// adds them to the space.
func (s *space) checkProofs(r *Result) error {
	for i, u := range r.Unseatable {
		if u.Type < 0 || u.Type >= len(s.caps) || s.caps[u.Type] < 1 {
			return fmt.Errorf("unseatable %d: type %d is not a type with a seat to lose", i, u.Type)
		}
		b := s.wholeBox()
		b.low[u.Type] = 1
		if err := s.check(b, u.Proof); err != nil {
			return fmt.Errorf("unseatable %d: %w", i, err)
		}
		s.caps[u.Type] = 0
	}
	for i, c := range r.Cuts {
		last := -1
		for _, w := range c.Weights {
			if w.Type <= last || w.Type >= len(s.caps) || w.Each == 0 || w.Each > limit || w.Each < -limit {
				return fmt.Errorf("cut %d: weights ascend by type and are not 0 nor beyond 2^53", i)
			}
			last = w.Type
		}
		if c.AtMost > limit || c.AtMost < -limit {
			return fmt.Errorf("cut %d: at_most is beyond 2^53", i)
		}
		if err := s.against(c).check(s.wholeBox(), c.Proof); err != nil {
			return fmt.Errorf("cut %d: %w", i, err)
		}
		s.cuts = append(s.cuts, c)
	}
	return nil
}
