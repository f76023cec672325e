package report

import (
	"math/big"

	"kleroterion/randomness/sortition/panels"
)

// Limit is one level of the certificate in words: People, whom no level before it names, cannot all
// have more than Probability.
type Limit struct {
	Probability panels.Ratio `json:"probability"`
	People      int64        `json:"people"`
	// Seats is Probability times People: the seats that the quotas leave for them, on average.
	Seats panels.Ratio `json:"seats"`
	// Shared are the values that all of them have in common, "age: 30-44"; where they are fewer than 5 and
	// it would take several values to name them, none.
	Shared []string `json:"shared"`
	Quotas []string `json:"quotas"` // the bounds that prove it
	Words  string   `json:"words"`
}

// smallest is the least number of people of whom a combination of features is published.
const smallest = 5

// climb follows the levels of a certificate that was verified, to see whom each one binds.
type climb struct {
	in    Input
	caps  []int64
	fixed []bool
	// reached counts the people of the levels before the first one that the lottery does not reach.
	reached int64
	missed  bool
}

// limits also returns how many people have all that their level, and those before it, allow.
func (in Input) limits() ([]Limit, int64) {
	c := climb{in: in, fixed: make([]bool, len(in.Problem.Types))}
	for _, t := range in.Problem.Types {
		c.caps = append(c.caps, t.Cap)
	}
	for _, u := range in.Result.Unseatable {
		c.caps[u.Type] = 0
	}
	out := []Limit{}
	for _, level := range in.Result.Levels {
		out = append(out, c.limit(level))
	}
	return out, c.reached
}

// limit takes one step. As in the verifier, a level is a matter of caps when the multipliers prove no
// less than the lowest cap.
func (c *climb) limit(level panels.Level) Limit {
	lowest, bound := c.lowestCap()
	why := reason{capped: true, even: true}
	if lowest == nil || level.Probability.Cmp(lowest) < 0 {
		weights := c.combine(level.Multipliers)
		bound = bound[:0]
		why = reason{even: true, rows: level.Multipliers}
		for t, w := range weights {
			if w.Sign() > 0 && !c.fixed[t] {
				bound = append(bound, t)
				why.even = why.even && w.Cmp(weights[bound[0]]) == 0
			}
		}
	}
	l := Limit{Probability: level.Probability, Shared: []string{}, Quotas: c.in.quotas(why.rows)}
	for _, t := range bound {
		c.fixed[t] = true
		l.People += int64(len(c.in.Problem.Types[t].Members))
		c.missed = c.missed || c.in.Result.Probabilities[t].Cmp(level.Probability.Rat) != 0
	}
	if !c.missed {
		c.reached += l.People
	}
	if shared := c.shared(bound); l.People >= smallest || len(shared) == 1 {
		l.Shared = shared
	}
	l.Seats = panels.Ratio{Rat: new(big.Rat).Mul(level.Probability.Rat, new(big.Rat).SetInt64(l.People))}
	l.Words = l.say(why)
	return l
}

// reason is why a level holds: caps, or rows. even: everybody in it counts the same.
type reason struct {
	capped, even bool
	rows         []panels.Multiplier
}

// lowestCap is the least probability that a type's own cap allows, and the types it binds; nil when
// nobody is left.
func (c *climb) lowestCap() (lowest *big.Rat, types []int) {
	for t, ty := range c.in.Problem.Types {
		if c.fixed[t] {
			continue
		}
		z := big.NewRat(c.caps[t], int64(len(ty.Members)))
		switch {
		case lowest == nil || z.Cmp(lowest) < 0:
			lowest, types = z, append(types[:0], t)
		case z.Cmp(lowest) == 0:
			types = append(types, t)
		}
	}
	return lowest, types
}

// combine is how often a sum of rows counts a seat of each type.
func (c *climb) combine(multipliers []panels.Multiplier) []*big.Int {
	byRow := map[int]*big.Int{}
	out := make([]*big.Int, len(c.in.Problem.Types))
	for t := range out {
		out[t] = new(big.Int)
	}
	for _, m := range multipliers {
		byRow[m.Row] = big.NewInt(m.Times)
		if cut := m.Row - len(c.in.Problem.Rows); cut >= 0 {
			for _, w := range c.in.Result.Cuts[cut].Weights {
				out[w.Type].Add(out[w.Type], new(big.Int).Mul(big.NewInt(m.Times), big.NewInt(w.Each)))
			}
		}
	}
	for t, ty := range c.in.Problem.Types {
		for _, row := range ty.Rows {
			if times := byRow[row]; times != nil {
				out[t].Add(out[t], times)
			}
		}
	}
	return out
}

// shared names the features in which all the types agree.
func (c *climb) shared(types []int) []string {
	out := []string{}
	for i, f := range c.in.Problem.Features {
		same := len(types) > 0
		for _, t := range types {
			same = same && c.in.Problem.Types[t].Values[i] == c.in.Problem.Types[types[0]].Values[i]
		}
		if same {
			out = append(out, f.Name+": "+f.Values[c.in.Problem.Types[types[0]].Values[i]])
		}
	}
	return out
}
