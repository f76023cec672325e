package lp

import (
	"cmp"
	"slices"
)

// matrix holds the coefficients by column. Columns of a quota problem are sets of rows (coefficient 1)
// and share most of them, so those are stored as a few parts a column, each part a set of rows that
// many columns have in common: a product with a row vector sums each part once and then adds two or
// three sums a column. All other coefficients, and rows added later, stand in rest.
type matrix struct {
	n     int
	width int     // parts a column
	part  []int32 // the parts of column j are part[j*width : (j+1)*width]
	head  []int32 // the rows of part p are rows[head[p] : head[p+1]]
	rows  []int32
	sums  []float64 // scratch: one sum a part
	start []int32   // the rest of column j is at[start[j]:start[j+1]], rows ascending
	at    []int32
	value []float64
}

// newMatrix reads the columns. Entries of a column may come in any order.
func newMatrix(p Problem) *matrix {
	a := &matrix{n: len(p.Columns), start: make([]int32, 1, len(p.Columns)+1)}
	units := make([][]int32, a.n)
	longest := 0
	for j, c := range p.Columns {
		entries := c.Entries
		if !slices.IsSortedFunc(entries, byRow) {
			entries = slices.SortedFunc(slices.Values(entries), byRow)
		}
		for _, e := range entries {
			if e.Value == 1 {
				units[j] = append(units[j], int32(e.At))
			} else if e.Value != 0 {
				a.at = append(a.at, int32(e.At))
				a.value = append(a.value, e.Value)
			}
		}
		a.start = append(a.start, int32(len(a.at)))
		longest = max(longest, len(units[j]))
	}
	a.group(units, longest, len(p.Rows))
	a.sums = make([]float64, len(a.head))
	return a
}

func byRow(a, b Entry) int { return cmp.Compare(a.At, b.At) }

// group cuts the lists of rows into runs of positions, each as long as it has few distinct contents.
func (a *matrix) group(units [][]int32, longest, rows int) {
	limit := max(24, a.n/8)
	var runs [][]int32 // part of each column, a run
	a.head = append(a.head, 0)
	for from := 0; from < longest; {
		ids, lists := a.run(units, from, from+1, rows)
		to := from + 1
		for to < longest {
			more, moreLists := a.run(units, from, to+1, rows)
			if len(moreLists) > limit {
				break
			}
			ids, lists, to = more, moreLists, to+1
		}
		first := int32(len(a.head) - 1)
		for _, l := range lists {
			a.rows = append(a.rows, l...)
			a.head = append(a.head, int32(len(a.rows)))
		}
		for j := range ids {
			ids[j] += first
		}
		runs = append(runs, ids)
		from = to
	}
	a.width = len(runs)
	a.part = make([]int32, a.n*a.width)
	for k, ids := range runs {
		for j, id := range ids {
			a.part[j*a.width+k] = id
		}
	}
}

// run numbers the distinct contents of positions from to to in order of first appearance.
func (a *matrix) run(units [][]int32, from, to, rows int) ([]int32, [][]int32) {
	ids := make([]int32, len(units))
	count := int32(1)
	next := make([]int32, len(units)) // id after one more position, by (id, row)
	for k := from; k < to; k++ {
		table := make([]int32, int(count)*(rows+1))
		count = 0
		for j, u := range units {
			row := rows
			if k < len(u) {
				row = int(u[k])
			}
			cell := &table[int(ids[j])*(rows+1)+row]
			if *cell == 0 {
				count++
				*cell = count
			}
			next[j] = *cell - 1
		}
		copy(ids, next)
	}
	lists := make([][]int32, 0, count)
	for j, u := range units {
		if int(ids[j]) == len(lists) {
			lists = append(lists, u[min(from, len(u)):min(to, len(u))])
		}
	}
	return ids, lists
}

// each calls f with every coefficient of column j.
func (a *matrix) each(j int, f func(row int32, v float64)) {
	for _, p := range a.part[j*a.width : (j+1)*a.width] {
		for _, r := range a.rows[a.head[p]:a.head[p+1]] {
			f(r, 1)
		}
	}
	for e := a.start[j]; e < a.start[j+1]; e++ {
		f(a.at[e], a.value[e])
	}
}

// coefficient is that of column j in row i.
func (a *matrix) coefficient(i, j int) float64 {
	for _, p := range a.part[j*a.width : (j+1)*a.width] {
		for _, r := range a.rows[a.head[p]:a.head[p+1]] {
			if int(r) == i {
				return 1
			}
		}
	}
	from, to := a.start[j], a.start[j+1]
	if at, ok := slices.BinarySearch(a.at[from:to], int32(i)); ok {
		return a.value[int(from)+at]
	}
	return 0
}

// scatter adds v times column j to y.
func (a *matrix) scatter(y []float64, j int, v float64) {
	for _, p := range a.part[j*a.width : (j+1)*a.width] {
		for _, r := range a.rows[a.head[p]:a.head[p+1]] {
			y[r] += v
		}
	}
	for e := a.start[j]; e < a.start[j+1]; e++ {
		y[a.at[e]] += float64(v * a.value[e])
	}
}

// dot is the product of y with column j.
func (a *matrix) dot(y []float64, j int) float64 {
	s := 0.0
	for _, p := range a.part[j*a.width : (j+1)*a.width] {
		for _, r := range a.rows[a.head[p]:a.head[p+1]] {
			s += y[r]
		}
	}
	for e := a.start[j]; e < a.start[j+1]; e++ {
		s += float64(y[a.at[e]] * a.value[e])
	}
	return s
}

// products writes the product of y with each column of list to out, at the column's place.
func (a *matrix) products(y, out []float64, list []int32) {
	sums := a.sums
	for p := range len(a.head) - 1 {
		s := 0.0
		for _, r := range a.rows[a.head[p]:a.head[p+1]] {
			s += y[r]
		}
		sums[p] = s
	}
	part := a.part
	switch a.width {
	case 0:
		for _, j := range list {
			out[j] = 0
		}
	case 1:
		for _, j := range list {
			out[j] = sums[part[j]]
		}
	case 2:
		for _, j := range list {
			out[j] = sums[part[2*j]] + sums[part[2*j+1]]
		}
	case 3:
		for _, j := range list {
			out[j] = sums[part[3*j]] + sums[part[3*j+1]] + sums[part[3*j+2]]
		}
	default:
		w := int32(a.width)
		for _, j := range list {
			s := 0.0
			for _, p := range part[j*w : (j+1)*w] {
				s += sums[p]
			}
			out[j] = s
		}
	}
	if len(a.at) == 0 {
		return
	}
	for _, j := range list {
		for e := a.start[j]; e < a.start[j+1]; e++ {
			out[j] += float64(y[a.at[e]] * a.value[e])
		}
	}
}
