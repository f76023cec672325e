package funding

import (
	"math/big"
	"math/bits"
)

// listed is one donor's place in a project's list, which is in the order of the donors.
type listed struct {
	donor uint32
	s     wide
}

// lists turns the ledger round: by project, who gives and with what root; and where each gift stands.
func (l *ledger) lists() (lists [][]listed, at []uint32) {
	lists, at = make([][]listed, len(l.projects)), make([]uint32, len(l.gifts))
	for d := range l.donors {
		for k := l.start[d]; k < l.start[d+1]; k++ {
			g := l.gifts[k]
			at[k] = uint32(len(lists[g.project]))
			lists[g.project] = append(lists[g.project], listed{uint32(d), g.s})
		}
	}
	return lists, at
}

// pairwise returns W = Σ over pairs of ⌊2 s s' M*/(M* + t)⌋. Every term is floored for itself, so the
// sums do not depend on which worker adds them.
func pairwise(l *ledger, m Amount, workers int) []*big.Int {
	lists, at := l.lists()
	if !l.smallPairs(m) {
		return l.pairwiseLarge(m, lists, at)
	}
	sums := make([][]huge, workers)
	parallel(workers, func(w int) {
		sums[w] = make([]huge, len(l.projects))
		t := make([]wide, len(l.donors))
		for d := w; d < len(l.donors); d += workers {
			l.pairsOf(d, pairing{m.n.lo, lists, at, t}, sums[w])
		}
	})
	raw := make([]*big.Int, len(l.projects))
	for p := range raw {
		for w := 1; w < workers; w++ {
			sums[0][p].add(sums[w][p])
		}
		raw[p] = sums[0][p].big()
	}
	return raw
}

// smallPairs reports whether numerators and denominators of all terms stay within 128 bits: t is at
// most 2^64 times the largest total of one donor (Cauchy-Schwarz), s s' 2^64 times the largest gift.
func (l *ledger) smallPairs(m Amount) bool {
	var gift, total wide
	for d := range l.donors {
		var sum wide
		for _, g := range l.of(d) {
			if sum = sum.plus(g.a); sum.hi != 0 {
				return false
			}
			if gift.less(g.a) {
				gift = g.a
			}
		}
		if total.less(sum) {
			total = sum
		}
	}
	return m.n.len() <= 61 && total.len() <= 61 && m.n.len()+gift.len() <= 61
}

// pairing is what the pairs of one donor need: the bound, the lists, and room for t.
type pairing struct {
	m     uint64
	lists [][]listed
	at    []uint32
	t     []wide // by donor; zero between calls
}

// pairsOf adds the terms of donor d with all later donors to sums.
func (l *ledger) pairsOf(d int, x pairing, sums []huge) {
	from, to := l.start[d], l.start[d+1]
	for k := from; k < to; k++ {
		s := l.gifts[k].s.lo
		for _, j := range x.lists[l.gifts[k].project][x.at[k]+1:] {
			x.t[j.donor] = x.t[j.donor].plus(mul64(s, j.s.lo))
		}
	}
	for k := from; k < to; k++ {
		s, p := l.gifts[k].s.lo, l.gifts[k].project
		for _, j := range x.lists[p][x.at[k]+1:] {
			sums[p].addWide(pairTerm(mul64(s, j.s.lo), x.m, x.t[j.donor]))
		}
	}
	for k := from; k < to; k++ {
		for _, j := range x.lists[l.gifts[k].project][x.at[k]+1:] {
			x.t[j.donor] = wide{}
		}
	}
}

// pairTerm returns ⌊2 · ss · M* / (M* + t)⌋ with M* = m · 2^64, where 2 · ss · m and M* + t are below 2^127.
func pairTerm(ss wide, m uint64, t wide) wide {
	return shiftedQuo(ss.times(2*m), wide{m + t.hi, t.lo})
}

// shiftedQuo returns ⌊x · 2^64 / d⌋ for x < 2^127 and 2^64 ≤ d < 2^127 where the result has 128 bits
// (Knuth, The Art of Computer Programming, volume 2, 4.3.1 D, with two digits of 64 bits each).
func shiftedQuo(x, d wide) wide {
	n := uint(bits.LeadingZeros64(d.hi))
	top := x.hi >> (64 - n)
	x, d = x.left(n), d.left(n)
	hi, rest := digit(top, x, d)
	lo, _ := digit(rest.hi, wide{rest.lo, 0}, d)
	return wide{hi, lo}
}

// digit divides top · 2^128 + low by d, for d ≥ 2^127 and a quotient below 2^64.
func digit(top uint64, low, d wide) (q uint64, rest wide) {
	if top == 0 && low.less(d) {
		return 0, low
	}
	q = ^uint64(0)
	if top < d.hi {
		q, _ = bits.Div64(top, low.hi, d.hi)
	}
	// q · d in 192 bits; q is at most two too large
	p := mul64(q, d.lo)
	hi, mid := bits.Mul64(q, d.hi)
	mid, carry := bits.Add64(mid, p.hi, 0)
	hi += carry
	for hi > top || hi == top && (wide{low.hi, low.lo}).less(wide{mid, p.lo}) {
		var borrow uint64
		p.lo, borrow = bits.Sub64(p.lo, d.lo, 0)
		mid, borrow = bits.Sub64(mid, d.hi, borrow)
		hi -= borrow
		q--
	}
	return q, low.minus(wide{mid, p.lo})
}

// pairwiseLarge is the same sum for amounts of any size.
func (l *ledger) pairwiseLarge(m Amount, lists [][]listed, at []uint32) []*big.Int {
	raw := make([]*big.Int, len(l.projects))
	for p := range raw {
		raw[p] = new(big.Int)
	}
	bound := new(big.Int).Lsh(m.Big(), 2*rootBits)
	for d := range l.donors {
		t := map[uint32]*big.Int{}
		l.eachLater(d, lists, at, func(_ uint32, j listed, ss *big.Int) {
			if t[j.donor] == nil {
				t[j.donor] = new(big.Int).Set(bound)
			}
			t[j.donor].Add(t[j.donor], ss)
		})
		l.eachLater(d, lists, at, func(p uint32, j listed, ss *big.Int) {
			ss.Lsh(ss, 1).Mul(ss, bound)
			raw[p].Add(raw[p], ss.Quo(ss, t[j.donor]))
		})
	}
	return raw
}

// eachLater calls f with every later donor of each of d's projects, and the product of the roots.
func (l *ledger) eachLater(d int, lists [][]listed, at []uint32, f func(project uint32, j listed, ss *big.Int)) {
	for k := l.start[d]; k < l.start[d+1]; k++ {
		g := l.gifts[k]
		s := g.s.big()
		for _, j := range lists[g.project][at[k]+1:] {
			f(g.project, j, new(big.Int).Mul(s, j.s.big()))
		}
	}
}
