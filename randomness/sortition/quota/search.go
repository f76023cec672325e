package quota

import (
	"context"
	"errors"
	"math"
	"slices"

	"kleroterion/randomness/sortition/lp"
)

// ErrUndecided says that a search ended before it found a panel or proved that there is none.
var ErrUndecided = errors.New("not decided within the limit of the search")

// maxNodes is the limit of one search, counted in linear programmes.
const maxNodes = 200_000

// search decides whether a system has a point. The linear programme works in floating point and only
// proposes: points and multipliers count when they hold in whole numbers. The box of sys is that of
// the part at hand.
type search struct {
	ctx   context.Context
	sys   *system
	lp    *lp.Simplex
	left  int64 // nodes
	point []int64
}

// decide returns a point of the system, or a proof that there is none.
func decide(ctx context.Context, sys *system, nodes int64) ([]int64, Proof, error) {
	s := &search{ctx: ctx, sys: sys, left: nodes}
	var err error
	if s.lp, err = sys.programme(); err != nil {
		return nil, nil, err
	}
	if s.dive(); s.point != nil {
		return s.point, nil, nil
	}
	proof, err := s.visit()
	if err != nil {
		return nil, nil, err
	}
	return s.point, proof, nil
}

// dive tries a few short searches, each from another corner: panels are mostly found at once, and
// where a search goes astray another does better than more of the same.
func (s *search) dive() {
	const tries, nodes = 8, 150
	mix := uint64(1)
	for try := range tries {
		if s.ctx.Err() != nil || len(s.sys.upper) == 0 {
			return
		}
		for j := range s.sys.upper {
			mix = mix*6364136223846793005 + 1442695040888963407
			s.lp.SetCost(j, float64(mix>>44)*float64(min(try, 1)))
		}
		s.lp.Reset()
		found := s.lp.Integer(&lp.Search{Nodes: nodes, First: true, Below: math.Inf(1)})
		if s.take(found.Point) || found.Complete {
			break
		}
	}
	for j := range s.sys.upper {
		s.lp.SetCost(j, 0)
	}
	s.lp.Reset()
}

// take keeps a point that holds.
func (s *search) take(point []int32) bool {
	if point == nil {
		return false
	}
	x := make([]int64, len(point))
	for j, v := range point {
		x[j] = int64(v)
	}
	if !s.sys.holds(x) {
		return false
	}
	s.point = x
	return true
}

// visit searches the present box. It returns a proof that the box has no point, or nil with the point.
func (s *search) visit() (Proof, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if s.left == 0 {
		return nil, ErrUndecided
	}
	s.left--
	if s.free() < 0 {
		return s.single(), nil
	}
	outcome := s.lp.Solve()
	if outcome == lp.Infeasible {
		if y := s.sys.multipliers(s.lp.Ray()); y != nil {
			return closed(y), nil
		}
	}
	if outcome != lp.Optimal {
		return s.afresh()
	}
	return s.settle()
}

// settle takes the point of the linear programme when it is whole, and splits the box otherwise.
func (s *search) settle() (Proof, error) {
	const whole = 1e-6
	point := make([]int32, len(s.sys.upper))
	at, most := -1, whole
	for j, v := range s.lp.X() {
		point[j] = int32(math.Floor(v + 0.5))
		off := math.Abs(v - float64(point[j]))
		if off > whole && j >= s.sys.first {
			off++
		}
		if off > most {
			at, most = j, off
		}
	}
	if at >= 0 {
		v := s.lp.X()[at]
		return s.split(at, int64(math.Floor(v)), v-math.Floor(v) > 0.5)
	}
	if s.take(point) {
		return nil, nil
	}
	return s.splitFree()
}

// afresh solves the box with a programme of its own, after one that was not to be trusted.
func (s *search) afresh() (Proof, error) {
	before := s.lp
	defer func() { s.lp = before }()
	var err error
	if s.lp, err = s.sys.programme(); err != nil {
		return nil, err
	}
	switch s.lp.Solve() {
	case lp.Optimal:
		return s.settle()
	case lp.Infeasible:
		if y := s.sys.multipliers(s.lp.Ray()); y != nil {
			return closed(y), nil
		}
	}
	return s.splitFree()
}

// free returns a column that has more than one value, or -1.
func (s *search) free() int {
	for j, v := range s.sys.lower {
		if v < s.sys.upper[j] {
			return j
		}
	}
	return -1
}

// splitFree splits where the linear programme is of no use.
func (s *search) splitFree() (Proof, error) {
	j := s.free()
	return s.split(j, (s.sys.lower[j]+s.sys.upper[j])/2, true)
}

// single decides a box of one point: it is a point of the system, or a row of it is broken.
func (s *search) single() Proof {
	if x := append([]int64{}, s.sys.lower...); s.sys.holds(x) {
		s.point = x
		return nil
	}
	y := make([]int64, len(s.sys.rows))
	for r := range y {
		for _, v := range []int64{1, -1} {
			if y[r] = v; s.sys.refutes(y) {
				return closed(y)
			}
		}
		y[r] = 0
	}
	panic("quota: a point that breaks no row")
}

// split searches the part in which column j is at most v and the part in which it is more.
func (s *search) split(j int, v int64, moreFirst bool) (Proof, error) {
	lower, upper := s.sys.lower[j], s.sys.upper[j]
	defer s.narrow(j, lower, upper)
	var parts [2]Proof
	for _, more := range []bool{moreFirst, !moreFirst} {
		part := &parts[0]
		if more {
			part = &parts[1]
			s.narrow(j, v+1, upper)
		} else {
			s.narrow(j, lower, v)
		}
		var err error
		if *part, err = s.visit(); err != nil || s.point != nil {
			return nil, err
		}
	}
	return slices.Concat(Proof{{Split: &Split{Type: j, AtMost: v}}}, parts[0], parts[1]), nil
}

func (s *search) narrow(j int, lower, upper int64) {
	s.sys.lower[j], s.sys.upper[j] = lower, upper
	s.lp.Tighten(j, float64(lower), float64(upper))
}
