package voting_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/randomness/canonical"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

var methods = []voting.Method{voting.YesNo, voting.Approval, voting.Score, voting.IRV, voting.Schulze, voting.Quadratic}

// poll is a random poll: rules and ballots as plain data.
type poll struct {
	rules   *voting.Rules
	ballots []plain
}

func polls(method ...voting.Method) *rapid.Generator[poll] {
	return rapid.Custom(func(t *rapid.T) poll {
		r := drawRules(t, rapid.SampledFrom(method).Draw(t, "method"))
		p := poll{rules: r}
		for _, c := range r.Chambers {
			for i := range rapid.IntRange(0, int(c.Electors)).Draw(t, c.ID+" ballots") {
				p.ballots = append(p.ballots, drawBallot(t, r, c, i))
			}
		}
		for i, n := range rapid.Permutation(sequence(len(p.ballots))).Draw(t, "numbers") {
			p.ballots[i].n = int64(n)
		}
		return p
	})
}

func sequence(n int) (list []int) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

func drawRules(t *rapid.T, m voting.Method) *voting.Rules {
	r := &voting.Rules{Method: m}
	if m != voting.YesNo {
		r.Options, r.Winners = []string{"a", "b", "c", "d", "e"}[:rapid.IntRange(2, 5).Draw(t, "options")], 1
	}
	fraction := func(name string) *ratio.Ratio {
		if rapid.Bool().Draw(t, name+"?") {
			return nil
		}
		f := ratio.New(rapid.Int64Range(1, 6).Draw(t, name), 6)
		return &f
	}
	switch m {
	case voting.YesNo:
		r.Threshold = ratio.New(rapid.Int64Range(1, 5).Draw(t, "threshold"), 6)
		r.Inclusive = rapid.Bool().Draw(t, "inclusive")
	case voting.Approval, voting.Score, voting.Quadratic:
		r.Winners = rapid.Int64Range(1, int64(len(r.Options))).Draw(t, "winners")
	}
	switch m {
	case voting.Approval:
		r.Minimum = fraction("minimum")
	case voting.Score:
		r.MaxScore, r.Minimum = 3, fraction("minimum")
	case voting.Quadratic:
		r.Credits, r.Negative = 20, rapid.Bool().Draw(t, "negative")
	}
	r.Cap = fraction("cap")
	drawChambers(t, r, fraction)
	return r
}

func drawChambers(t *rapid.T, r *voting.Rules, fraction func(string) *ratio.Ratio) {
	rest := int64(20)
	add := func(c voting.Chamber, share int64) {
		rest -= share
		c.Share, c.Electors = ratio.New(share, 20), rapid.Int64Range(0, 7).Draw(t, c.ID+" electors")
		if min := fraction(c.ID + " quorum"); min != nil {
			c.Quorum = &voting.Quorum{Kind: voting.OfTurnout, Min: *min}
			if c.ID != voting.Jury && rapid.Bool().Draw(t, c.ID+" approval") {
				c.Quorum.Kind = voting.OfApproval
			}
		}
		if c.ID == voting.Jury {
			c.Thin = voting.Scale
			if c.Quorum != nil {
				c.Thin = rapid.SampledFrom([]voting.Thin{voting.Scale, voting.Fail, voting.Drop}).Draw(t, "thin")
			}
			if c.Floor = fraction("floor"); c.Floor != nil && c.Quorum != nil && c.Floor.Cmp(c.Quorum.Min) > 0 {
				c.Floor = nil
			}
		}
		r.Chambers = append(r.Chambers, c)
	}
	if rapid.Bool().Draw(t, "jury") {
		add(voting.Chamber{ID: voting.Jury}, rapid.Int64Range(0, 9).Draw(t, "jury share"))
	}
	if rapid.Bool().Draw(t, "founders") {
		add(voting.Chamber{ID: voting.Founders}, rapid.Int64Range(0, 10).Draw(t, "founders share"))
	}
	add(voting.Chamber{ID: voting.Members}, rest)
	r.Chambers = rapid.Permutation(r.Chambers).Draw(t, "chambers")
}

func drawBallot(t *rapid.T, r *voting.Rules, c voting.Chamber, i int) plain {
	p := plain{chamber: c.ID, voter: voter(c.ID, i)}
	switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
	case kind == 0:
		p.invalid = "signature"
	case kind == 1 && r.Method == voting.YesNo:
		p.vote = "abstain"
	case kind == 1:
		p.vote = "blank"
	case kind < 5 && r.Cap != nil:
		p.delegate = voter(voting.Members, rapid.IntRange(0, 3).Draw(t, "delegate"))
	default:
		drawChoice(t, r, &p)
	}
	return p
}

func drawChoice(t *rapid.T, r *voting.Rules, p *plain) {
	switch r.Method {
	case voting.YesNo:
		p.vote = rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "vote")
	case voting.Approval:
		p.approve = []string{}
		for _, o := range r.Options {
			if rapid.Bool().Draw(t, o) {
				p.approve = append(p.approve, o)
			}
		}
	case voting.Score, voting.Quadratic:
		low := int64(1)
		if r.Negative {
			low = -2
		}
		p.table = map[string]int64{}
		for _, o := range r.Options {
			if v := rapid.Int64Range(low, 2).Draw(t, o); v != 0 && rapid.Bool().Draw(t, o+"?") {
				p.table[o] = v
			}
		}
		if len(p.table) == 0 {
			p.table["b"] = 1
		}
	default:
		drawRanking(t, r, p)
	}
}

func drawRanking(t *rapid.T, r *voting.Rules, p *plain) {
	order := rapid.Permutation(r.Options).Draw(t, "ranking")
	for i, o := range order[:rapid.IntRange(1, len(order)).Draw(t, "ranked")] {
		if i > 0 && r.Method == voting.Schulze && rapid.Bool().Draw(t, "equal") {
			last := &p.ranking[len(p.ranking)-1]
			*last = append(*last, o)
			slices.Sort(*last) // the options of generated polls are in the order of their names
			continue
		}
		p.ranking = append(p.ranking, []string{o})
	}
}

// text is the choice of p as a client would write it, nil for an invalid ballot.
func (p plain) text(t testing.TB, m voting.Method) json.RawMessage {
	var v any
	switch {
	case p.raw != "":
		return json.RawMessage(p.raw)
	case p.invalid != "":
		return nil
	case p.delegate != "":
		v = map[string]any{"delegate": p.delegate}
	case p.vote == "blank":
		v = map[string]any{"blank": true}
	case p.vote != "":
		v = map[string]any{"vote": p.vote}
	case m == voting.Approval:
		v = map[string]any{"approve": p.approve}
	case m == voting.Score:
		v = map[string]any{"scores": p.table}
	case m == voting.Quadratic:
		v = map[string]any{"votes": p.table}
	default:
		v = map[string]any{"ranking": p.ranking}
	}
	b, err := canonical.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ballots parses the choices of p, as a poll does: a refused one enters with its code.
func (p poll) parse(t testing.TB) (list []voting.Ballot) {
	for _, b := range p.ballots {
		list = append(list, parseBallot(p.rules, voting.Ballot{Chamber: b.chamber, Voter: b.voter, N: b.n, Invalid: b.invalid}, b.text(t, p.rules.Method)))
	}
	return list
}

func parseBallot(r *voting.Rules, b voting.Ballot, raw []byte) voting.Ballot {
	if b.Invalid != "" {
		return b
	}
	var refusal *voting.Refusal
	var err error
	if b.Choice, err = voting.ParseChoice(r, raw); errors.As(err, &refusal) {
		b.Invalid = refusal.Rule
	}
	return b
}

// reduce keeps of a result what the slow count knows too.
func reduce(r *voting.Rules, res voting.Result) counted {
	c := counted{Valid: map[string]int64{}, Blank: map[string]int64{}, Invalid: map[string]int64{}, Delegated: map[string]int64{}, Yes: map[string]int64{}, No: map[string]int64{},
		Effective: map[string]string{}, Rejects: map[string]string{}, Scores: map[string]string{}, Pairwise: map[string]string{}, Paths: map[string]string{},
		Elected: res.Outcome.Elected, Reason: string(res.Outcome.Reason)}
	for _, h := range res.Chambers {
		c.Valid[h.ID], c.Blank[h.ID], c.Invalid[h.ID], c.Delegated[h.ID], c.Effective[h.ID] = h.Valid, h.Blank, h.Invalid, h.Delegated, h.Effective.String()
		if h.Yes != nil {
			c.Yes[h.ID], c.No[h.ID] = *h.Yes, *h.No
		}
	}
	for _, m := range []map[string]int64{c.Valid, c.Blank, c.Invalid, c.Delegated, c.Yes, c.No} {
		maps.DeleteFunc(m, func(_ string, n int64) bool { return n == 0 })
	}
	for _, i := range res.Invalid {
		c.Rejects[i.Voter] = i.Rule
	}
	if res.Rate != nil {
		c.Rate = res.Rate.String()
	}
	if res.Outcome.Passed != nil {
		c.Passed = *res.Outcome.Passed
	}
	for _, o := range res.Options {
		if o.Score != nil {
			c.Scores[o.ID] = o.Score.String()
		}
	}
	for _, t := range res.Ties {
		var ids []string
		for _, k := range t.Among {
			ids = append(ids, k.Option)
		}
		c.Ties = append(c.Ties, ids)
	}
	reduceRanked(r, res, &c)
	return c
}

func reduceRanked(r *voting.Rules, res voting.Result, c *counted) {
	for _, round := range res.Rounds {
		weights := map[string]string{}
		for _, o := range round.Options {
			weights[o.ID] = o.Score.String()
		}
		c.Weights = append(c.Weights, weights)
		if round.Eliminated != "" {
			c.Eliminated = append(c.Eliminated, round.Eliminated)
		}
	}
	if res.Schulze == nil {
		return
	}
	for i, a := range r.Options {
		for k, b := range r.Options {
			c.Pairwise[a+">"+b], c.Paths[a+">"+b] = res.Schulze.Pairwise[i][k].String(), res.Schulze.Paths[i][k].String()
		}
	}
}
