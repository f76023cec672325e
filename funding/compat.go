package funding

import (
	"math/big"
)

// How others share a pool, to the unit and with what they leave over (matching.md, "How others do
// it"): for comparing and for moving a round over. New rounds use [Match].

// Peer is a pool of another system.
type Peer struct {
	Pool             Amount
	Cap              Amount // 0: none
	IgnoreSaturation bool   // allo-linear: spread a pool that is larger than all raw matches
}

// Paid is what one project gets from a peer.
type Paid struct {
	Project string
	Amount  Amount
}

// wholeRoots is the ledger of a peer: roots of whole minor units.
func wholeRoots(contributions []Contribution) (*ledger, error) {
	r, err := NewRound(Params{Spec: Spec, Rule: Quadratic})
	if err != nil {
		return nil, err
	}
	if err := r.fill(contributions, nil); err != nil {
		return nil, err
	}
	l, err := r.ledger()
	if err != nil {
		return nil, err
	}
	for i, g := range l.gifts {
		l.gifts[i].s = wide{lo: sqrtWide(g.a)}
	}
	return l, nil
}

// AlloLinear shares the pool as pluralistic.js does in Grants Stack, by project in the order of the
// ids. What its floors lose is the pool less the sum.
func AlloLinear(p Peer, contributions []Contribution) ([]Paid, error) {
	l, err := wholeRoots(contributions)
	if err != nil {
		return nil, err
	}
	raw, total := make([]*big.Int, len(l.projects)), new(big.Int)
	for i, c := range l.columns() {
		// (Σ s)² + Σ (c - s²) - Σ c = (Σ s)² - Σ s²: 0 for one donor without saying so
		raw[i] = c.raw()
		total.Add(total, raw[i])
	}
	pool := p.Pool.Big()
	if total.Sign() > 0 && (total.Cmp(pool) >= 0 || p.IgnoreSaturation) {
		for _, w := range raw {
			w.Mul(w, pool).Quo(w, total)
		}
	}
	if !p.Cap.IsZero() {
		capAgain(raw, p.Cap.Big())
	}
	return l.paid(raw), nil
}

// capAgain clips and hands the excess to those below the cap until nothing is to be handed on.
func capAgain(amounts []*big.Int, limit *big.Int) {
	for {
		over, below := new(big.Int), new(big.Int)
		for _, m := range amounts {
			if m.Cmp(limit) > 0 {
				over.Add(over, m).Sub(over, limit)
				m.Set(limit)
			} else if m.Cmp(limit) < 0 {
				below.Add(below, m)
			}
		}
		if over.Sign() == 0 || below.Sign() == 0 {
			return
		}
		for _, m := range amounts {
			if m.Cmp(limit) < 0 {
				more := new(big.Int).Mul(m, over)
				m.Add(m, more.Quo(more, below))
			}
		}
	}
}

// ShareOfSquare shares the pool by the square of the sum of the roots, own gifts included, as
// cw-quadratic-funding does; with a cap, what is above it stays, as in Octant.
func ShareOfSquare(p Peer, contributions []Contribution) ([]Paid, error) {
	l, err := wholeRoots(contributions)
	if err != nil {
		return nil, err
	}
	raw, total := make([]*big.Int, len(l.projects)), new(big.Int)
	for i, c := range l.columns() {
		raw[i] = c.roots.big()
		raw[i].Mul(raw[i], raw[i])
		total.Add(total, raw[i])
	}
	for _, w := range raw {
		if total.Sign() > 0 {
			w.Mul(w, p.Pool.Big()).Quo(w, total)
		}
		if !p.Cap.IsZero() && w.Cmp(p.Cap.Big()) > 0 {
			w.Set(p.Cap.Big())
		}
	}
	return l.paid(raw), nil
}

func (l *ledger) paid(amounts []*big.Int) []Paid {
	out := make([]Paid, len(amounts))
	for i, x := range amounts {
		out[i] = Paid{l.projects[i], Amount{wideOf(x)}}
	}
	return out
}

// Tally is one recipient of a clr.fund round: the votes it got, and the voice credits (their squares)
// that they cost.
type Tally struct {
	Project string
	Votes   Amount
	Spent   Amount
}

func sumTallies(tallies []Tally, f func(Tally) *big.Int) *big.Int {
	sum := new(big.Int)
	for _, t := range tallies {
		sum.Add(sum, f(t))
	}
	return sum
}

// ClrfundLinear pays as clr.fund did in 2020 and 2021: each the credits it was given, of factor minor
// units each, and its part of the pool in proportion to votes. The order is that of tallies.
func ClrfundLinear(pool, factor Amount, tallies []Tally) ([]Paid, error) {
	votes := sumTallies(tallies, func(t Tally) *big.Int { return t.Votes.Big() })
	if votes.Sign() == 0 {
		return nil, refuse("empty", "nobody voted")
	}
	return payTallies(tallies, func(t Tally) *big.Int {
		x := t.Votes.Big()
		x.Mul(x, pool.Big()).Quo(x, votes)
		return x.Add(x, new(big.Int).Mul(t.Spent.Big(), factor.Big()))
	})
}

// ClrfundAlpha pays as clr.fund's contract does since 2021 out of the budget, which holds the
// contributions too.
func ClrfundAlpha(budget, factor Amount, tallies []Tally) ([]Paid, error) {
	f, one := factor.Big(), power10(18).big()
	spent := sumTallies(tallies, func(t Tally) *big.Int { return t.Spent.Big() })
	square := func(t Tally) *big.Int { return new(big.Int).Mul(t.Votes.Big(), t.Votes.Big()) }
	matched := new(big.Int).Sub(sumTallies(tallies, square), spent)
	rest := new(big.Int).Sub(budget.Big(), new(big.Int).Mul(spent, f))
	if matched.Sign() <= 0 || rest.Sign() < 0 || f.Sign() == 0 {
		return nil, refuse("empty", "no two donors agree, or the budget is below the contributions")
	}
	alpha := rest.Mul(rest, one)
	alpha.Quo(alpha, matched.Mul(matched, f))
	return payTallies(tallies, func(t Tally) *big.Int {
		x := square(t)
		x.Sub(x, t.Spent.Big()).Mul(x, alpha)
		x.Add(x, new(big.Int).Mul(one, t.Spent.Big())).Mul(x, f)
		return x.Quo(x, one)
	})
}

func payTallies(tallies []Tally, f func(Tally) *big.Int) ([]Paid, error) {
	out := make([]Paid, len(tallies))
	for i, t := range tallies {
		a, ok := amountOf(f(t))
		if !ok {
			return nil, refuse("sum", "project %q gets more than %d digits, or less than nothing", t.Project, maxDigits)
		}
		out[i] = Paid{t.Project, a}
	}
	return out, nil
}
