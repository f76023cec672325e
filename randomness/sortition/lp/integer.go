package lp

import "math"

// whole is how far a value may be from a whole number and still count as one.
const whole = 1e-6

// Search is a depth-first branch and bound over the whole numbers.
type Search struct {
	Nodes   int64   // stop after so many nodes; 0 is 200,000
	Below   float64 // only points that cost less than this count; +Inf for all
	First   bool    // stop at the first point
	Enough  float64 // stop at a point that costs no more than this; unused when First
	Visited int64   // nodes visited, all calls together

	Stop func() bool // asked at every node when it is not nil: true ends the search as a spent budget does
}

// Found is the outcome of a search. Point is nil when there is none; Complete says that the search was
// not cut short by its budget: then Point is a cheapest one, or there is none at all (or First or
// Enough ended it).
type Found struct {
	Point    []int32
	Cost     float64
	Root     float64 // cost of the best point in fractions, when there was one
	Complete bool
}

// Integer searches for the cheapest point whose columns are all whole numbers. Ranges are as before
// when it returns. Reset must have followed the last change of costs.
func (s *Simplex) Integer(f *Search) Found {
	if f.Nodes == 0 {
		f.Nodes = 200_000
	}
	t := &tree{s: s, f: f, left: f.Nodes, best: Found{Cost: f.Below, Root: math.Inf(1), Complete: true}}
	t.visit(0)
	s.Cutoff = math.Inf(1)
	return t.best
}

type tree struct {
	s    *Simplex
	f    *Search
	left int64
	best Found
}

// visit searches below the current ranges and reports whether the whole search is over.
func (t *tree) visit(depth int) bool {
	if t.left == 0 || (t.f.Stop != nil && t.f.Stop()) {
		t.best.Complete = false
		return true
	}
	t.left--
	t.f.Visited++
	s := t.s
	s.Cutoff = t.best.Cost - 1e-9
	out := s.Solve()
	if out == Numeric {
		s.restart()
		out = s.Solve()
	}
	if out == Numeric {
		t.best.Complete = false
		return false
	}
	if out != Optimal {
		return false
	}
	if depth == 0 {
		t.best.Root = s.Objective()
	}
	j := s.mostFractional()
	if j < 0 {
		return t.take()
	}
	return t.branch(j, depth)
}

// branch visits the nearer side first.
func (t *tree) branch(j, depth int) bool {
	s := t.s
	lower, upper := s.Range(j)
	floor := math.Floor(s.x[j])
	up := s.x[j]-floor > 0.5
	for range 2 {
		if up {
			s.Tighten(j, floor+1, upper)
		} else {
			s.Tighten(j, lower, floor)
		}
		over := t.visit(depth + 1)
		s.Tighten(j, lower, upper)
		if over {
			return true
		}
		up = !up
	}
	return false
}

func (t *tree) take() bool {
	s := t.s
	cost := s.Objective()
	if cost >= t.best.Cost {
		return false
	}
	if t.best.Point == nil {
		t.best.Point = make([]int32, s.n)
	}
	for j := range t.best.Point {
		t.best.Point[j] = int32(math.Floor(s.x[j] + 0.5))
	}
	t.best.Cost = cost
	return t.f.First || cost <= t.f.Enough
}

// mostFractional returns the column farthest from a whole number, or -1.
func (s *Simplex) mostFractional() int {
	at, best := -1, 0.0
	for _, v := range s.heads {
		j := int(v)
		f := s.x[j] - math.Floor(s.x[j])
		f = min(f, 1-f)
		if f > whole && (f > best+flat || (f >= best-flat && j < at)) {
			at, best = j, f
		}
	}
	return at
}
