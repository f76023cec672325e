package lp

import (
	"math"
	"slices"
)

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
	// Work counts elementary steps since New, the same on every machine; a solve ends as Numeric once it
	// reaches WorkLimit, which New sets to the largest number there is.
	Work, WorkLimit int64

	m, n int
	a    *matrix
	// By variable: the columns, then one logical a row, whose value is the row's sum.
	lower, upper, cost []float64
	x, d, alpha        []float64 // value, reduced cost, coefficient in the pivot row
	move               []float64 // 1 at its lower bound, -1 at its upper, 0 in the basis or fixed
	norm               []float64 // squared length of its row of the basis' inverse, while in the basis
	high               []bool    // rests at its upper bound

	heads  []int32   // columns of the basis
	tight  []int32   // rows whose logical is not in the basis, as many
	pos    []int32   // by column: its place in heads, or -1
	slot   []int32   // by row: its place in tight, or -1
	kernel []float64 // inverse of the tight rows of heads: a row a head, stride apart
	stride int
	since  int // pivots since kernel was computed afresh
	stalls int
	total  float64 // cost of x, kept while Cutoff is finite

	active []int32 // columns that are not fixed, refreshed by Reset
	cands  []candidate
	who    []int32   // scratch of sift
	rho    []float64 // by row: the pivot row of the inverse
	near   []float64 // by place in tight, the same
	edge   []float64 // by place in heads: the entering column in the basis
	drift  []float64 // by row, the same for the logicals of the basis
	moved  []float64 // scratch by place in heads
	dense  []float64 // scratch by place in tight
	spots  []int32
	work   []float64 // scratch by row
	square []float64
	ray    []float64
	out    int // variable of the basis that the last ray came from
	below  bool
}

// New checks p and starts from the basis of logicals, with every column at its lower bound.
func New(p Problem) (*Simplex, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	m, n := len(p.Rows), len(p.Columns)
	s := &Simplex{Cutoff: math.Inf(1), Limit: int64(200*m + 20000), WorkLimit: math.MaxInt64, m: m, n: n, a: newMatrix(p)}
	size := n + m
	all := make([]float64, 8*size)
	for i, v := range []*[]float64{&s.lower, &s.upper, &s.cost, &s.x, &s.d, &s.alpha, &s.move, &s.norm} {
		*v = all[i*size : (i+1)*size : (i+1)*size]
	}
	s.pos, s.slot, s.high = make([]int32, n), make([]int32, m), make([]bool, size)
	for j, c := range p.Columns {
		s.lower[j], s.upper[j], s.cost[j] = c.Bounds.Lower, c.Bounds.Upper, c.Cost
	}
	for i, b := range p.Rows {
		s.lower[n+i], s.upper[n+i] = b.Lower, b.Upper
	}
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
	for _, v := range []*[]float64{&k.lower, &k.upper, &k.cost, &k.x, &k.d, &k.move, &k.norm, &k.kernel} {
		*v = slices.Clone(*v)
	}
	for _, v := range []*[]int32{&k.heads, &k.tight, &k.pos, &k.slot, &k.active} {
		*v = slices.Clone(*v)
	}
	k.high = slices.Clone(s.high)
	k.alpha, k.cands, k.who, k.square, k.spots = make([]float64, len(s.alpha)), nil, nil, nil, nil
	k.scratch()
	k.Work = 0
	return &k
}

// scratch makes room for as many heads as there can be.
func (s *Simplex) scratch() {
	k := min(s.m, s.n)
	all := make([]float64, 4*s.m+4*k)
	take := func(size int) []float64 {
		v := all[:size:size]
		all = all[size:]
		return v
	}
	s.rho, s.drift, s.work, s.ray = take(s.m), take(s.m), take(s.m), take(s.m)
	s.near, s.edge, s.moved, s.dense = take(k)[:0], take(k), take(k), take(k)
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
func (s *Simplex) Basic(j int) bool { return s.pos[j] >= 0 }

// X is the current point, one value a column. It is the caller's only until the next call.
func (s *Simplex) X() []float64 { return s.x[:s.n] }

// RowSums are the sums of the rows at the current point, as the simplex carries them.
func (s *Simplex) RowSums() []float64 { return s.x[s.n:] }

// RowPrices are the multipliers of the rows after Optimal: what a unit more of a row's bound costs.
func (s *Simplex) RowPrices() []float64 {
	out := make([]float64, s.m)
	for i := range out {
		if s.slot[i] >= 0 {
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
	s.heads, s.tight, s.since = s.heads[:0], s.tight[:0], 0
	for j := range s.pos {
		s.pos[j] = -1
	}
	for i := range s.slot {
		s.slot[i] = -1
		s.norm[s.n+i] = 1
	}
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
		s.rest(j, 0, s.pos[j] >= 0)
	}
}

func (s *Simplex) reset() {
	s.Work += int64(4 * (s.n + s.m))
	y := s.prices()
	s.a.products(y, s.alpha, s.active)
	for _, j := range s.active {
		s.rest(int(j), s.cost[j]-s.alpha[j], s.pos[j] >= 0)
	}
	for i, v := range y {
		s.rest(s.n+i, s.cost[s.n+i]+v, s.slot[i] < 0)
	}
	s.solvePrimal()
	s.total = s.Objective()
}

// rest puts variable j, of reduced cost d, where it belongs outside the basis.
func (s *Simplex) rest(j int, d float64, basic bool) {
	s.move[j] = 0
	if basic {
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
	for i, c := range s.slot {
		if y[i] = 0; c < 0 {
			y[i] = -s.cost[s.n+i]
		}
	}
	sums := s.dense[:len(s.tight)]
	clear(sums)
	for p, j := range s.heads {
		if c := s.cost[j] - s.a.dot(y, int(j)); c != 0 {
			subtract(sums, s.row(p), -c)
		}
	}
	for c, i := range s.tight {
		y[i] = sums[c]
	}
	return y
}

// solvePrimal computes the variables in the basis from the others.
func (s *Simplex) solvePrimal() {
	b := s.work
	clear(b)
	for j, x := range s.x[:s.n] {
		if x != 0 && s.pos[j] < 0 {
			s.a.scatter(b, j, -x)
		}
	}
	for _, i := range s.tight {
		b[i] += s.x[s.n+int(i)]
	}
	at := s.moved[:len(s.heads)]
	s.solveHeads(b, at)
	for p, v := range s.heads {
		s.x[v] = at[p]
		s.a.scatter(b, int(v), -at[p])
	}
	for i, c := range s.slot {
		if c < 0 {
			s.x[s.n+i] = -b[i]
		}
	}
}

// Tighten changes the range of column j and keeps the point in step, without a Reset. The range must
// stay within what it was at the last Reset.
func (s *Simplex) Tighten(j int, lower, upper float64) {
	s.lower[j], s.upper[j] = lower, upper
	if s.pos[j] >= 0 {
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
	s.follow(dx)
}
