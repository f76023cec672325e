package panels_test

import (
	"math/big"
	"slices"
)

// tableau is the textbook simplex in fractions with Bland's rule: slow, and nothing of it is shared
// with package lp. Variables are 0 or more.
type tableau struct {
	rows  [][]*big.Rat
	right []*big.Rat
	slack []bool
}

func (tab *tableau) equal(row []*big.Rat, v *big.Rat) {
	tab.rows, tab.right, tab.slack = append(tab.rows, row), append(tab.right, v), append(tab.slack, false)
}

func (tab *tableau) atLeast(row []*big.Rat, v *big.Rat) {
	tab.rows, tab.right, tab.slack = append(tab.rows, row), append(tab.right, v), append(tab.slack, true)
}

// maximum solves in two phases: artificial variables out, then the objective.
func (tab *tableau) maximum(objective []*big.Rat) *big.Rat {
	n, m := len(objective), len(tab.rows)
	width := n + 2*m + 1 // variables, slacks, artificials, right side
	a := make([][]*big.Rat, m)
	basis := make([]int, m)
	phase := zeros(width)
	for i, row := range tab.rows {
		a[i] = zeros(width)
		for j, v := range row {
			if v != nil {
				a[i][j].Set(v)
			}
		}
		if tab.slack[i] {
			a[i][n+i].SetInt64(-1)
		}
		a[i][n+m+i].SetInt64(1)
		a[i][width-1].Set(tab.right[i]) // never negative here
		basis[i] = n + m + i
		for j := range width {
			if j < n+m || j == width-1 {
				phase[j].Add(phase[j], a[i][j])
			}
		}
	}
	run(a, basis, phase, n+m)
	if phase[width-1].Sign() != 0 {
		panic("no point")
	}
	for i, b := range basis { // artificial variables that stayed at 0 must not come back
		if in := slices.IndexFunc(a[i][:n+m], func(v *big.Rat) bool { return v.Sign() != 0 }); b >= n+m && in >= 0 {
			pivot(a, basis, phase, i, in)
		}
	}
	cost := zeros(width)
	for j, v := range objective {
		if v != nil {
			cost[j].Set(v)
		}
	}
	for i, b := range basis {
		reduce(cost, a[i], new(big.Rat).Set(cost[b]))
	}
	run(a, basis, cost, n+m)
	return new(big.Rat).Neg(cost[width-1])
}

func zeros(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

func reduce(row, by []*big.Rat, f *big.Rat) {
	if f.Sign() == 0 {
		return
	}
	for j := range row {
		if by[j].Sign() != 0 {
			row[j].Sub(row[j], new(big.Rat).Mul(f, by[j]))
		}
	}
}

func run(a [][]*big.Rat, basis []int, cost []*big.Rat, columns int) {
	for {
		in := slices.IndexFunc(cost[:columns], func(v *big.Rat) bool { return v.Sign() > 0 })
		if in < 0 {
			return
		}
		out := -1
		var best *big.Rat
		last := len(cost) - 1
		for i := range a {
			if a[i][in].Sign() <= 0 {
				continue
			}
			q := new(big.Rat).Quo(a[i][last], a[i][in])
			if out < 0 || q.Cmp(best) < 0 || (q.Cmp(best) == 0 && basis[i] < basis[out]) {
				out, best = i, q
			}
		}
		if out < 0 {
			panic("unbounded")
		}
		pivot(a, basis, cost, out, in)
	}
}

func pivot(a [][]*big.Rat, basis []int, cost []*big.Rat, out, in int) {
	f := new(big.Rat).Inv(a[out][in])
	for j := range a[out] {
		a[out][j].Mul(a[out][j], f)
	}
	for i := range a {
		if i != out {
			reduce(a[i], a[out], new(big.Rat).Set(a[i][in]))
		}
	}
	reduce(cost, a[out], new(big.Rat).Set(cost[in]))
	basis[out] = in
}
