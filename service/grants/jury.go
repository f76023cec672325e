package grants

import (
	"math/big"
	"slices"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// JuryPart is what the jury's votes gave. Without the jury's quorum, or without a vote above 0, Part
// is 0: what the jury does not decide is matched like the rest.
type JuryPart struct {
	Digest     beacon.Hash    `json:"digest"` // of what projects get in all, as that of matching.md
	None       NoJury         `json:"none,omitempty"`
	Part       funding.Amount `json:"part"`
	Poll       string         `json:"poll"`
	Projects   []JuryProject  `json:"projects"` // that count, by id
	Solidarity funding.Amount `json:"solidarity"`
}

// NoJury says why a poll has no votes for this round. Empty: it was counted, whatever it gave.
type NoJury string

// The values of NoJury.
const (
	JuryAbsent NoJury = "absent" // nobody opened it before gifts ended
	JuryVoid   NoJury = "void"
	JuryForm   NoJury = "form" // not quadratic, no jury in it, or an option that is no project
)

// WithoutJury says that the poll that the manifest names has no votes for this round. Compute then takes
// no result of it.
func (r *Round) WithoutJury(why NoJury) error {
	switch {
	case r.door.Manifest.Jury == nil:
		return refuse(RuleJury, "the manifest names no poll of a jury")
	case why != JuryAbsent && why != JuryVoid && why != JuryForm:
		return refuse(RuleJury, "no votes of a jury for the reason %.20q: want absent, void or form", why)
	}
	r.noJury = why
	return nil
}

// CheckJury says whether a counted poll can have votes for this round: it is quadratic, has a jury, and
// each option is a project that applied. One that it refuses is WithoutJury by JuryForm.
func (r *Round) CheckJury(result *voting.Result) error {
	if r.door.Manifest.Jury == nil || result == nil {
		return refuse(RuleJury, "a result of the jury's poll, in a round whose manifest names one, and only there")
	}
	_, err := r.votes(result)
	return err
}

// JuryProject is one project's row. Votes are the jury's sum for it; below 0 they give nothing.
type JuryProject struct {
	Amount  funding.Amount `json:"amount"`
	Project string         `json:"project"`
	Votes   int64          `json:"votes"`
}

// takeJury takes solidarity and the jury's part from the pool of in, and splits the part by the votes.
func (r *Round) takeJury(in *Inputs, result *voting.Result) (*JuryPart, error) {
	j := r.door.Manifest.Jury
	if (j == nil || r.noJury != "") != (result == nil) {
		return nil, refuse(RuleJury, "a result of the jury's poll, in a round whose manifest names one, and only there")
	}
	if j == nil {
		return nil, nil
	}
	var votes map[string]int64
	if result != nil {
		var err error
		if votes, err = r.votes(result); err != nil {
			return nil, err
		}
	}
	pool := in.Params.Pool.Big()
	solidarity, err := partOf(pool, string(in.Params.Solidarity))
	if err != nil {
		return nil, err
	}
	pool.Sub(pool, solidarity)
	part := &JuryPart{None: r.noJury, Poll: j.Poll, Projects: []JuryProject{}}
	total := new(big.Int)
	for _, id := range in.Projects {
		part.Projects = append(part.Projects, JuryProject{Project: id, Votes: votes[id]})
		total.Add(total, big.NewInt(max(votes[id], 0)))
	}
	share := new(big.Int)
	if total.Sign() > 0 {
		if share, err = partOf(pool, j.Share.String()); err != nil {
			return nil, err
		}
		pool.Sub(pool, share)
		part.split(share, total)
	}
	in.Params.Pool, in.Params.Solidarity = amountOf(pool), ""
	part.Part, part.Solidarity = amountOf(share), amountOf(solidarity)
	return part, nil
}

// votes returns the jury's sums by project, none where its quorum was not met.
func (r *Round) votes(result *voting.Result) (map[string]int64, error) {
	at := slices.IndexFunc(result.Chambers, func(c voting.ChamberCount) bool { return c.ID == voting.Jury })
	if result.Method != voting.Quadratic || at < 0 {
		return nil, refuse(RuleJury, "poll %s: want a quadratic one with a jury, this is %s", r.door.Manifest.Jury.Poll, result.Method)
	}
	votes := map[string]int64{}
	for _, o := range result.Options {
		if r.projects[o.ID] == nil || at >= len(o.Sums) {
			return nil, refuse(RuleJury, "poll %s: option %.40q is no project of this round, or has no sum of the jury", r.door.Manifest.Jury.Poll, o.ID)
		}
		if result.Chambers[at].QuorumMet {
			votes[o.ID] = o.Sums[at]
		}
	}
	return votes, nil
}

// split shares a part in proportion to votes above 0, of which total is the sum, by largest remainder;
// equal remainders: the smaller id first.
func (p *JuryPart) split(part, total *big.Int) {
	left := new(big.Int).Set(part)
	shares, rest, order := make([]*big.Int, len(p.Projects)), make([]*big.Int, len(p.Projects)), make([]int, len(p.Projects))
	for i, x := range p.Projects {
		order[i], shares[i], rest[i] = i, new(big.Int).Mul(part, big.NewInt(max(x.Votes, 0))), new(big.Int)
		shares[i].QuoRem(shares[i], total, rest[i])
		left.Sub(left, shares[i])
	}
	slices.SortStableFunc(order, func(a, b int) int { return rest[b].Cmp(rest[a]) })
	one := big.NewInt(1)
	for i := 0; left.Sign() > 0; i++ { // fewer units are left than remainders are above 0
		shares[order[i]].Add(shares[order[i]], one)
		left.Sub(left, one)
	}
	for i := range p.Projects {
		p.Projects[i].Amount = amountOf(shares[i])
	}
}

// partOf returns ⌊pool · share⌋; an empty share is none.
func partOf(pool *big.Int, share string) (*big.Int, error) {
	if share == "" {
		return new(big.Int), nil
	}
	x, err := ratio.Parse(share)
	if err != nil {
		return nil, refuse(RuleForm, "%v", err)
	}
	n := new(big.Int).Mul(pool, x.Rat().Num())
	return n.Quo(n, x.Rat().Denom()), nil
}

// amountOf writes an integer that is part of an amount as one.
func amountOf(n *big.Int) funding.Amount {
	a, err := funding.ParseAmount(n.String())
	if err != nil {
		panic("part of an amount: " + err.Error()) // 0 ≤ n ≤ a pool of 38 digits
	}
	return a
}
