package lp

import "math"

// Outcome is how a solve ended.
type Outcome int

const (
	Optimal    Outcome = iota // X is a best point
	Infeasible                // Ray proves that there is none
	Cutoff                    // every point costs at least Simplex.Cutoff
	Numeric                   // rounding errors won; the point means nothing
)

const (
	feasible = 1e-9 // how far outside its bounds a value may be, relative to 1 + the bound
	smallest = 1e-7 // the smallest coefficient that may become a pivot
	flat     = 1e-12
)

// Simplex is a programme with its current basis. It is not for concurrent use.
type Simplex struct {
	// Cutoff ends a solve as soon as the cost of every point is known to reach it. New sets +Inf.
	Cutoff float64
	// SharpRay makes Solve compute its inverse afresh before it reports a ray.
	SharpRay bool
	// Limit is how many pivots one solve may take before it ends as Numeric; New sets 20,000 + 200 a row.
	Limit int64
	// Pivots counts the work done since New, the same on every machine; computing the inverse afresh
	// counts as half a pivot a row.
	Pivots int64

	m, n int
	a    *matrix
	// By variable: the columns, then one logical a row, whose value is the row's sum.
	lower, upper, cost []float64
	x, d, alpha        []float64 // value, reduced cost, coefficient in the pivot row
	move               []float64 // 1 at its lower bound, -1 at its upper, 0 in the basis or fixed
	place              []int32   // row of the basis, or -1
	high               []bool    // rests at its upper bound

	basis  []int32   // the variable of each row
	inv    []float64 // inverse of the basis, m by m
	norm   []float64 // squared length of each row of inv
	since  int       // pivots since inv was computed afresh
	stalls int
	total  float64 // cost of x, kept while Cutoff is finite

	active []int32 // columns that are not fixed, refreshed by Reset
	cands  []candidate
	who    []int32 // scratch of sift
	rho    []float64
	col    []float64
	work   []float64
	square []float64
	ray    []float64
	out    int // row of the basis that the last ray came from
	below  bool
}

// New checks p and starts from the basis of logicals, with every column at its lower bound.
func New(p Problem) (*Simplex, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	m, n := len(p.Rows), len(p.Columns)
	s := &Simplex{Cutoff: math.Inf(1), Limit: int64(200*m + 20000), m: m, n: n, a: newMatrix(p)}
	size := n + m
	s.lower, s.upper, s.cost = make([]float64, size), make([]float64, size), make([]float64, size)
	s.x, s.d, s.alpha, s.move = make([]float64, size), make([]float64, size), make([]float64, size), make([]float64, size)
	s.place, s.high = make([]int32, size), make([]bool, size)
	for j, c := range p.Columns {
		s.lower[j], s.upper[j], s.cost[j] = c.Bounds.Lower, c.Bounds.Upper, c.Cost
	}
	for i, b := range p.Rows {
		s.lower[n+i], s.upper[n+i] = b.Lower, b.Upper
	}
	s.basis, s.inv = make([]int32, m), make([]float64, m*m)
	s.scratch()
	s.Restart()
	return s, nil
}

// Clone returns an independent copy with the same basis. The coefficients are shared until rows are
// added.
func (s *Simplex) Clone() *Simplex {
	k := *s
	a := *s.a
	a.sums = make([]float64, len(a.sums))
	k.a = &a
	for _, v := range []*[]float64{&k.lower, &k.upper, &k.cost, &k.x, &k.d, &k.move, &k.inv} {
		*v = append([]float64(nil), *v...)
	}
	k.place, k.basis = append([]int32(nil), s.place...), append([]int32(nil), s.basis...)
	k.high = append([]bool(nil), s.high...)
	k.active = append([]int32(nil), s.active...)
	k.alpha, k.cands, k.who, k.square = make([]float64, len(s.alpha)), nil, nil, nil
	k.scratch()
	copy(k.norm, s.norm)
	k.Pivots = 0
	return &k
}

func (s *Simplex) scratch() {
	s.norm, s.rho, s.col = make([]float64, s.m), make([]float64, s.m), make([]float64, s.m)
	s.work, s.ray = make([]float64, s.m), make([]float64, s.m)
}

// Rows and Columns give the size of the programme.
func (s *Simplex) Rows() int    { return s.m }
func (s *Simplex) Columns() int { return s.n }

// SetCost sets the cost of column j; [Simplex.Reset] must follow before the next solve.
func (s *Simplex) SetCost(j int, v float64) { s.cost[j] = v }

// SetRowCost sets a cost on the sum of row i; [Simplex.Reset] must follow.
func (s *Simplex) SetRowCost(i int, v float64) { s.cost[s.n+i] = v }

// SetRange sets the bounds of column j; [Simplex.Reset] must follow. [Simplex.Tighten] needs no Reset.
func (s *Simplex) SetRange(j int, lower, upper float64) { s.lower[j], s.upper[j] = lower, upper }

// SetRowRange sets the bounds of row i; [Simplex.Reset] must follow.
func (s *Simplex) SetRowRange(i int, lower, upper float64) {
	s.lower[s.n+i], s.upper[s.n+i] = lower, upper
}

// Range returns the bounds of column j, RowRange those of row i.
func (s *Simplex) Range(j int) (lower, upper float64)    { return s.lower[j], s.upper[j] }
func (s *Simplex) RowRange(i int) (lower, upper float64) { return s.lower[s.n+i], s.upper[s.n+i] }

// Basic reports whether column j is in the basis.
func (s *Simplex) Basic(j int) bool { return s.place[j] >= 0 }

// X is the current point, one value a column. It is the caller's only until the next call.
func (s *Simplex) X() []float64 { return s.x[:s.n] }

// RowSums are the sums of the rows at the current point, as the simplex carries them.
func (s *Simplex) RowSums() []float64 { return s.x[s.n:] }

// RowPrices are the multipliers of the rows after Optimal: what a unit more of a row's bound costs.
func (s *Simplex) RowPrices() []float64 {
	out := make([]float64, s.m)
	for i := range out {
		if s.place[s.n+i] < 0 {
			out[i] = s.d[s.n+i]
		}
	}
	return out
}

// Objective is the cost of the current point.
func (s *Simplex) Objective() float64 {
	t := 0.0
	for j, c := range s.cost {
		if c != 0 {
			t += float64(c * s.x[j])
		}
	}
	return t
}

// Product is the product of row multipliers y with column j.
func (s *Simplex) Product(y []float64, j int) float64 { return s.a.dot(y, j) }

// Each calls f with every coefficient of column j.
func (s *Simplex) Each(j int, f func(row int, v float64)) {
	s.a.each(j, func(r int32, v float64) { f(int(r), v) })
}

// Ray is the proof after Infeasible, one multiplier y a row: at every point of the columns' ranges
// the product of y with the row sums exceeds what the rows' ranges allow, so no point meets both.
func (s *Simplex) Ray() []float64 { return s.ray }

// Restart forgets the basis. A Reset is part of it.
func (s *Simplex) Restart() {
	s.listActive()
	s.restart()
}

func (s *Simplex) restart() {
	for j := range s.place {
		s.place[j] = -1
	}
	for i := range s.m {
		s.basis[i], s.place[s.n+i] = int32(s.n+i), int32(i)
	}
	s.factor()
	s.reset()
}

// Reset takes new costs and ranges into account: it prices every variable with the current basis,
// moves those outside it to the bound that their reduced cost prefers, and computes the point.
func (s *Simplex) Reset() {
	s.listActive()
	s.reset()
}

// listActive leaves out columns that are fixed until the next Reset. Columns that Tighten fixes stay.
func (s *Simplex) listActive() {
	s.active = s.active[:0]
	for j := range s.n {
		if s.lower[j] < s.upper[j] {
			s.active = append(s.active, int32(j))
			continue
		}
		s.alpha[j] = 0
		s.rest(j, 0)
	}
}

func (s *Simplex) reset() {
	y := s.prices()
	s.a.products(y, s.alpha, s.active)
	for _, j := range s.active {
		s.rest(int(j), s.cost[j]-s.alpha[j])
	}
	for i, v := range y {
		s.rest(s.n+i, s.cost[s.n+i]+v)
	}
	s.solvePrimal()
	s.total = s.Objective()
}

// rest puts variable j, of reduced cost d, where it belongs outside the basis.
func (s *Simplex) rest(j int, d float64) {
	s.move[j] = 0
	if s.place[j] >= 0 {
		s.d[j] = 0
		return
	}
	s.d[j] = d
	if d > flat {
		s.high[j] = false
	} else if d < -flat {
		s.high[j] = true
	}
	s.park(j)
}

// park sets the value and the direction of a variable outside the basis from its side.
func (s *Simplex) park(j int) {
	s.x[j], s.move[j] = s.lower[j], 1
	if s.high[j] {
		s.x[j], s.move[j] = s.upper[j], -1
	}
	if s.lower[j] == s.upper[j] {
		s.move[j] = 0
	}
}

// prices are the multipliers of the rows for the current basis.
func (s *Simplex) prices() []float64 {
	y := s.work
	clear(y)
	for r, v := range s.basis {
		if c := s.cost[v]; c != 0 {
			for i, a := range s.inv[r*s.m : (r+1)*s.m] {
				y[i] += float64(c * a)
			}
		}
	}
	return y
}

// solvePrimal computes the variables in the basis from the others.
func (s *Simplex) solvePrimal() {
	b := s.work
	clear(b)
	for j := range s.n {
		if s.place[j] < 0 && s.x[j] != 0 {
			s.a.scatter(b, j, -s.x[j])
		}
	}
	for i := range s.m {
		if s.place[s.n+i] < 0 {
			b[i] += s.x[s.n+i]
		}
	}
	for r, v := range s.basis {
		s.x[v] = inner(s.inv[r*s.m:(r+1)*s.m], b)
	}
}

func inner(a, b []float64) float64 {
	t := 0.0
	b = b[:len(a)]
	for i, v := range a {
		t += float64(v * b[i])
	}
	return t
}

// column computes the current form of variable j: the basis' inverse times its coefficients.
func (s *Simplex) column(j int) {
	if j >= s.n {
		k := j - s.n
		for i := range s.col {
			s.col[i] = -s.inv[i*s.m+k]
		}
		return
	}
	for i := range s.col {
		s.col[i] = s.a.dot(s.inv[i*s.m:(i+1)*s.m], j)
	}
}

// Tighten changes the range of column j and keeps the point in step, without a Reset. The range must
// stay within what it was at the last Reset.
func (s *Simplex) Tighten(j int, lower, upper float64) {
	s.lower[j], s.upper[j] = lower, upper
	if s.place[j] >= 0 {
		return
	}
	old := s.x[j]
	s.high[j] = s.d[j] < -flat || (s.d[j] <= flat && s.high[j])
	s.park(j)
	dx := s.x[j] - old
	if dx == 0 {
		return
	}
	s.total += float64(s.d[j] * dx)
	s.column(j)
	for i, v := range s.basis {
		s.x[v] -= float64(s.col[i] * dx)
	}
}
