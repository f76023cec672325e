package lp

// AddRows adds rows; entries are by column. The basis grows by their logicals, so the reduced costs
// stay in order and the next Solve starts where the last one ended.
func (s *Simplex) AddRows(rows [][]Entry, bounds []Bounds) {
	if len(rows) == 0 {
		return
	}
	old := s.m
	s.m += len(rows)
	s.Limit += int64(200 * len(rows))
	s.a = s.a.withRows(rows, old)
	for k, b := range bounds {
		sum := 0.0
		for _, e := range rows[k] {
			sum += float64(e.Value * s.x[e.At])
		}
		s.lower, s.upper = append(s.lower, b.Lower), append(s.upper, b.Upper)
		s.cost, s.x, s.d = append(s.cost, 0), append(s.x, sum), append(s.d, 0)
		s.alpha, s.move = append(s.alpha, 0), append(s.move, 0)
		s.high, s.norm = append(s.high, false), append(s.norm, 1)
		s.slot = append(s.slot, -1)
	}
	s.scratch()
	s.Work += int64(len(s.a.at) + len(rows)*len(s.heads)*16)
	for i := old; i < s.m; i++ {
		s.norm[s.n+i] = s.logicalLength(i)
	}
}

// withRows returns a copy of a with further rows from number first on.
func (a *matrix) withRows(rows [][]Entry, first int) *matrix {
	count := make([]int32, a.n+1)
	for j := range a.n {
		count[j+1] = a.start[j+1] - a.start[j]
	}
	for _, r := range rows {
		for _, e := range r {
			count[e.At+1]++
		}
	}
	for j := range a.n {
		count[j+1] += count[j]
	}
	k := *a
	k.start = count
	k.at, k.value = make([]int32, count[a.n]), make([]float64, count[a.n])
	next := append([]int32(nil), count[:a.n]...)
	for j := range a.n {
		from, to := a.start[j], a.start[j+1]
		copy(k.at[next[j]:], a.at[from:to])
		copy(k.value[next[j]:], a.value[from:to])
		next[j] += to - from
	}
	for i, r := range rows {
		for _, e := range r {
			k.at[next[e.At]], k.value[next[e.At]] = int32(first+i), e.Value
			next[e.At]++
		}
	}
	return &k
}

// DropRows removes the rows for which drop reports true and whose logical is in the basis; rows
// before first stay. It returns the new number of each old row, -1 for those dropped.
func (s *Simplex) DropRows(first int, drop func(i int) bool) []int {
	number := make([]int, s.m)
	kept := 0
	for i := range number {
		number[i] = -1
		if i < first || s.slot[i] >= 0 || !drop(i) {
			number[i] = kept
			kept++
		}
	}
	if kept == s.m {
		return number
	}
	for i, k := range number {
		if k < 0 {
			continue
		}
		from, to := s.n+i, s.n+k
		s.lower[to], s.upper[to], s.cost[to] = s.lower[from], s.upper[from], s.cost[from]
		s.x[to], s.d[to], s.move[to], s.high[to] = s.x[from], s.d[from], s.move[from], s.high[from]
		s.norm[to], s.slot[k] = s.norm[from], s.slot[i]
	}
	for c, i := range s.tight {
		s.tight[c] = int32(number[i])
	}
	size := s.n + kept
	for _, v := range []*[]float64{&s.lower, &s.upper, &s.cost, &s.x, &s.d, &s.alpha, &s.move, &s.norm} {
		*v = (*v)[:size]
	}
	s.high, s.slot, s.m = s.high[:size], s.slot[:kept], kept
	s.a = s.a.without(number)
	s.scratch()
	s.reset()
	return number
}

// without returns a copy of a with its rows numbered anew; only rows in rest may be dropped.
func (a *matrix) without(number []int) *matrix {
	k := *a
	k.start = make([]int32, 1, a.n+1)
	k.at, k.value = nil, nil
	for j := range a.n {
		for e := a.start[j]; e < a.start[j+1]; e++ {
			if to := number[a.at[e]]; to >= 0 {
				k.at, k.value = append(k.at, int32(to)), append(k.value, a.value[e])
			}
		}
		k.start = append(k.start, int32(len(k.at)))
	}
	return &k
}
