package lp_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"kleroterion/randomness/sortition/lp"
)

// draw makes a small programme with whole numbers: unit and other coefficients, tight and loose rows.
func draw(rng *rand.Rand, rows, columns int) lp.Problem {
	var p lp.Problem
	for range rows {
		lo := float64(rng.IntN(7) - 3)
		p.Rows = append(p.Rows, lp.Bounds{Lower: lo, Upper: lo + float64(rng.IntN(4))})
	}
	for range columns {
		c := lp.Column{Cost: float64(rng.IntN(21) - 10), Bounds: lp.Bounds{Upper: float64(rng.IntN(4))}}
		for i := range rows {
			switch rng.IntN(5) {
			case 0, 1:
				c.Entries = append(c.Entries, lp.Entry{At: i, Value: 1})
			case 2:
				c.Entries = append(c.Entries, lp.Entry{At: i, Value: float64(rng.IntN(5) - 2)})
			}
		}
		p.Columns = append(p.Columns, c)
	}
	return p
}

func newSimplex(t *testing.T, p lp.Problem) *lp.Simplex {
	t.Helper()
	s, err := lp.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkPoint checks that x meets every bound and returns its cost.
func checkPoint(t *testing.T, p lp.Problem, x []float64) float64 {
	t.Helper()
	sums := make([]float64, len(p.Rows))
	cost := 0.0
	for j, c := range p.Columns {
		if x[j] < c.Bounds.Lower-1e-7 || x[j] > c.Bounds.Upper+1e-7 {
			t.Fatalf("column %d is %g, outside %v", j, x[j], c.Bounds)
		}
		for _, e := range c.Entries {
			sums[e.At] += e.Value * x[j]
		}
		cost += c.Cost * x[j]
	}
	for i, b := range p.Rows {
		if sums[i] < b.Lower-1e-7 || sums[i] > b.Upper+1e-7 {
			t.Fatalf("row %d is %g, outside %v", i, sums[i], b)
		}
	}
	return cost
}

// dualBound is the least cost that the multipliers y prove.
func dualBound(p lp.Problem, y []float64) float64 {
	bound := 0.0
	for i, b := range p.Rows {
		bound += min(y[i]*b.Lower, y[i]*b.Upper)
	}
	for _, c := range p.Columns {
		d := c.Cost
		for _, e := range c.Entries {
			d -= y[e.At] * e.Value
		}
		bound += min(d*c.Bounds.Lower, d*c.Bounds.Upper)
	}
	return bound
}

// rayHolds checks the claim of Simplex.Ray.
func rayHolds(p lp.Problem, y []float64) bool {
	most, least := 0.0, 0.0
	for i, b := range p.Rows {
		most += max(y[i]*b.Lower, y[i]*b.Upper)
	}
	for _, c := range p.Columns {
		g := 0.0
		for _, e := range c.Entries {
			g += y[e.At] * e.Value
		}
		least += min(g*c.Bounds.Lower, g*c.Bounds.Upper)
	}
	return least > most+1e-9
}

func TestSolveGivesAProvenPointOrAProvenRay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	optimal, infeasible := 0, 0
	for range 4000 {
		p := draw(rng, rng.IntN(6)+1, rng.IntN(12))
		s := newSimplex(t, p)
		switch out := s.Solve(); out {
		case lp.Optimal:
			optimal++
			cost := checkPoint(t, p, s.X())
			if bound := dualBound(p, s.RowPrices()); math.Abs(bound-cost) > 1e-6 {
				t.Fatalf("cost %g, proven bound %g", cost, bound)
			}
		case lp.Infeasible:
			infeasible++
			if !rayHolds(p, s.Ray()) {
				t.Fatalf("ray %v proves nothing", s.Ray())
			}
		default:
			t.Fatalf("outcome %d", out)
		}
	}
	if optimal < 500 || infeasible < 500 {
		t.Fatalf("%d optimal and %d infeasible programmes are too few to mean anything", optimal, infeasible)
	}
}

// A solve that starts from an earlier basis, after costs, ranges and rows have changed, gives the cost
// of a solve from the start.
func TestWarmStartsAgreeWithFreshSolves(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	solved := 0
	for range 800 {
		p := draw(rng, 3, 10)
		s := newSimplex(t, p)
		for range 6 {
			switch rng.IntN(4) {
			case 0:
				j := rng.IntN(len(p.Columns))
				p.Columns[j].Cost = float64(rng.IntN(21) - 10)
				s.SetCost(j, p.Columns[j].Cost)
				s.Reset()
			case 1:
				j := rng.IntN(len(p.Columns))
				p.Columns[j].Bounds.Upper = float64(rng.IntN(4))
				s.SetRange(j, 0, p.Columns[j].Bounds.Upper)
				s.Reset()
			case 2:
				addRow(rng, &p, s)
			case 3:
				s = s.Clone()
			}
			out, fresh := s.Solve(), newSimplex(t, p)
			if want := fresh.Solve(); out != want {
				t.Fatalf("outcome %d, from the start %d", out, want)
			}
			if out == lp.Optimal {
				solved++
				if cost := checkPoint(t, p, s.X()); math.Abs(cost-fresh.Objective()) > 1e-6 {
					t.Fatalf("cost %g, from the start %g", cost, fresh.Objective())
				}
			}
		}
	}
	if solved < 500 {
		t.Fatalf("only %d programmes had a point", solved)
	}
}

func addRow(rng *rand.Rand, p *lp.Problem, s *lp.Simplex) {
	b := lp.Bounds{Lower: float64(rng.IntN(3) - 4), Upper: float64(rng.IntN(6))}
	var row []lp.Entry
	for j := range p.Columns {
		if v := rng.IntN(4) - 1; v != 0 {
			row = append(row, lp.Entry{At: j, Value: float64(v)})
			p.Columns[j].Entries = append(p.Columns[j].Entries, lp.Entry{At: len(p.Rows), Value: float64(v)})
		}
	}
	p.Rows = append(p.Rows, b)
	s.AddRows([][]lp.Entry{row}, []lp.Bounds{b})
}

// Rows that do not bind may go: the cost stays.
func TestDropRowsKeepsTheOptimum(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	dropped := 0
	for range 500 {
		p := draw(rng, 1, 12)
		s := newSimplex(t, p)
		for range 8 {
			addRow(rng, &p, s)
		}
		if s.Solve() != lp.Optimal {
			continue
		}
		want := s.Objective()
		before := s.Rows()
		s.DropRows(1, func(int) bool { return true })
		dropped += before - s.Rows()
		if s.Solve() != lp.Optimal || math.Abs(s.Objective()-want) > 1e-6 {
			t.Fatalf("cost %g, before %g", s.Objective(), want)
		}
	}
	if dropped < 100 {
		t.Fatalf("only %d rows were dropped", dropped)
	}
}

// bruteForce is the least cost over all whole points, +Inf when there is none.
func bruteForce(p lp.Problem) float64 {
	best := math.Inf(1)
	sums := make([]float64, len(p.Rows))
	var walk func(j int, cost float64)
	walk = func(j int, cost float64) {
		if j == len(p.Columns) {
			for i, b := range p.Rows {
				if sums[i] < b.Lower || sums[i] > b.Upper {
					return
				}
			}
			best = min(best, cost)
			return
		}
		c := p.Columns[j]
		for v := c.Bounds.Lower; v <= c.Bounds.Upper; v++ {
			for _, e := range c.Entries {
				sums[e.At] += e.Value * v
			}
			walk(j+1, cost+c.Cost*v)
			for _, e := range c.Entries {
				sums[e.At] -= e.Value * v
			}
		}
	}
	walk(0, 0)
	return best
}

func TestIntegerAgreesWithBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	found := 0
	for range 1500 {
		p := draw(rng, rng.IntN(4)+1, rng.IntN(7)+1)
		got := newSimplex(t, p).Integer(&lp.Search{Below: math.Inf(1), Enough: math.Inf(-1)})
		want := bruteForce(p)
		if !got.Complete || math.IsInf(want, 1) != (got.Point == nil) {
			t.Fatalf("got %+v, want cost %g", got, want)
		}
		if got.Point == nil {
			continue
		}
		found++
		x := make([]float64, len(got.Point))
		for j, v := range got.Point {
			x[j] = float64(v)
		}
		if cost := checkPoint(t, p, x); cost != want {
			t.Fatalf("cost %g, want %g", cost, want)
		}
	}
	if found < 300 {
		t.Fatalf("only %d programmes had a point", found)
	}
}

func TestIntegerStopsAtItsBudget(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	cut := 0
	for range 300 {
		p := draw(rng, 4, 10)
		f := lp.Search{Nodes: 2, Below: math.Inf(1), Enough: math.Inf(-1)}
		if got := newSimplex(t, p).Integer(&f); !got.Complete {
			cut++
		}
		if f.Visited > 2 {
			t.Fatalf("visited %d nodes of 2", f.Visited)
		}
	}
	if cut == 0 {
		t.Fatal("no search was cut short")
	}
}

func TestNewRefuses(t *testing.T) {
	for name, p := range map[string]lp.Problem{
		"infinite row":     {Rows: []lp.Bounds{{Lower: 0, Upper: math.Inf(1)}}},
		"crossed row":      {Rows: []lp.Bounds{{Lower: 1, Upper: 0}}},
		"no number":        {Rows: []lp.Bounds{{Lower: math.NaN(), Upper: 0}}},
		"infinite column":  {Columns: []lp.Column{{Bounds: lp.Bounds{Lower: math.Inf(-1)}}}},
		"crossed column":   {Columns: []lp.Column{{Bounds: lp.Bounds{Lower: 1}}}},
		"entry outside":    {Columns: []lp.Column{{Entries: []lp.Entry{{At: 0, Value: 1}}}}},
		"entry before":     {Rows: []lp.Bounds{{}}, Columns: []lp.Column{{Entries: []lp.Entry{{At: -1, Value: 1}}}}},
		"entry no number":  {Rows: []lp.Bounds{{}}, Columns: []lp.Column{{Entries: []lp.Entry{{Value: math.NaN()}}}}},
		"entry not finite": {Rows: []lp.Bounds{{}}, Columns: []lp.Column{{Entries: []lp.Entry{{Value: math.Inf(1)}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := lp.New(p); err == nil || s != nil {
				t.Error("accepted")
			}
		})
	}
}
