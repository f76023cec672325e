package voting

import (
	"math/big"
	"slices"

	"kleroterion/service/ratio"
)

// schulze elects the option that no other beats by a stronger path (K-TALLY/1 rule 9): the strength
// of a link is the weight of the ballots that rank a above b, where that is more than the other
// way round (winning votes). Source: M. Schulze, "A new monotonic, clone-independent, reversal
// symmetric, and Condorcet-consistent single-winner election method", 2011.
func (t *tally) schulze() {
	if !t.spoken() {
		t.elect(nil)
		return
	}
	counts := t.duels()
	pairwise := t.pairwise(counts)
	levels := levelsOf(pairwise)
	paths := strongest(links(pairwise, levels))
	t.result.Schulze = &Duels{Counts: counts, Pairwise: ratios(pairwise), Paths: pathRatios(paths, levels)}
	unbeaten := unbeatenOf(paths)
	if len(unbeaten) == 1 {
		t.elect([]string{t.rules.Options[unbeaten[0]]})
		return
	}
	keys := t.rank(unbeaten)
	t.result.Ties = append(t.result.Ties, Tie{Rule: TieSchulze, Among: keys})
	t.elect([]string{keys[0].Option})
}

// unbeatenOf returns the options to which no other has a stronger path than back. There is one at least.
func unbeatenOf(paths [][]int) (list []int) {
	for a := range paths {
		beaten := false
		for b := range paths {
			beaten = beaten || paths[b][a] > paths[a][b]
		}
		if !beaten {
			list = append(list, a)
		}
	}
	return list
}

// duels counts, by chamber, the decisive ballots that rank a above b. Unranked options are below all
// that are ranked.
func (t *tally) duels() [][][]int64 {
	n := len(t.rules.Options)
	counts := make([][][]int64, len(t.chambers))
	for c := range counts {
		counts[c] = square[int64](n)
	}
	rank := make([]int32, n)
	for i := range t.voices {
		v := &t.voices[i]
		for o := range rank {
			rank[o] = int32(n + 1)
		}
		for _, m := range v.choice.marks {
			rank[m.option] = m.value
		}
		for a, row := range counts[v.chamber] {
			for b := range row {
				if rank[a] < rank[b] {
					row[b] += v.voters
				}
			}
		}
	}
	return counts
}

func square[T any](n int) [][]T {
	rows := make([][]T, n)
	for i := range rows {
		rows[i] = make([]T, n)
	}
	return rows
}

func (t *tally) pairwise(counts [][][]int64) [][]*big.Rat {
	n := len(t.rules.Options)
	out, sums := square[*big.Rat](n), make([]int64, len(t.chambers))
	for a := range n {
		for b := range n {
			for c := range counts {
				sums[c] = counts[c][a][b]
			}
			out[a][b] = t.combine(sums)
		}
	}
	return out
}

// levelsOf returns the weights that occur, 0 and up without repeats. A path's strength is one of them,
// so that paths can be compared by small integers.
func levelsOf(pairwise [][]*big.Rat) []*big.Rat {
	levels := slices.Concat(append(pairwise[:len(pairwise):len(pairwise)], []*big.Rat{new(big.Rat)})...)
	slices.SortFunc(levels, (*big.Rat).Cmp)
	return slices.CompactFunc(levels, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
}

// links holds the level of each link: that of the weight of a against b where a wins, else 0.
func links(pairwise [][]*big.Rat, levels []*big.Rat) [][]int {
	out := square[int](len(pairwise))
	for a := range out {
		for b := range out {
			if pairwise[a][b].Cmp(pairwise[b][a]) > 0 {
				out[a][b], _ = slices.BinarySearchFunc(levels, pairwise[a][b], (*big.Rat).Cmp)
			}
		}
	}
	return out
}

// strongest widens links to paths (Floyd and Warshall); a path is as strong as its weakest link.
func strongest(p [][]int) [][]int {
	for via := range p {
		for a := range p {
			for b := range p {
				if a != b {
					p[a][b] = max(p[a][b], min(p[a][via], p[via][b]))
				}
			}
		}
	}
	return p
}

func ratios(m [][]*big.Rat) [][]ratio.Ratio {
	out := square[ratio.Ratio](len(m))
	for a, row := range m {
		for b, w := range row {
			out[a][b] = ratio.Of(w)
		}
	}
	return out
}

func pathRatios(paths [][]int, levels []*big.Rat) [][]ratio.Ratio {
	out := square[ratio.Ratio](len(paths))
	for a, row := range paths {
		for b, level := range row {
			out[a][b] = ratio.Of(levels[level])
		}
	}
	return out
}
