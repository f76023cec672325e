package funding

import (
	"math/big"
	"runtime"
)

// Match shares p.Pool among the projects that contributions name. Neither the order of the slices nor
// the splitting of a donor's gift into several contributions changes anything in the result.
func Match(p Params, contributions []Contribution, weights []Weight) (Result, error) {
	r, err := NewRound(p)
	if err != nil {
		return Result{}, err
	}
	if err := r.fill(contributions, weights); err != nil {
		return Result{}, err
	}
	return r.Match()
}

func (r *Round) fill(contributions []Contribution, weights []Weight) error {
	r.Grow(len(contributions))
	for _, c := range contributions {
		if err := r.Add(c); err != nil {
			return err
		}
	}
	for _, w := range weights {
		if err := r.Weigh(w); err != nil {
			return err
		}
	}
	return nil
}

// Match computes the result of what was added so far. The round may go on afterwards.
func (r *Round) Match() (Result, error) {
	l, err := r.ledger()
	if err != nil {
		return Result{}, err
	}
	columns := l.columns()
	raw := r.params.raw(l, columns)
	return r.params.result(l, columns, raw), nil
}

// unit is the number of binary places of raw matches.
func (p Params) unit() uint {
	if p.Rule == Cluster {
		return clusterBits
	}
	return 2 * rootBits
}

func (p Params) raw(l *ledger, columns []column) []*big.Int {
	switch p.Rule {
	case Pairwise:
		return pairwise(l, p.M, runtime.GOMAXPROCS(0))
	case Cluster:
		return cluster(l, runtime.GOMAXPROCS(0), clusterCache)
	default:
		return quadratic(columns)
	}
}

// pot is what is to be shared among raw, after the solidarity share.
func (p Params) pot(raw []*big.Int) pot {
	x := pot{raw: raw, unit: p.unit(), belowPool: p.MatchBelowPool}
	x.pool = new(big.Int).Sub(p.Pool.Big(), p.Solidarity.of(p.Pool).Big())
	if !p.Cap.IsZero() {
		x.cap = p.Cap.Big()
	}
	return x
}
