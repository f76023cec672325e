package quota

import "kleroterion/randomness/sortition/lp"

// programme states the system, with the present box, for package lp.
func (s *system) programme() (*lp.Simplex, error) {
	p := lp.Problem{Rows: make([]lp.Bounds, len(s.rows)), Columns: make([]lp.Column, len(s.upper))}
	reach := make([]int64, len(s.rows))
	for j, entries := range s.entries {
		column := lp.Column{Bounds: lp.Bounds{Lower: float64(s.lower[j]), Upper: float64(s.upper[j])}}
		for _, e := range entries {
			column.Entries = append(column.Entries, lp.Entry{At: e.row, Value: float64(e.n)})
			reach[e.row] += max(e.n*s.lower[j], e.n*s.upper[j])
		}
		p.Columns[j] = column
	}
	for r, row := range s.rows {
		// A bound beyond reach says nothing, and large numbers cost precision.
		p.Rows[r] = lp.Bounds{Lower: float64(row.min), Upper: float64(max(row.min, min(row.max, reach[r])))}
	}
	simplex, err := lp.New(p)
	if err != nil {
		return nil, err
	}
	simplex.SharpRay = true
	return simplex, nil
}
