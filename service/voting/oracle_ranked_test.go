package voting_test

import (
	"math/big"
	"slices"
)

// runOff is irv by recursion: count the first options, stop or drop one and start again.
func (s *slow) runOff(left []string, weigh func(plain) *big.Rat) string {
	got, sum := map[string]*big.Rat{}, new(big.Rat)
	for _, o := range left {
		got[o] = new(big.Rat)
	}
	for _, b := range s.ballots {
		for _, g := range b.ranking {
			if w := got[g[0]]; w != nil {
				w.Add(w, weigh(b))
				sum.Add(sum, weigh(b))
				break
			}
		}
	}
	texts := map[string]string{}
	worst := []string{left[0]}
	for _, o := range left {
		texts[o] = got[o].String()
		if c := got[o].Cmp(got[worst[0]]); c < 0 {
			worst = []string{o}
		} else if c == 0 && o != left[0] {
			worst = append(worst, o)
		}
	}
	s.out.Weights = append(s.out.Weights, texts)
	for _, o := range left {
		if len(left) == 1 || new(big.Rat).Add(got[o], got[o]).Cmp(sum) > 0 {
			return o
		}
	}
	s.sortByKey(worst)
	if len(worst) > 1 {
		s.out.Ties = append(s.out.Ties, worst)
	}
	gone := worst[len(worst)-1]
	s.out.Eliminated = append(s.out.Eliminated, gone)
	return s.runOff(slices.DeleteFunc(left, func(o string) bool { return o == gone }), weigh)
}

// countSchulze finds the strongest paths by walking every path that visits no option twice.
func (s *slow) countSchulze(weigh func(plain) *big.Rat) {
	d := map[[2]string]*big.Rat{}
	for _, a := range s.r.Options {
		for _, b := range s.r.Options {
			d[[2]string{a, b}] = new(big.Rat)
			for _, v := range s.ballots {
				if above(v.ranking, a, b) {
					d[[2]string{a, b}].Add(d[[2]string{a, b}], weigh(v))
				}
			}
			s.out.Pairwise[a+">"+b] = d[[2]string{a, b}].String()
		}
	}
	best := map[[2]string]*big.Rat{}
	var walk func(seen []string, strength *big.Rat)
	walk = func(seen []string, strength *big.Rat) {
		from, at := seen[0], seen[len(seen)-1]
		for _, next := range s.r.Options {
			link := d[[2]string{at, next}]
			if slices.Contains(seen, next) || link.Cmp(d[[2]string{next, at}]) <= 0 {
				continue
			}
			width := link
			if strength != nil && strength.Cmp(width) < 0 {
				width = strength
			}
			if to := [2]string{from, next}; best[to] == nil || best[to].Cmp(width) < 0 {
				best[to] = width
			}
			walk(append(slices.Clone(seen), next), width)
		}
	}
	for _, o := range s.r.Options {
		walk([]string{o}, nil)
	}
	path := func(a, b string) *big.Rat {
		if p := best[[2]string{a, b}]; p != nil {
			return p
		}
		return new(big.Rat)
	}
	var winners []string
	for _, a := range s.r.Options {
		unbeaten := true
		for _, b := range s.r.Options {
			s.out.Paths[a+">"+b] = path(a, b).String()
			unbeaten = unbeaten && path(a, b).Cmp(path(b, a)) >= 0
		}
		if unbeaten {
			winners = append(winners, a)
		}
	}
	if len(winners) > 1 {
		s.sortByKey(winners)
		s.out.Ties = append(s.out.Ties, winners)
	}
	s.elected(winners[:1])
}

// above reports whether a ranking puts a above b: whichever of the two is met first.
func above(groups [][]string, a, b string) bool {
	for _, g := range groups {
		if slices.Contains(g, b) {
			return false
		}
		if slices.Contains(g, a) {
			return true
		}
	}
	return false
}
