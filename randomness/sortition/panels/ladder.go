package panels

import "math/big"

// ladder climbs the levels of a LEXIMIN bound in exact fractions. On each level some types are fixed at
// the level's probability; what is left can only rise.
//
// The claim that holds at every rung: no lottery whatever is lexicographically above one that gives
// the fixed types their probability. A level adds the following. For any multipliers, the sum of rows
// gives sum g·x <= R at every lottery's average x. If everybody not yet fixed has at least z, and the
// fixed types have what they have, then
//
//	z · sum(g·people: g > 0, not fixed) <= R + sum(-g·cap: g < 0) - sum(g·people·p: g > 0, fixed),
//
// so the quotient bounds z; and a lottery that reaches it gives exactly z to each type of the sum on
// the left. Those are fixed at z. A type's own cap bounds z in the same way.
type ladder struct {
	space *space
	level []int // by type, -1 while not fixed
	z     []*big.Rat
	left  int
}

func newLadder(s *space) *ladder {
	l := &ladder{space: s, level: make([]int, len(s.people)), left: len(s.people)}
	for t := range l.level {
		l.level[t] = -1
	}
	return l
}

// bound is what a sum of rows proves: nobody left can all have more than z, and with z the types forced
// have exactly z. Without multipliers, or where the caps say more, it is the lowest cap.
func (l *ladder) bound(ms []Multiplier) (z *big.Rat, forced []int, ok bool) {
	z, forced = l.lowestCap()
	g, most, ok := l.space.combine(ms)
	if !ok {
		return nil, nil, false
	}
	byLevel := make([]wide, len(l.z))
	var own wide
	var tight []int
	for t, v := range g {
		switch {
		case v < 0:
			most.add(-v, l.space.caps[t])
		case v == 0:
		case l.level[t] >= 0:
			byLevel[l.level[t]].add(v, l.space.people[t])
		default:
			own.add(v, l.space.people[t])
			tight = append(tight, t)
		}
	}
	if len(tight) == 0 {
		return z, forced, true
	}
	sum := most.rat()
	for i, w := range byLevel {
		if w.sign() != 0 {
			sum.Sub(sum, new(big.Rat).Mul(w.rat(), l.z[i]))
		}
	}
	sum.Quo(sum, own.rat())
	if sum.Cmp(z) < 0 {
		return sum, tight, true
	}
	return z, forced, true
}

// lowestCap is the least cap among the types left, and who has it.
func (l *ladder) lowestCap() (*big.Rat, []int) {
	var num, den int64 = 1, 1
	var who []int
	for t, at := range l.level {
		if at >= 0 {
			continue
		}
		c, n := l.space.caps[t], l.space.people[t]
		switch a, b := c*den, num*n; {
		case a < b:
			num, den, who = c, n, append(who[:0], t)
		case a == b:
			who = append(who, t)
		}
	}
	return big.NewRat(num, den), who
}

// fix ends a level.
func (l *ladder) fix(z *big.Rat, types []int) {
	for _, t := range types {
		l.level[t] = len(l.z)
	}
	l.z = append(l.z, z)
	l.left -= len(types)
}

// probabilities are those of the types, once nothing is left.
func (l *ladder) probabilities() []*big.Rat {
	out := make([]*big.Rat, len(l.level))
	for t, at := range l.level {
		out[t] = l.z[at]
	}
	return out
}
