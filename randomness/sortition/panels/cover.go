package panels

import (
	"math"
	"slices"

	"kleroterion/randomness/sortition/lp"
)

// remember adds a panel to the pool, unless it is there.
func (s *solver) remember(seats panel) bool {
	key := keyOf(seats)
	if s.known[key] {
		return false
	}
	if s.known == nil {
		s.known = map[string]bool{}
	}
	s.known[key] = true
	s.pool = append(s.pool, slices.Clone(seats))
	return true
}

func keyOf(seats panel) string {
	b := make([]byte, 0, 64)
	for t, c := range seats {
		if c != 0 {
			b = append(b, byte(t), byte(t>>8), byte(t>>16), byte(c), byte(c>>8), byte(c>>16), byte(c>>24))
		}
	}
	return string(b)
}

// cover makes sure that every type can have a seat: those in no panel of the pool are searched for, and
// those that no panel can seat lose their cap, with a proof. It reports whether any cap changed, and
// false for done when it could not decide on every type.
func (s *solver) cover() (changed, done bool) {
	seen := make([]bool, len(s.space.caps))
	for _, c := range s.pool {
		mark(seen, c)
	}
	done = true
	for t, cap := range s.space.caps {
		s.tell(Progress{Phase: PhaseCoverage, Done: t, Of: len(seen)})
		if cap == 0 || seen[t] {
			continue
		}
		seats := s.seatOne(t, seen)
		if seats == nil {
			b := s.space.wholeBox()
			b.low[t] = 1
			var proof Proof
			if proof, seats = s.prove(s.space, b); proof != nil {
				s.space.caps[t] = 0
				s.gone = append(s.gone, Unseatable{Type: t, Proof: proof})
				changed = true
				continue
			}
		}
		if seats == nil {
			done = false
			continue
		}
		s.remember(seats)
		mark(seen, seats)
	}
	return changed, done
}

func mark(seen []bool, seats panel) {
	for t, c := range seats {
		if c > 0 {
			seen[t] = true
		}
	}
}

// seatOne looks for a panel with a seat for t and for as many others not seen yet as may be.
func (s *solver) seatOne(t int, seen []bool) panel {
	k, err := s.space.newLP()
	if err != nil {
		return nil
	}
	for u := range seen {
		if !seen[u] {
			k.SetCost(u, -1)
		}
	}
	k.SetRange(t, 1, float64(s.space.caps[t]))
	k.Reset()
	return s.search(k, &lp.Search{Nodes: 2000, Below: math.Inf(1), First: true}).Point
}
