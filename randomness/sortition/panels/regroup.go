package panels

import (
	"math"
	"math/big"

	"kleroterion/randomness/sortition/lp"
)

// window is the fewest and the most seats on n panels that leave everybody of type t within one panel
// of the probability q.
func (s *space) window(t int, q *big.Rat, n int64) (low, high float64) {
	v := new(big.Rat).Mul(q, new(big.Rat).SetInt64(n))
	least := new(big.Int).Div(v.Num(), v.Denom()).Int64()
	most := least + 1
	if v.IsInt() {
		least--
	}
	return float64(max(least, 0) * s.people[t]), float64(most * s.people[t])
}

// regroup looks for whole numbers of copies of the lottery's own panels that keep every type within its
// window: a small search with a column a panel and a row a type, for pools so tight that panels for the
// rest cannot be found one by one.
func (m *meter) regroup(s *space, lottery []weighted, q []*big.Rat, n int64) []panel {
	if len(q)*len(lottery) > 100_000 {
		return nil
	}
	p := lp.Problem{Rows: []lp.Bounds{{Lower: float64(n), Upper: float64(n)}}}
	for t := range q {
		low, high := s.window(t, q[t], n)
		p.Rows = append(p.Rows, lp.Bounds{Lower: low, Upper: high})
	}
	rng := random(61)
	for _, w := range lottery {
		share := math.Floor(float64(w.share * float64(n)))
		c := lp.Column{Cost: rng.unit() - 0.5, Bounds: lp.Bounds{Lower: max(share-3, 0), Upper: share + 4}}
		c.Entries = append(c.Entries, lp.Entry{At: 0, Value: 1})
		for t, v := range w.seats {
			if v != 0 {
				c.Entries = append(c.Entries, lp.Entry{At: 1 + t, Value: float64(v)})
			}
		}
		p.Columns = append(p.Columns, c)
	}
	k, err := lp.New(p)
	if err != nil {
		return nil
	}
	found := m.search(k, &lp.Search{Nodes: 20_000, Below: math.Inf(1), First: true})
	var out []panel
	for i, times := range found.Point {
		for range times {
			out = append(out, lottery[i].seats)
		}
	}
	return out
}
