package report

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// Input is what a report is made of. Quotas are those that Problem was made of, of the whole panel.
// Population has the people of the whole place by quota, in the order of Quotas; empty where nobody
// counted them, -1 where one value was not counted.
type Input struct {
	Problem    *quota.Problem
	Quotas     []quota.Quota
	Result     *panels.Result
	Population []int64
}

// Report is what a lottery does. Seats count the whole panel, people seated beforehand included.
type Report struct {
	V          int           `json:"v"` // 1
	Method     panels.Method `json:"method"`
	Size       int64         `json:"size"`
	Seated     int64         `json:"seated"`     // who hold a seat already
	Barred     int64         `json:"barred"`     // whose household holds one
	Candidates int64         `json:"candidates"` // all others
	Types      int64         `json:"types"`
	Never      int64         `json:"never"`  // candidates whom no panel can seat
	Panels     int64         `json:"panels"` // equally likely
	Lowest     int64         `json:"lowest"` // the fewest panels that a candidate is on
	Highest    int64         `json:"highest"`
	Proved     bool          `json:"proved"`
	Gap        panels.Ratio  `json:"gap"`     // see panels.Verdict
	Reached    int64         `json:"reached"` // LEXIMIN: candidates, the lowest chances first, up to whom it is proved
	Claim      string        `json:"claim"`
	Features   []Feature     `json:"features"`
	Chances    []Chance      `json:"chances"` // ascending
	Limits     []Limit       `json:"limits"`  // in the order of the certificate's levels
}

// Feature is the composition by one feature.
type Feature struct {
	Name   string  `json:"name"`
	Values []Value `json:"values"`
}

// Value compares the seats of one value with its quota, the pool and the population.
type Value struct {
	Value      string       `json:"value"`
	Min        int64        `json:"min"`
	Max        int64        `json:"max"`
	Seated     int64        `json:"seated"`
	Pool       int64        `json:"pool"`   // candidates with it
	Lowest     int64        `json:"lowest"` // seats on the panel with the fewest
	Highest    int64        `json:"highest"`
	Average    panels.Ratio `json:"average"` // seats over all panels
	Population *int64       `json:"population,omitempty"`
}

// Chance is how many candidates have a probability: what the lottery aims at, from which everybody's
// share of the panels is at most 1/Panels away.
type Chance struct {
	Probability panels.Ratio `json:"probability"`
	People      int64        `json:"people"`
}

var errPopulation = errors.New("want one number for each quota")

// Build makes a report. The error says why the result is not a lottery for the problem with a valid
// certificate, or that quotas and problem are not of one piece.
func Build(in Input) (*Report, error) {
	if err := in.check(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	verdict, err := panels.Verify(in.Problem, in.Result)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	p := in.Problem
	r := &Report{
		V: 1, Method: in.Result.Method, Size: p.Size + int64(len(p.Seated)), Seated: int64(len(p.Seated)), Barred: int64(len(p.Barred)),
		Candidates: p.People(), Types: int64(len(p.Types)), Panels: in.Result.Panels, Lowest: verdict.Lowest, Highest: verdict.Highest,
		Proved: verdict.Optimal, Gap: panels.Ratio{Rat: verdict.Gap}, Features: in.features(), Chances: in.chances(),
	}
	if len(r.Chances) > 0 && r.Chances[0].Probability.Sign() == 0 {
		r.Never = r.Chances[0].People
	}
	reached := int64(0)
	if r.Limits, reached = in.limits(); r.Method == panels.Leximin {
		r.Reached = reached
	}
	r.Claim = claim(r)
	return r, nil
}

func (in Input) check() error {
	rows := 0
	for _, row := range in.Problem.Rows {
		if row.Kind != quota.OfQuota {
			continue
		}
		if rows < len(in.Quotas) && !(same(in.Quotas[rows].Feature, row.Feature) && same(in.Quotas[rows].Value, row.Value)) {
			return fmt.Errorf("quota %d is for %s: %s, the problem has %s: %s there", rows+1, in.Quotas[rows].Feature, in.Quotas[rows].Value, row.Feature, row.Value)
		}
		rows++
	}
	if rows != len(in.Quotas) {
		return fmt.Errorf("%d quotas for %d rows of the problem", len(in.Quotas), rows)
	}
	if n := len(in.Population); n != 0 && n != rows {
		return fmt.Errorf("population has %d numbers for %d quotas: %w", n, rows, errPopulation)
	}
	return nil
}

func same(a, b string) bool { return strings.EqualFold(strings.Join(strings.Fields(a), " "), b) }

// features are in the order of the problem; the row of quota i is i+1.
func (in Input) features() []Feature {
	counts := in.count()
	var out []Feature
	for _, f := range in.Problem.Features {
		feature := Feature{Name: f.Name}
		for _, row := range f.Rows {
			feature.Values = append(feature.Values, in.value(row, counts[row]))
		}
		out = append(out, feature)
	}
	return out
}

func (in Input) value(row int, c seats) Value {
	r, q := in.Problem.Rows[row], in.Quotas[row-1]
	average := big.NewRat(c.sum, max(in.Result.Panels, 1))
	v := Value{Value: r.Value, Min: q.Min, Max: q.Max, Seated: r.Held, Pool: c.pool, Lowest: c.lowest + r.Held, Highest: c.highest + r.Held,
		Average: panels.Ratio{Rat: average.Add(average, new(big.Rat).SetInt64(r.Held))}}
	if len(in.Population) > 0 && in.Population[row-1] >= 0 {
		v.Population = &in.Population[row-1]
	}
	return v
}

// seats are what the panels give to one row.
type seats struct{ pool, sum, lowest, highest int64 }

func (in Input) count() []seats {
	out := make([]seats, len(in.Problem.Rows))
	for _, t := range in.Problem.Types {
		for _, row := range t.Rows {
			out[row].pool += int64(len(t.Members))
		}
	}
	on := make([]int64, len(out))
	for i, panel := range in.Result.Lottery {
		clear(on)
		for _, s := range panel.Seats {
			for _, row := range in.Problem.Types[s.Type].Rows {
				on[row] += s.Count
			}
		}
		for row, n := range on {
			c := &out[row]
			if c.sum += n * panel.Copies; i == 0 {
				c.lowest, c.highest = n, n
			}
			c.lowest, c.highest = min(c.lowest, n), max(c.highest, n)
		}
	}
	return out
}

func (in Input) chances() []Chance {
	order := make([]int, len(in.Problem.Types))
	for t := range order {
		order[t] = t
	}
	of := func(t int) *big.Rat { return in.Result.Probabilities[t].Rat }
	slices.SortStableFunc(order, func(a, b int) int { return of(a).Cmp(of(b)) })
	out := []Chance{}
	for _, t := range order {
		n := int64(len(in.Problem.Types[t].Members))
		if last := len(out) - 1; last >= 0 && out[last].Probability.Cmp(of(t)) == 0 {
			out[last].People += n
			continue
		}
		out = append(out, Chance{panels.Ratio{Rat: of(t)}, n})
	}
	return out
}
