package panels

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"kleroterion/randomness/sortition/quota"
)

// Options of [Solve]; the zero value is LEXIMIN with 1,000 panels and the default budget.
type Options struct {
	Method   Method
	Panels   int64          // equal panels, 1 to 1,000,000; 0 is 1,000
	Work     int64          // elementary steps, the same on every machine; 0 is DefaultWork
	Progress func(Progress) // may be nil
}

// DefaultWork is about a minute on one core of a common machine.
const DefaultWork = 10_000_000_000

// ErrInfeasible says that no panel meets the quotas. Package quota says which ones contradict each
// other.
var ErrInfeasible = errors.New("no panel meets the quotas")

// ErrBudget says that the work allowed did not suffice for any lottery at all.
var ErrBudget = errors.New("the budget of work is spent")

// solver holds what the stages of one computation share.
type solver struct {
	meter
	space *space
	n     int64
	pool  []panel // panels found so far, for the membership programme
	known map[string]bool
	gone  []Unseatable

	covered bool       // cover has run
	near    []weighted // the lottery nearest to the point that was last asked for
	equal   []panel    // equal panels that have the point's probabilities, once they are found
	enough  float64    // the share of the lottery that may stay open
}

// Solve computes the lottery and its certificate, and verifies both before it returns them: the error
// is nil only for a result that [Verify] accepts. The same problem and options give the same result on
// every machine. It stops with the context's error soon after that is cancelled.
func Solve(ctx context.Context, p *quota.Problem, o Options) (*Result, error) {
	if o.Method == "" {
		o.Method = Leximin
	}
	if o.Panels == 0 {
		o.Panels = 1000
	}
	if o.Panels < 1 || o.Panels > MaxPanels {
		return nil, fmt.Errorf("a lottery of %d panels: between 1 and %d are possible", o.Panels, MaxPanels)
	}
	if o.Work == 0 {
		o.Work = DefaultWork
	}
	s := &solver{meter: meter{ctx: ctx, left: o.Work, report: o.Progress}, space: newSpace(p), n: o.Panels}
	r, err := s.by(o.Method)
	if err != nil {
		return nil, fmt.Errorf("fair lottery: %w", err)
	}
	s.tell(Progress{Phase: PhaseCheck})
	if _, err := Verify(p, r); err != nil {
		return nil, fmt.Errorf("fair lottery: the result does not pass its own check: %w", err)
	}
	return r, nil
}

func (s *solver) by(method Method) (*Result, error) {
	switch method {
	case Leximin, Maximin, Nash, Goldilocks:
		return s.fairest(method)
	}
	return nil, fmt.Errorf("method %.20q is not known", method)
}

// maxRounds bounds how often the relaxation is made tighter.
const maxRounds = 80

// fairest computes the best point of the relaxation and looks for a lottery that has it. What is learnt on
// the way, types that no panel can seat and cuts, makes the relaxation tighter, and it is done again.
// When the question stays open, the lottery is the fairest that column generation finds.
func (s *solver) fairest(method Method) (*Result, error) {
	s.enough = tiny
	if method == Nash || method == Goldilocks {
		s.enough = 1e-5 // their points are found in floating point, and nothing is claimed of the last digits
	}
	reserve := s.left / 10 * 4
	s.left -= reserve
	var at *point
	var lottery []weighted
	for round := range maxRounds {
		var again bool
		var err error
		if at, err = s.best(method); err != nil {
			return nil, err
		}
		if lottery, again, err = s.attain(at.p, round); err != nil {
			return nil, err
		}
		if !again {
			break
		}
	}
	s.left = max(s.left, 0) + reserve
	if s.equal == nil {
		var err error
		if s.equal, err = s.settle(lottery, at.p, reserve/4*3); err != nil {
			return nil, err
		}
	}
	equal := s.equal
	r := s.result(method, s.space.aims(at.p, equal), at.levels, equal)
	r.Bound = at.bound
	return r, nil
}

// settle makes equal panels of the lottery, or of the fairest that can be had where there is none.
func (s *solver) settle(lottery []weighted, aim []*big.Rat, work int64) ([]panel, error) {
	if lottery == nil {
		var err error
		if lottery, err = s.approximate(work); err != nil {
			return nil, err
		}
		aim = s.space.averageOf(lottery)
	}
	return s.round(lottery, aim)
}

// point is the best point of the relaxation and what proves it.
type point struct {
	p      []*big.Rat
	levels []Level
	bound  *Bound
}

// best is the point that the method prefers in the relaxation.
func (s *solver) best(method Method) (*point, error) {
	l, levels, err := s.climb(s.space)
	if errors.Is(err, errNoPoint) {
		return nil, ErrInfeasible
	}
	if err != nil {
		return nil, err
	}
	at := &point{p: l.probabilities(), levels: levels}
	if method == Leximin {
		return at, nil
	}
	if method == Maximin {
		at.levels = levels[:min(1, len(levels))]
		return at, nil
	}
	zero := make([]bool, len(at.p))
	for t, q := range at.p {
		zero[t] = q.Sign() == 0
	}
	keep := 0 // levels of 0, and the first above
	for keep < len(levels) && levels[keep].Probability.Sign() == 0 {
		keep++
	}
	if keep == len(levels) {
		at.bound = &Bound{Scale: 1, Multipliers: []Multiplier{}}
		return at, nil
	}
	at.levels = levels[:keep+1]
	if method == Nash {
		at.p, at.bound, err = s.nashPoint(s.space, zero)
	} else {
		at.p, at.bound, err = s.goldilocksPoint(s.space, zero, levels[keep].Probability.Rat)
	}
	return at, err
}

// averageOf is the probability of each type in a weighted lottery, on a fine grid.
func (s *space) averageOf(lottery []weighted) []*big.Rat {
	sums, total := make([]float64, len(s.people)), 0.0
	for _, w := range lottery {
		total += w.share
		for t, c := range w.seats {
			sums[t] += float64(w.share * float64(c))
		}
	}
	out := make([]*big.Rat, len(sums))
	const grid = 1 << 40
	for t, v := range sums {
		out[t] = big.NewRat(int64(math.Floor(float64(v/total*grid)+0.5)), grid*s.people[t])
	}
	return out
}

// aims are the probabilities that the equal panels may say they aim at: the bound where everybody of the
// type is within one panel of it, else the type's share of the panels.
func (s *space) aims(bound []*big.Rat, equal []panel) []*big.Rat {
	totals := make([]int64, len(s.people))
	for _, seats := range equal {
		for t, c := range seats {
			totals[t] += int64(c)
		}
	}
	n := int64(len(equal))
	out := slices.Clone(bound)
	for t, total := range totals {
		v := new(big.Rat).Mul(bound[t], new(big.Rat).SetInt64(n))
		low := big.NewRat(total/s.people[t]+1, 1)
		high := big.NewRat((total+s.people[t]-1)/s.people[t]-1, 1)
		if low.Cmp(v) < 0 || high.Cmp(v) > 0 {
			out[t] = big.NewRat(total, n*s.people[t])
		}
	}
	return out
}

// attain looks for a lottery with the probabilities p: by walks, and where they get stuck by the
// membership programme. It asks to start again with a space that has become smaller, and returns
// neither when the question stays open.
func (s *solver) attain(p []*big.Rat, round int) (lottery []weighted, again bool, err error) {
	x := s.space.seatsOf(p)
	if lottery = s.decompose(p, x, round); lottery != nil {
		return lottery, false, s.ctx.Err()
	}
	if len(s.pool) == 0 {
		proof, seats := s.prove(s.space, s.space.wholeBox())
		if proof != nil {
			return nil, false, ErrInfeasible
		}
		if seats == nil {
			return nil, false, ErrBudget
		}
		s.remember(seats)
	}
	if !s.covered {
		changed, _ := s.cover()
		if s.covered = true; changed {
			return nil, true, nil
		}
	}
	m, err := s.newMember(x)
	if err != nil {
		return nil, false, err
	}
	out := m.decide(s.left / 4 * 3)
	if out.weights == nil {
		return out.lottery, false, nil
	}
	if c := s.cutOff(out.weights, x); c != nil {
		s.space.cuts = append(s.space.cuts, *c)
		return nil, true, nil
	}
	return nil, false, nil
}

// openPanels is how many of the equal panels may be left open by the first walk: those are found one by
// one anyway, and the last steps of a walk share out less than a panel each.
const openPanels = 5

// decompose tries walks until one leaves nothing. The first stops earlier if its panels suffice.
func (s *solver) decompose(p []*big.Rat, x []float64, round int) []weighted {
	tries := 4
	if round > 0 {
		tries = 2
	}
	for try := range tries {
		k, err := s.space.newLP()
		if err != nil {
			return nil
		}
		w := newWalk(&s.meter, s.space, k, x, try%2 == 1)
		w.varied = try >= 2
		w.rng = random(try + 11)
		if try == 0 && w.run(openPanels/float64(s.n)) {
			if equal, ok := s.roundStrictly(w.out, p); ok {
				s.equal = equal
				return w.out
			}
		}
		if w.run(s.enough) {
			return w.out
		}
		for _, p := range w.out {
			s.remember(p.seats)
		}
	}
	return nil
}

func (s *solver) result(method Method, p []*big.Rat, levels []Level, equal []panel) *Result {
	r := &Result{V: 1, Method: method, Panels: int64(len(equal)), Levels: levels, Unseatable: []Unseatable{}, Cuts: []Cut{}}
	r.Unseatable = append(r.Unseatable, s.gone...)
	r.Cuts = append(r.Cuts, s.space.cuts...)
	r.Probabilities = make([]Ratio, len(p))
	for t, q := range p {
		r.Probabilities[t] = Ratio{q}
	}
	r.Lottery = []Panel{}
	type run struct {
		seats  panel
		copies int
	}
	var runs []run // neighbours are one, which leaves little to sort
	for _, seats := range equal {
		if n := len(runs); n > 0 && slices.Equal(runs[n-1].seats, seats) {
			runs[n-1].copies++
			continue
		}
		runs = append(runs, run{seats, 1})
	}
	slices.SortFunc(runs, func(a, b run) int { return slices.Compare(b.seats, a.seats) })
	for i, v := range runs {
		if i > 0 && slices.Equal(runs[i-1].seats, v.seats) {
			r.Lottery[len(r.Lottery)-1].Copies += int64(v.copies)
			continue
		}
		r.Lottery = append(r.Lottery, newPanel(v.seats, v.copies))
	}
	return r
}

func newPanel(seats panel, copies int) Panel {
	p := Panel{Copies: int64(copies), Seats: []Seats{}}
	for t, c := range seats {
		if c > 0 {
			p.Seats = append(p.Seats, Seats{Type: t, Count: int64(c)})
		}
	}
	return p
}
