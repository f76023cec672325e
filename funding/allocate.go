package funding

import (
	"math/big"
	"slices"
)

// pot is what is shared, and among what raw matches.
type pot struct {
	raw       []*big.Int // by project, in 1/2^unit of a minor unit
	unit      uint
	pool      *big.Int // without the solidarity share
	cap       *big.Int // nil: none
	belowPool bool
}

// portion is what one project gets of a pot.
type portion struct {
	share, remainder, amount big.Int
	capped                   bool
}

// split shares the pot (matching.md, "Sharing the pool") and returns what is left of it.
func (p pot) split() (portions []portion, total, left *big.Int) {
	portions = make([]portion, len(p.raw))
	total = new(big.Int)
	for _, w := range p.raw {
		total.Add(total, w)
	}
	left = new(big.Int).Set(p.pool)
	switch {
	case total.Sign() == 0:
	case p.belowPool && total.Cmp(new(big.Int).Lsh(p.pool, p.unit)) < 0:
		p.payRaw(portions, left)
	default:
		p.spread(portions, total, left)
	}
	return portions, total, left
}

// payRaw pays each project its own raw match: the pool is larger than all of them.
func (p pot) payRaw(portions []portion, left *big.Int) {
	for i, w := range p.raw {
		x := &portions[i]
		x.share.Rsh(w, p.unit)
		if p.cap != nil && x.share.Cmp(p.cap) > 0 {
			x.share.Set(p.cap)
			x.capped = true
		}
		x.amount.Set(&x.share)
		left.Sub(left, &x.amount)
	}
}

// spread shares the whole pot in proportion to the raw matches, under the cap.
func (p pot) spread(portions []portion, total, left *big.Int) {
	order := p.largestFirst()
	rest := new(big.Int).Set(total)
	n := p.payCapped(order, portions, rest, left)
	free := order[n:]
	if len(free) == 0 {
		return
	}
	spent := new(big.Int)
	for _, i := range free {
		x := &portions[i]
		x.share.Mul(p.raw[i], left)
		x.share.QuoRem(&x.share, rest, &x.remainder)
		x.amount.Set(&x.share)
		spent.Add(spent, &x.share)
	}
	left.Sub(left, spent)
	slices.SortFunc(free, func(a, b int) int {
		if c := portions[b].remainder.Cmp(&portions[a].remainder); c != 0 {
			return c
		}
		return a - b
	})
	one := big.NewInt(1)
	for i := 0; left.Sign() > 0; i++ { // fewer units are left than projects are free
		portions[free[i]].amount.Add(&portions[free[i]].amount, one)
		left.Sub(left, one)
	}
}

// largestFirst returns the projects with a raw match.
func (p pot) largestFirst() []int {
	order := make([]int, 0, len(p.raw))
	for i, w := range p.raw {
		if w.Sign() > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := p.raw[b].Cmp(p.raw[a]); c != 0 {
			return c
		}
		return a - b
	})
	return order
}

// payCapped pays the cap to those whose share would be above it, takes them out of rest and left, and
// returns how many they are. The ratio left/rest only grows, so one pass in this order is right.
func (p pot) payCapped(order []int, portions []portion, rest, left *big.Int) int {
	if p.cap == nil {
		return 0
	}
	var share, limit big.Int
	for n, i := range order {
		if share.Mul(p.raw[i], left).Cmp(limit.Mul(p.cap, rest)) <= 0 {
			return n
		}
		x := &portions[i]
		x.share.Set(p.cap)
		x.amount.Set(p.cap)
		x.capped = true
		left.Sub(left, p.cap)
		rest.Sub(rest, p.raw[i])
	}
	return len(order)
}
