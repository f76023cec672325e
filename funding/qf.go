package funding

import "math/big"

// column is what the eligible gifts of one project add up to.
type column struct {
	donors   int64
	weighted wide // Σ a, at most the sum of all rows
	roots    wide // Σ s: below 2^96 each, fewer than 2^32
	squares  huge // Σ s²
}

func (c *column) add(g gift) {
	c.donors++
	c.weighted = c.weighted.plus(g.a)
	c.roots = c.roots.plus(g.s)
	c.squares.add(mulWide(g.s, g.s))
}

func (c *column) remove(g gift) {
	c.donors--
	c.weighted = c.weighted.minus(g.a)
	c.roots = c.roots.minus(g.s)
	c.squares.sub(mulWide(g.s, g.s))
}

// raw returns W = S² - Q in 1/2^64 of a minor unit, the rule qf.
func (c *column) raw() *big.Int {
	s := c.roots.big()
	return s.Mul(s, s).Sub(s, c.squares.big())
}

func (l *ledger) columns() []column {
	columns := make([]column, len(l.projects))
	for _, g := range l.gifts {
		columns[g.project].add(g)
	}
	return columns
}

func quadratic(columns []column) []*big.Int {
	raw := make([]*big.Int, len(columns))
	for p := range columns {
		raw[p] = columns[p].raw()
	}
	return raw
}
