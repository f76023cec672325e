package voting

import (
	"math/big"
	"slices"

	"kleroterion/service/ratio"
)

// runoff is the state of irv: the piles of voices by the best option that each still has.
type runoff struct {
	*tally
	left  []int    // options that are not eliminated, in the order of the rules
	piles [][]held // by option
}

// held is a voice with the place in its ranking that counts now.
type held struct {
	voice *voice
	at    int
}

// irv eliminates the least option until one has more than half of the weight of the ballots that
// still rank an option, or is alone (K-TALLY/1 rule 9).
func (t *tally) irv() {
	if !t.spoken() {
		t.elect(nil)
		return
	}
	r := &runoff{tally: t, piles: make([][]held, len(t.rules.Options))}
	for i := range t.rules.Options {
		r.left = append(r.left, i)
	}
	for i := range t.voices {
		r.put(held{&t.voices[i], 0})
	}
	for {
		winner, done := r.round()
		if done {
			t.elect([]string{t.rules.Options[winner]})
			return
		}
	}
}

// put lays a voice on the pile of its first option from h.at on that is left; without one it is exhausted.
func (r *runoff) put(h held) {
	marks := h.voice.choice.marks
	for h.at < len(marks) && !slices.Contains(r.left, int(marks[h.at].option)) {
		h.at++
	}
	if h.at < len(marks) {
		o := marks[h.at].option
		r.piles[o] = append(r.piles[o], h)
	}
}

// round counts once; it returns the winner, or eliminates an option.
func (r *runoff) round() (winner int, done bool) {
	round := Round{Options: make([]OptionCount, len(r.left))}
	weights, sum := make([]*big.Rat, len(r.left)), new(big.Rat)
	for i, o := range r.left {
		round.Options[i] = r.weigh(o)
		weights[i] = round.Options[i].Score.Rat()
		sum.Add(sum, weights[i])
	}
	round.Continuing = ratio.Of(sum)
	half := new(big.Rat).Mul(sum, big.NewRat(1, 2))
	winner = slices.IndexFunc(weights, func(w *big.Rat) bool { return w.Cmp(half) > 0 || len(weights) == 1 })
	if winner < 0 {
		gone := r.least(weights)
		round.Eliminated = r.rules.Options[gone]
		r.result.Rounds = append(r.result.Rounds, round)
		r.eliminate(gone)
		return 0, false
	}
	r.result.Rounds = append(r.result.Rounds, round)
	return r.left[winner], true
}

func (r *runoff) weigh(option int) OptionCount {
	c := OptionCount{ID: r.rules.Options[option], Sums: make([]int64, len(r.chambers))}
	for _, h := range r.piles[option] {
		c.Sums[h.voice.chamber] += h.voice.voters
	}
	score := ratio.Of(r.combine(c.Sums))
	c.Score = &score
	return c
}

// least returns the option with the least weight; of equals the one with the largest key.
func (r *runoff) least(weights []*big.Rat) int {
	low := slices.MinFunc(weights, (*big.Rat).Cmp)
	var equals []int
	for i, w := range weights {
		if w.Cmp(low) == 0 {
			equals = append(equals, r.left[i])
		}
	}
	if len(equals) == 1 {
		return equals[0]
	}
	keys := r.rank(equals)
	r.result.Ties = append(r.result.Ties, Tie{Rule: TieElimination, Round: int64(len(r.result.Rounds) + 1), Among: keys})
	return slices.Index(r.rules.Options, keys[len(keys)-1].Option)
}

func (r *runoff) eliminate(option int) {
	r.left = slices.DeleteFunc(r.left, func(o int) bool { return o == option })
	pile := r.piles[option]
	r.piles[option] = nil
	for _, h := range pile {
		r.put(h)
	}
}
