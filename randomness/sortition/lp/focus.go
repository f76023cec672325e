package lp

import "math"

// Focus leaves only the columns with the smallest reduced costs free to move, some for each column of the
// basis, and those in the basis. The others stay where they are until the next Reset, which makes pivots cheap;
// in return Infeasible and a complete search then say nothing of the programme as a whole.
func (s *Simplex) Focus(each int) {
	count := each * (len(s.heads) + 8)
	if len(s.active) <= count {
		return
	}
	sizes := make([]float64, len(s.active))
	for i, j := range s.active {
		sizes[i] = math.Abs(s.d[j])
	}
	most := nth(sizes, count)
	kept := s.active[:0]
	for _, j := range s.active {
		if s.pos[j] >= 0 || math.Abs(s.d[j]) <= most {
			kept = append(kept, j)
		} else {
			s.alpha[j] = 0
		}
	}
	s.active = kept
}

// nth returns the k-th smallest value, counting from 0; it reorders v.
func nth(v []float64, k int) float64 {
	lo, hi := 0, len(v)
	for hi-lo > 1 {
		p := median(v[lo], v[(lo+hi)/2], v[hi-1])
		less, at, more := lo, lo, hi
		for at < more {
			switch {
			case v[at] < p:
				v[less], v[at] = v[at], v[less]
				less++
				at++
			case v[at] > p:
				more--
				v[more], v[at] = v[at], v[more]
			default:
				at++
			}
		}
		switch {
		case k < less:
			hi = less
		case k >= more:
			lo = more
		default:
			return p
		}
	}
	return v[lo]
}
