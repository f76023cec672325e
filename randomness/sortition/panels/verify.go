package panels

import (
	"fmt"
	"math/big"

	"kleroterion/randomness/sortition/quota"
)

// Verdict is what a certificate proves.
type Verdict struct {
	// Optimal: no lottery whatever is fairer, by the measure of the method, by more than 1/Panels.
	Optimal bool
	// Gap is how far the proven bound is from what the lottery aims at. For LEXIMIN and MAXIMIN: the most
	// by which the bound on somebody's probability exceeds it; no lottery is fairer by more than that
	// and 1/Panels. For NASH: no lottery has a geometric mean of more than exp(Gap) times. For GOLDILOCKS:
	// none has a measure that is lower by more than this part.
	Gap *big.Rat
	// Spread is the most by which anybody's share of panels differs from what the lottery aims at, in
	// panels: 1 at most.
	Spread *big.Rat
	// Lowest and Highest are the least and the greatest number of panels that anybody is on.
	Lowest, Highest int64
}

// Verify checks a result with whole numbers and fractions only, and trusts nothing in it: it counts the
// panels, checks size, quotas and households in each, counts everybody's panels, and computes every
// bound again from its multipliers. An error says what is wrong; the Verdict says what is proved.
func Verify(p *quota.Problem, r *Result) (Verdict, error) {
	v := Verdict{Gap: new(big.Rat), Spread: new(big.Rat)}
	if r.V != 1 {
		return v, fmt.Errorf("v is %d, this program knows 1", r.V)
	}
	if len(r.Probabilities) != len(p.Types) {
		return v, fmt.Errorf("%d probabilities for %d types", len(r.Probabilities), len(p.Types))
	}
	s := newSpace(p)
	totals, err := s.countSeats(r)
	if err != nil {
		return v, err
	}
	if err := v.measure(s, r, totals); err != nil {
		return v, err
	}
	if err := s.checkProofs(r); err != nil {
		return v, err
	}
	err = v.judge(s, r)
	return v, err
}

func (v *Verdict) judge(s *space, r *Result) error {
	switch r.Method {
	case Leximin, Maximin:
		return v.judgeLevels(s, r)
	case Nash, Goldilocks:
		return v.judgeBound(s, r)
	}
	return fmt.Errorf("method %.20q is not known", r.Method)
}

// countSeats checks every panel and returns the seats of each type on all of them.
func (s *space) countSeats(r *Result) ([]int64, error) {
	n, err := count(r.Lottery)
	if err != nil {
		return nil, err
	}
	if n != r.Panels {
		return nil, fmt.Errorf("the lottery has %d panels, it says %d", n, r.Panels)
	}
	totals := make([]int64, len(s.people))
	sums := make([]int64, len(s.mins))
	for i, p := range r.Lottery {
		if err := s.checkPanel(p, sums); err != nil {
			return nil, fmt.Errorf("lottery entry %d: %w", i, err)
		}
		for _, c := range p.Seats {
			totals[c.Type] += c.Count * p.Copies
		}
	}
	return totals, nil
}

func (s *space) checkPanel(p Panel, sums []int64) error {
	clear(sums)
	last := -1
	for _, c := range p.Seats {
		if c.Type <= last || c.Type >= len(s.people) {
			return fmt.Errorf("type %d after %d: types ascend and end at %d", c.Type, last, len(s.people)-1)
		}
		last = c.Type
		ty := s.problem.Types[c.Type]
		if c.Count < 1 || c.Count > ty.Cap {
			return fmt.Errorf("type %d has %d seats: between 1 and %d are possible", c.Type, c.Count, ty.Cap)
		}
		for _, row := range ty.Rows {
			sums[row] += c.Count
		}
	}
	for i, row := range s.problem.Rows {
		if sums[i] < row.Min || sums[i] > row.Max {
			return fmt.Errorf("row %d (%s %s) has %d seats: between %d and %d are allowed", i, row.Feature, row.Value, sums[i], row.Min, row.Max)
		}
	}
	return nil
}

// measure compares everybody's number of panels with what the lottery aims at. Seat gives the people of
// a type the same number of panels or one more.
func (v *Verdict) measure(s *space, r *Result, totals []int64) error {
	one := big.NewRat(1, 1)
	n := new(big.Rat).SetInt64(r.Panels)
	v.Lowest = r.Panels
	for t, total := range totals {
		low, high := total/s.people[t], (total+s.people[t]-1)/s.people[t]
		v.Lowest, v.Highest = min(v.Lowest, low), max(v.Highest, high)
		if r.Probabilities[t].Rat == nil {
			return fmt.Errorf("type %d has no probability", t)
		}
		aim := new(big.Rat).Mul(n, r.Probabilities[t].Rat)
		for _, have := range []int64{low, high} {
			d := new(big.Rat).SetInt64(have)
			if d.Sub(d, aim).Abs(d).Cmp(v.Spread) > 0 {
				v.Spread = d
			}
			if d.Cmp(one) > 0 {
				return fmt.Errorf("type %d: people are on %d panels of %d, more than one away from their probability %s", t, have, r.Panels, r.Probabilities[t])
			}
		}
	}
	return nil
}

// judgeLevels climbs the ladder with the multipliers and compares what it ends with.
func (v *Verdict) judgeLevels(s *space, r *Result) error {
	l := newLadder(s)
	for i, level := range r.Levels {
		z, forced, ok := l.bound(level.Multipliers)
		if !ok {
			return fmt.Errorf("level %d: multipliers of rows that there are not, of a cut the wrong way round, or too large", i+1)
		}
		if len(forced) == 0 {
			return fmt.Errorf("level %d: everybody is fixed already", i+1)
		}
		if level.Probability.Rat == nil || z.Cmp(level.Probability.Rat) != 0 {
			return fmt.Errorf("level %d: the multipliers prove %s, not %s", i+1, z.RatString(), level.Probability)
		}
		l.fix(z, forced)
		if r.Method == Maximin {
			break
		}
	}
	if want := len(r.Levels); r.Method == Maximin && want > 1 {
		return fmt.Errorf("MAXIMIN has one level, not %d", want)
	}
	if r.Method == Leximin && l.left > 0 {
		return fmt.Errorf("the levels leave %d types without a bound", l.left)
	}
	v.compare(l, r)
	return nil
}

// compare sets the gap: for LEXIMIN against each type's own bound, for MAXIMIN the lowest probability
// against the first level.
func (v *Verdict) compare(l *ladder, r *Result) {
	for t, at := range l.level {
		bound := at
		if r.Method == Maximin {
			bound = 0
		}
		if d := new(big.Rat).Sub(l.z[bound], r.Probabilities[t].Rat); d.Cmp(v.Gap) > 0 {
			v.Gap = d
		}
	}
	v.Optimal = v.Gap.Sign() == 0
}
