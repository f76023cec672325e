package voting

import (
	"math/big"

	"kleroterion/service/ratio"
)

// tally is one count under way.
type tally struct {
	*roll
	keys   TieKeys
	weight []*big.Rat // by chamber: of one decisive ballot, effective share / decisive ballots
	result Result
}

// Tally counts the ballots of one poll, each voter's last, in any order. keys decide ties between
// options; yes_no needs none. Errors are *[Refusal]: rules that are not whole, ballots that cannot be one
// poll's. Choices must have been read under r.
func Tally(r *Rules, ballots []Ballot, keys TieKeys) (Result, error) {
	if err := r.Check(); err != nil {
		return Result{}, err
	}
	if keys == nil && r.Method != YesNo {
		return Result{}, refuse("tie_keys", "%s needs the keys that decide ties", r.Method)
	}
	l, err := newRoll(r, ballots)
	if err != nil {
		return Result{}, err
	}
	t := &tally{roll: l, keys: keys}
	t.participation()
	t.effective()
	t.result = Result{Spec: Spec, Method: r.Method, Invalid: l.invalid, Ties: []Tie{}}
	if l.invalid == nil {
		t.result.Invalid = []Invalid{}
	}
	t.decide()
	t.result.Chambers = t.chambers
	return t.result, nil
}

func whole(n int64) ratio.Ratio { return ratio.New(n, 1) }

// part returns n/d, and 0/1 for nothing of nothing.
func part(n, d int64) ratio.Ratio {
	if d == 0 {
		return zero
	}
	return ratio.New(n, d)
}

// decide counts by the method and states the outcome. Whatever can be counted is counted, also when
// a quorum has rejected the poll, so that a reader sees what the votes were.
func (t *tally) decide() {
	switch t.rules.Method {
	case YesNo:
		t.yesNo()
	case Approval, Score, Quadratic:
		t.sums()
	case IRV:
		t.irv()
	case Schulze:
		t.schulze()
	}
}

// elect states the winners, unless the poll is rejected.
func (t *tally) elect(winners []string) {
	out := Outcome{Elected: []string{}, Reason: t.rejected()}
	switch {
	case out.Reason != "":
	case len(winners) == 0:
		out.Reason = NoOption
	default:
		out = Outcome{Elected: winners, Reason: Elected}
	}
	t.result.Outcome = out
}

// combine returns the sum over chambers of n * weight of one ballot.
func (t *tally) combine(n []int64) *big.Rat {
	sum := new(big.Rat)
	for c, w := range t.weight {
		sum.Add(sum, new(big.Rat).Mul(w, new(big.Rat).SetInt64(n[c])))
	}
	return sum
}
