package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math/big"
)

//go:embed page.html
var pageText string

// mostLimits are shown on the page, mostChances rows of the table; the rest is in the other formats.
const (
	mostLimits  = 8
	mostChances = 24
)

// WriteHTML writes one page that needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	page, err := template.New("report").Funcs(template.FuncMap{"percent": percent, "share": share, "whole": whole, "six": gapText}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := page.Execute(w, r); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func whole(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// gapText shows what is left unproved, however small.
func gapText(r *big.Rat) string { return r.FloatString(6) }

// HasPopulation tells whether every value comes with its population: without all of them there are no
// shares.
func (f Feature) HasPopulation() bool {
	for _, v := range f.Values {
		if v.Population == nil {
			return false
		}
	}
	return true
}

// Pool is all candidates with a value of the feature that a quota names.
func (f Feature) Pool() (n int64) {
	for _, v := range f.Values {
		n += v.Pool
	}
	return n
}

// Population is everybody who was counted.
func (f Feature) Population() (n int64) {
	for _, v := range f.Values {
		if v.Population != nil {
			n += *v.Population
		}
	}
	return n
}

// People shares the population.
func (v Value) People() *big.Rat {
	if v.Population == nil {
		return new(big.Rat)
	}
	return whole(*v.Population)
}

// TopLimits are the first limits, which bind the people with the lowest chances.
func (r *Report) TopLimits() []Limit { return r.Limits[:min(mostLimits, len(r.Limits))] }

// MoreLimits is how many there are besides.
func (r *Report) MoreLimits() int { return max(0, len(r.Limits)-mostLimits) }

// Range is how many candidates have a chance between two.
type Range struct {
	From, To *big.Rat
	People   int64
}

// One tells whether all have the same chance.
func (x Range) One() bool { return x.From.Cmp(x.To) == 0 }

// Ranges are the chances, gathered in steps of a twentieth of the highest where there are many.
func (r *Report) Ranges() []Range {
	const steps = 20
	out := []Range{}
	if len(r.Chances) == 0 {
		return out
	}
	highest := r.Chances[len(r.Chances)-1].Probability.Rat
	last := int64(-1)
	for i, c := range r.Chances {
		step := int64(i)
		if len(r.Chances) > mostChances {
			step = scaled(c.Probability.Rat, highest, steps)
		}
		if step != last {
			out = append(out, Range{From: c.Probability.Rat})
		}
		x := &out[len(out)-1]
		x.To, x.People, last = c.Probability.Rat, x.People+c.People, step
	}
	return out
}

// scaled is part/whole in size steps, rounded down; 0 where whole is 0.
func scaled(part, whole *big.Rat, size int64) int64 {
	if whole.Sign() == 0 {
		return 0
	}
	q := new(big.Rat).Quo(part, whole)
	q.Mul(q, new(big.Rat).SetInt64(size))
	return new(big.Int).Quo(q.Num(), q.Denom()).Int64()
}
